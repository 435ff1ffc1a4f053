/*
 * stats.h - counters in memory that all processes of a server share
 *
 * One mapping, made by the master at start and inherited by fork.  A row a
 * worker (slot x generation), on cache lines of its own: written by one worker,
 * read by any.  A row a slot for the totals of its dead workers: written by the
 * master alone.  Besides them what workers have to know of each other: tally.h
 * and told.h.
 */
#ifndef STATS_STATS_H
#define STATS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTER(name, help) uint64_t name;
#define GAUGE(name, help) uint64_t name;
struct stats_row {
#include "stats/counters.def"
	int64_t heartbeat_us;  /* monotonic, of the worker's last loop turn */
	int64_t state_ends_us; /* monotonic; of a drain's, 0: when it does */
	uint32_t state;        /* enum worker_state */
	char method[64];       /* what it runs, for the line when it dies */
} __attribute__((aligned(64)));

struct stats;
struct tally;
struct told;

/* Rows for n_rows workers at once, totals of n_slots; NULL with errno. */
struct stats *stats_new(size_t n_slots, size_t n_rows);
void stats_free(struct stats **stats);

/* A free row, zeroed, for a new worker of slot; NULL if all are taken. */
struct stats_row *stats_take(struct stats *stats, size_t slot);

/* Adds a dead worker's counters to its slot's totals, and frees the row. */
void stats_give(struct stats *stats, size_t slot, struct stats_row *row);

/* The totals of a slot's dead workers. */
const struct stats_row *stats_totals(const struct stats *stats, size_t slot);

/* What a worker counts by key, and what was said already. */
struct tally stats_tally(const struct stats *stats,
    const struct stats_row *row);
struct told *stats_told(const struct stats *stats);

/* What a key's value is. */
enum stats_kind {
	STATS_SERVER,   /* nothing: there is one */
	STATS_LISTENER, /* a hash of its name */
	STATS_NETWORK,  /* of a client (sock/address.h) */
	STATS_VISITORS, /* of one network at one listener: both, mixed */
	STATS_PINGS     /* a network: told of its PINGs */
};

/* A key that nobody outside can guess. */
uint64_t stats_key(const struct stats *stats, enum stats_kind kind,
    uint64_t value);

/* Adds one to, or takes one from, a field of the process's own row. */
#define STATS_ADD(row, field, n)                                      \
	__atomic_store_n(&(row)->field, (row)->field + (uint64_t)(n), \
	    __ATOMIC_RELAXED)
#define STATS_SUB(row, field, n)                                      \
	__atomic_store_n(&(row)->field, (row)->field - (uint64_t)(n), \
	    __ATOMIC_RELAXED)

#endif
