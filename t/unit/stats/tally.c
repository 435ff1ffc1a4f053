/*
 * tally.c - counts by key of several workers, and what a death leaves
 */
#include <config.h>

#include "stats/tally.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mix.h"
#include "stats/stats.h"
#include "tap.h"

#define WORKERS 3

static struct stats *stats;
static struct stats_row *rows[WORKERS];
static struct tally tallies[WORKERS];

/* Counts without a limit; false if there was no room. */
static bool
add(size_t worker, uint64_t key)
{
	uint64_t sum;

	return tally_take(&tallies[worker], key, TALLY_UNLIMITED, &sum) ==
	       TALLY_TAKEN;
}

static void
begin(void)
{
	stats = stats_new(WORKERS, 2 * WORKERS);
	if (stats == NULL) {
		perror("stats_new");
		exit(99);
	}
	for (size_t i = 0; i < WORKERS; i++) {
		rows[i] = stats_take(stats, i);
		tallies[i] = stats_tally(stats, rows[i]);
	}
}

static void
end(void)
{
	for (size_t i = 0; i < WORKERS; i++)
		stats_give(stats, i, rows[i]);
	stats_free(&stats);
}

static void
test_counts(void)
{
	const uint64_t a = stats_key(stats, STATS_NETWORK, 1);
	const uint64_t b = stats_key(stats, STATS_NETWORK, 2);

	is_int(0, tally_sum(&tallies[0], a), "nothing yet");
	for (size_t i = 0; i < WORKERS; i++)
		for (size_t n = 0; n <= i; n++)
			add(i, a);
	add(1, b);
	for (size_t i = 0; i < WORKERS; i++)
		is_int(6, tally_sum(&tallies[i], a), "all see all");
	is_int(1, tally_sum(&tallies[2], b), "another key has its own");
	tally_give(&tallies[2], a);
	tally_give(&tallies[1], b);
	is_int(5, tally_sum(&tallies[0], a), "one less");
	is_int(0, tally_sum(&tallies[0], b), "and none");
	for (int n = 0; n < 2; n++)
		tally_give(&tallies[1], a);
	ok(stats_key(stats, STATS_PINGS, 1) != a, "kinds have their own keys");
}

/* A worker that counts, and is killed for it. */
static void
test_death(void)
{
	const uint64_t key = stats_key(stats, STATS_SERVER, 0);
	pid_t pid = fork();

	if (pid == 0) {
		for (uint64_t i = 0; i < 5000; i++) {
			add(2, key);
			add(2, mix(i));
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	add(0, key);
	is_int(5001, tally_sum(&tallies[0], key), "before a worker's death");
	stats_give(stats, 2, rows[2]);
	is_int(1, tally_sum(&tallies[0], key), "after it");
	rows[2] = stats_take(stats, 2);
	is_int(1, tally_sum(&tallies[2], key), "and for its successor");
	add(2, key);
	is_int(2, tally_sum(&tallies[0], key), "which counts as well");
	tally_give(&tallies[0], key);
	tally_give(&tallies[2], key);
}

static void
test_full(void)
{
	size_t n = 0, wrong = 0;

	while (add(1, mix(n)))
		n++;
	ok(n > 12000, "%zu keys have room", n);
	for (size_t i = 0; i < n; i++)
		wrong += tally_sum(&tallies[0], mix(i)) != 1;
	is_int(0, wrong, "each is counted");
	is_int(0, tally_sum(&tallies[0], mix(n)), "the one too many is not");
	ok(add(1, mix(0)), "one that is there has room");
	tally_give(&tallies[1], mix(0));
	for (size_t i = 0; i < n; i++)
		tally_give(&tallies[1], mix(i));
	for (size_t i = 0; i < TALLY_CELLS; i++)
		wrong += tallies[1].own->cells[i] != 0;
	is_int(0, wrong, "all goes away again");
}

/* Many workers at a limit: none passes it, and it is reached. */
static void
test_limit(void)
{
	const uint64_t key = stats_key(stats, STATS_LISTENER, 7);
	const uint64_t limit = 1000;
	uint64_t sum;
	int status, wrong = 0;
	pid_t pids[WORKERS];

	for (size_t i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (pids[i] != 0)
			continue;
		for (int n = 0; n < 100000; n++) {
			tally_take(&tallies[i], key, limit, &sum);
		}
		_exit(0);
	}
	for (size_t i = 0; i < WORKERS; i++)
		wrong += waitpid(pids[i], &status, 0) != pids[i] || status != 0;
	is_int(0, wrong, "all have tried");
	is_int(limit, tally_sum(&tallies[0], key), "and kept to the limit");
}

/* All want the only one of each key at once: one of them gets it. */
static void
test_last(void)
{
	const uint64_t n = 10000;
	/* How many steps all have taken: they go side by side. */
	const uint64_t at = stats_key(stats, STATS_SERVER, 1);
	uint64_t sum, wrong = 0;
	pid_t pids[WORKERS];

	for (size_t i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (pids[i] != 0)
			continue;
		for (uint64_t key = 0; key < n; key++) {
			add(i, at);
			while (tally_sum(&tallies[i], at) < (key + 1) * WORKERS)
				sched_yield();
			tally_take(&tallies[i], mix(key), 1, &sum);
		}
		_exit(0);
	}
	for (size_t i = 0; i < WORKERS; i++)
		waitpid(pids[i], NULL, 0);
	for (uint64_t key = 0; key < n; key++)
		wrong += tally_sum(&tallies[0], mix(key)) != 1;
	is_int(0, wrong, "neither two have the only one, nor nobody");
	is_int(TALLY_OVER, tally_take(&tallies[0], mix(1), 1, &sum),
	    "it is gone");
	is_int(2, sum, "it would be two");
	is_int(1, tally_sum(&tallies[1], mix(1)),
	    "who was refused is not counted");
}

int
main(void)
{
	begin();
	test_counts();
	test_death();
	test_full();
	test_limit();
	test_last();
	end();
	return done();
}
