/*
 * stats.c - counters in memory that all processes of a server share
 *
 * Runs in the master; workers only write to their row.  Which rows are taken
 * stands in the master's own memory, where no worker can spoil it.  A free row
 * is zero, and a page of rows that were never written to takes no memory.
 */
#include <config.h>

#include "stats/stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

_Static_assert(sizeof(struct stats_row) % 64 == 0,
    "rows do not share a cache line");

struct stats {
	size_t n_slots, n_rows, size;
	struct stats_row *totals; /* n_slots; where the mapping begins */
	struct stats_row *rows;   /* n_rows */
	size_t owner[];           /* n_rows: slot + 1, 0 for a free row */
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

struct stats *
stats_new(size_t n_slots, size_t n_rows)
{
	size_t n_all, size;
	struct stats *stats;
	void *memory;

	if (__builtin_add_overflow(n_slots, n_rows, &n_all) ||
	    __builtin_mul_overflow(n_all, sizeof(struct stats_row), &size) ||
	    size > PTRDIFF_MAX) {
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
	stats->totals = memory;
	stats->rows = stats->totals + n_slots;
	return stats;
}

void
stats_free(struct stats **stats)
{
	if (*stats == NULL)
		return;
	munmap((*stats)->totals, (*stats)->size);
	free(*stats);
	*stats = NULL;
}

struct stats_row *
stats_take(struct stats *stats, size_t slot)
{
	ENSURE(slot < stats->n_slots);
	for (size_t i = 0; i < stats->n_rows; i++) {
		if (stats->owner[i] == 0) {
			stats->owner[i] = slot + 1;
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
	stats->owner[i] = 0;
}

const struct stats_row *
stats_totals(const struct stats *stats, size_t slot)
{
	ENSURE(slot < stats->n_slots);
	return &stats->totals[slot];
}
