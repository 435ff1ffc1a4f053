/*
 * tally.h - how many of something all workers together have, by key
 *
 * Each worker counts in a table of its own in shared memory, and a sum reads
 * everybody's.  So there is no lock and nothing that two may write; when a
 * worker dies the master clears its table, and what it had is gone from the
 * sums.
 */
#ifndef STATS_TALLY_H
#define STATS_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#define TALLY_CELLS 8192

/* All of a worker's counts, of some 6,000 keys.  Zero is an empty one. */
struct tally_table {
	uint64_t cells[TALLY_CELLS];
} __attribute__((aligned(4096)));

/* What a worker sees; from stats_tally. */
struct tally {
	struct tally_table *own;
	const struct tally_table *all;
	const uint32_t
	    *n_all; /* tables in use at most; the master changes it */
};

/*
 * One more of key, in the own table.  key is random (stats_key): two that are
 * alike in 56 bits or more are taken for one.  False: there was no room to
 * count it, and it is not to be taken away.
 */
bool tally_add(const struct tally *t, uint64_t key);

/* One less; there must have been an add that returned true. */
void tally_sub(const struct tally *t, uint64_t key);

/*
 * Those of all workers, which may change meanwhile.  Of several workers that
 * have each added one, at least the last to ask sees all: so whoever adds first
 * and asks then, and takes its own back where the sum is over a limit, lets
 * nobody pass the limit, though near it two at once may both be held back.
 */
uint64_t tally_sum(const struct tally *t, uint64_t key);

#endif
