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

#define TALLY_CELLS 16384

/* All of a worker's counts, of some 12,000 keys.  Zero is an empty one. */
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

/* For tally_take. */
#define TALLY_UNLIMITED UINT64_MAX

enum tally_result {
	TALLY_TAKEN,
	TALLY_OVER,  /* it would be more than the limit */
	TALLY_UNSEEN /* no room to count it: there is nothing to give back */
};

/*
 * One more of key, in the own table, unless all workers together would have
 * more than limit.  ret_sum: how many there are, or would be.  key is random
 * (stats_key): two that are alike in 56 bits or more are taken for one.
 *
 * Where several workers ask at once for the last of the limit, none passes it
 * and one of them gets it.
 */
enum tally_result tally_take(const struct tally *t, uint64_t key,
    uint64_t limit, uint64_t *ret_sum);

/* One less; it must have been TALLY_TAKEN. */
void tally_give(const struct tally *t, uint64_t key);

/* Those of all workers, which may change meanwhile. */
uint64_t tally_sum(const struct tally *t, uint64_t key);

#endif
