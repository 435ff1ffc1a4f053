/*
 * stats.c - counters in memory that all processes of a server share
 *
 * Runs in the master; workers only write to their row and table.  Which are
 * taken stands in the master's own memory, where no worker can spoil it.  What
 * is free is zero, and a page that was never written to takes no memory.
 */
#include <config.h>

#include "stats/stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "base/jitter.h"
#include "base/mix.h"
#include "stats/tally.h"
#include "stats/told.h"

_Static_assert(sizeof(struct stats_row) % 64 == 0,
    "rows do not share a cache line");

/* What there is once, at the beginning of the mapping. */
struct common {
	struct told told;
	uint32_t n_tables; /* every taken row is below it */
} __attribute__((aligned(4096)));

struct stats {
	size_t n_slots, n_rows, size;
	uint64_t seed; /* of keys */
	struct common *common;
	struct tally_table *tables; /* n_rows */
	struct stats_row *totals;   /* n_slots */
	struct stats_row *rows;     /* n_rows */
	size_t owner[];             /* n_rows: slot + 1, 0 for a free row */
};

/* A mapping of size zero bytes, with a name in /proc/PID/maps. */
static void *
map_shared(size_t size)
{
	int fd = memfd_create("grpcd-stats", MFD_CLOEXEC), error;
	void *memory = MAP_FAILED;

	if (fd == -1)
		return NULL;
	if (ftruncate(fd, (off_t)size) == 0)
		memory =
		    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	error = errno;
	close(fd);
	errno = error;
	return memory == MAP_FAILED ? NULL : memory;
}

/* Of the mapping; false if it is beyond any memory. */
static bool
size_of(size_t n_slots, size_t n_rows, size_t *ret)
{
	size_t tables, rows, size = sizeof(struct common);

	if (__builtin_mul_overflow(n_rows, sizeof(struct tally_table),
		&tables) ||
	    __builtin_add_overflow(n_slots, n_rows, &rows) ||
	    __builtin_mul_overflow(rows, sizeof(struct stats_row), &rows) ||
	    __builtin_add_overflow(size, tables, &size) ||
	    __builtin_add_overflow(size, rows, &size) || size > PTRDIFF_MAX)
		return false;
	*ret = size;
	return true;
}

struct stats *
stats_new(size_t n_slots, size_t n_rows)
{
	struct stats *stats;
	void *memory;
	size_t size;

	if (!size_of(n_slots, n_rows, &size)) {
		errno = ENOMEM;
		return NULL;
	}
	stats = calloc(1, sizeof(*stats) + n_rows * sizeof(stats->owner[0]));
	if (stats == NULL)
		return NULL;
	memory = map_shared(size);
	if (memory == NULL) {
		free(stats);
		return NULL;
	}
	stats->n_slots = n_slots;
	stats->n_rows = n_rows;
	stats->size = size;
	stats->seed = jitter_number();
	stats->common = memory;
	stats->tables = (struct tally_table *)(stats->common + 1);
	stats->totals = (struct stats_row *)(stats->tables + n_rows);
	stats->rows = stats->totals + n_slots;
	return stats;
}

void
stats_free(struct stats **stats)
{
	if (*stats == NULL)
		return;
	munmap((*stats)->common, (*stats)->size);
	free(*stats);
	*stats = NULL;
}

/* Tells workers how many tables there are to read. */
static void
publish_tables(const struct stats *stats)
{
	size_t n = stats->n_rows;

	while (n > 0 && stats->owner[n - 1] == 0)
		n--;
	__atomic_store_n(&stats->common->n_tables, (uint32_t)n,
	    __ATOMIC_RELAXED);
}

/* Clears a dead worker's table, and gives its pages back. */
static void
clear_table(struct tally_table *table)
{
	if (madvise(table, sizeof(*table), MADV_REMOVE) == -1)
		memset(table, 0, sizeof(*table));
}

struct stats_row *
stats_take(struct stats *stats, size_t slot)
{
	ENSURE(slot < stats->n_slots);
	for (size_t i = 0; i < stats->n_rows; i++) {
		if (stats->owner[i] == 0) {
			stats->owner[i] = slot + 1;
			publish_tables(stats);
			return &stats->rows[i];
		}
	}
	return NULL;
}

void
stats_give(struct stats *stats, size_t slot, struct stats_row *row)
{
	size_t i = (size_t)(row - stats->rows);
	struct stats_row *totals;

	ENSURE(slot < stats->n_slots);
	totals = &stats->totals[slot];
	ENSURE(i < stats->n_rows && stats->owner[i] == slot + 1);
#define COUNTER(name, help) STATS_ADD(totals, name, row->name);
#define GAUGE(name, help)
#include "stats/counters.def"
	memset(row, 0, sizeof(*row));
	clear_table(&stats->tables[i]);
	stats->owner[i] = 0;
	publish_tables(stats);
}

struct tally
stats_tally(const struct stats *stats, const struct stats_row *row)
{
	size_t i = (size_t)(row - stats->rows);

	ENSURE(i < stats->n_rows);
	return (struct tally){
		.own = &stats->tables[i],
		.all = stats->tables,
		.n_all = &stats->common->n_tables,
	};
}

struct told *
stats_told(const struct stats *stats)
{
	return &stats->common->told;
}

uint64_t
stats_key(const struct stats *stats, enum stats_kind kind, uint64_t value)
{
	return mix(mix(value ^ stats->seed) + (uint64_t)kind);
}

const struct stats_row *
stats_totals(const struct stats *stats, size_t slot)
{
	ENSURE(slot < stats->n_slots);
	return &stats->totals[slot];
}
