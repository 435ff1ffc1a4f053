/*
 * told.h - what was said of whom, so that no worker says it again
 *
 * For log lines that one client can cause for ever, on every worker in turn.
 * Read and written by all workers; a worker that dies leaves nothing undone.
 */
#ifndef STATS_TOLD_H
#define STATS_TOLD_H

#include <stdbool.h>
#include <stdint.h>

#define TOLD_CELLS 4096

/* In shared memory, zeroed. */
struct told {
	uint64_t cells[TOLD_CELLS];
};

/*
 * Is it for the first time today that this is to be said?  key: a random number
 * that stands for what and whom; two may be taken for one.
 */
bool told_first(struct told *told, uint64_t key, int64_t now_us);

#endif
