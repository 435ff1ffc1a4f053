/*
 * told.c - a table of the newest keys, each with its time
 *
 * Runs in workers.  A cell is one word, so that it is always whole: the key's
 * upper bits, and when it was told.  A newer key takes an older one's cell.
 */
#include <config.h>

#include "stats/told.h"

#include "base/clock.h"

#define TOLD_MINUTE_BITS 24
#define TOLD_MINUTES ((UINT64_C(1) << TOLD_MINUTE_BITS) - 1)
#define TOLD_DAY (24 * 60) /* minutes */

static bool
is_told(uint64_t cell, uint64_t word)
{
	uint64_t since = (word - cell) & TOLD_MINUTES;

	return cell != 0 &&
	       cell >> TOLD_MINUTE_BITS == word >> TOLD_MINUTE_BITS &&
	       since < TOLD_DAY;
}

bool
told_first(struct told *told, uint64_t key, int64_t now_us)
{
	uint64_t minute = (uint64_t)(now_us / CLOCK_SECOND / 60);
	uint64_t word = (key & ~TOLD_MINUTES) | (minute & TOLD_MINUTES);
	uint64_t *cell = &told->cells[key % TOLD_CELLS];
	uint64_t had = __atomic_load_n(cell, __ATOMIC_RELAXED);

	do {
		if (is_told(had, word))
			return false;
	} while (!__atomic_compare_exchange_n(cell, &had, word, false,
	    __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return true;
}
