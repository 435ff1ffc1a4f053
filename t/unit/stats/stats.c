/*
 * stats.c - rows that workers write, totals that outlive them
 */
#include <config.h>

#include "stats/stats.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static struct stats *
new_stats(size_t n_slots, size_t n_rows)
{
	struct stats *stats = stats_new(n_slots, n_rows);

	if (stats == NULL) {
		perror("stats_new");
		exit(99);
	}
	return stats;
}

/* A worker that counts and dies. */
static void
run_worker(struct stats_row *row)
{
	pid_t pid = fork();

	if (pid == 0) {
		STATS_ADD(row, calls_total, 3);
		STATS_ADD(row, connections, 5);
		STATS_SUB(row, connections, 1);
		strcpy(row->method, "/pkg.Svc/Method");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void
test_death(void)
{
	static const struct stats_row zero;
	struct stats *stats = new_stats(2, 3);
	struct stats_row *row;

	for (int i = 0; i < 2; i++) {
		row = stats_take(stats, 1);
		ok(memcmp(row, &zero, sizeof(zero)) == 0, "a new row is zero");
		run_worker(row);
		is_int(3, row->calls_total, "a worker's counter is seen");
		is_int(4, row->connections, "and its gauge");
		is_text("/pkg.Svc/Method", row->method, "and what it ran");
		stats_give(stats, 1, row);
		is_int(0, row->connections, "its gauges end with it");
	}
	is_int(6, stats_totals(stats, 1)->calls_total,
	    "the slot's totals outlive its workers");
	is_int(0, stats_totals(stats, 1)->connections, "gauges have no total");
	is_int(0, stats_totals(stats, 0)->calls_total, "other slots have none");
	stats_free(&stats);
	ok(stats == NULL, "freed means NULL");
	stats_free(&stats);
}

static void
test_rows(void)
{
	struct stats *stats = new_stats(1, 3);
	struct stats_row *rows[3];

	for (int i = 0; i < 3; i++) {
		rows[i] = stats_take(stats, 0);
		is_int(0, (uintptr_t)rows[i] % 64, "on cache lines of its own");
	}
	ok(stats_take(stats, 0) == NULL, "all are taken");
	stats_give(stats, 0, rows[1]);
	ok(stats_take(stats, 0) == rows[1], "but one that was given back");
	ok(stats_take(stats, 0) == NULL, "once");
	stats_free(&stats);
}

static void
test_memory(void)
{
	unsigned char resident[64];
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n = 0;
	struct stats *stats = new_stats(2000, 2000);
	void *start = (void *)(uintptr_t)stats_totals(stats, 0);

	stats_take(stats, 0);
	if (mincore(start, 64 * page, resident) == -1)
		exit(99);
	for (size_t i = 0; i < 64; i++)
		n += resident[i] & 1;
	is_int(0, n, "rows that nobody wrote to take no memory");
	stats_free(&stats);
	ok(stats_new(SIZE_MAX, 2) == NULL, "too many");
	ok(stats_new(1, SIZE_MAX / sizeof(struct stats_row)) == NULL,
	    "nearly too many");
}

int
main(void)
{
	test_death();
	test_rows();
	test_memory();
	return done();
}
