/*
 * tally.c - a table of counts that one worker writes and all read
 *
 * Runs in workers.  A key may be in any cell of two buckets, a cache line each.
 * A cell is one word, so that it is always whole: the key's upper 40 bits and a
 * count of 24.  The buckets tell 20 bits more.
 */
#include <config.h>

#include "stats/tally.h"

#include <stddef.h>

#include "base/check.h"

#define TALLY_COUNT_BITS 24
#define TALLY_COUNT ((UINT64_C(1) << TALLY_COUNT_BITS) - 1)

/*
 * Workers that hold each other back at a limit try again; one of two is soon
 * first, so this many is more than there will ever be.
 */
#define TALLY_TRIES 64

#define TALLY_WAYS (64 / sizeof(uint64_t))
#define TALLY_PLACES (2 * TALLY_WAYS)
#define TALLY_BUCKETS (TALLY_CELLS / TALLY_WAYS)

_Static_assert(sizeof(struct tally_table) % 4096 == 0,
    "a table's pages are its own");

/* The cells where a key may be, by i below TALLY_PLACES. */
static size_t
place(uint64_t key, size_t i)
{
	uint64_t bucket = key % TALLY_BUCKETS;

	if (i >= TALLY_WAYS)
		bucket += 1 + key / TALLY_BUCKETS % (TALLY_BUCKETS - 1);
	return bucket % TALLY_BUCKETS * TALLY_WAYS + i % TALLY_WAYS;
}

static bool
is_of(uint64_t cell, uint64_t key)
{
	return cell != 0 && cell >> TALLY_COUNT_BITS == key >> TALLY_COUNT_BITS;
}

static void
cell_set(const struct tally *t, size_t at, uint64_t cell)
{
	__atomic_store_n(&t->own->cells[at], cell, __ATOMIC_RELAXED);
}

/* The cell of a key in the own table; TALLY_CELLS: it has none. */
static size_t
find(const struct tally *t, uint64_t key)
{
	for (size_t i = 0; i < TALLY_PLACES; i++)
		if (is_of(t->own->cells[place(key, i)], key))
			return place(key, i);
	return TALLY_CELLS;
}

/* A free one, in the emptier of its buckets, so that both fill up. */
static size_t
find_free(const struct tally *t, uint64_t key)
{
	size_t n[2] = { 0, 0 }, last[2] = { TALLY_CELLS, TALLY_CELLS };

	for (size_t i = 0; i < TALLY_PLACES; i++) {
		size_t bucket = i / TALLY_WAYS, at = place(key, i);

		if (t->own->cells[at] == 0) {
			n[bucket]++;
			last[bucket] = at;
		}
	}
	return n[1] > n[0] ? last[1] : last[0];
}

/* One more of key; false if there is no room to count it. */
static bool
add(const struct tally *t, uint64_t key)
{
	size_t at = find(t, key);
	uint64_t cell;

	if (at != TALLY_CELLS) {
		cell = t->own->cells[at];
		ENSURE((cell & TALLY_COUNT) < TALLY_COUNT);
		cell_set(t, at, cell + 1);
		return true;
	}
	at = find_free(t, key);
	if (at == TALLY_CELLS)
		return false;
	cell_set(t, at, (key & ~TALLY_COUNT) | 1);
	return true;
}

void
tally_give(const struct tally *t, uint64_t key)
{
	size_t at = find(t, key);
	uint64_t cell;

	ENSURE(at != TALLY_CELLS);
	cell = t->own->cells[at] - 1;
	cell_set(t, at, (cell & TALLY_COUNT) == 0 ? 0 : cell);
}

static uint64_t
table_count(const struct tally_table *table, uint64_t key)
{
	uint64_t cell, count = 0;

	for (size_t i = 0; i < TALLY_PLACES; i++) {
		cell = __atomic_load_n(&table->cells[place(key, i)],
		    __ATOMIC_RELAXED);
		if (is_of(cell, key))
			count += cell & TALLY_COUNT;
	}
	return count;
}

uint64_t
tally_sum(const struct tally *t, uint64_t key)
{
	uint32_t n = __atomic_load_n(t->n_all, __ATOMIC_RELAXED);
	uint64_t sum = 0;

	/* What this worker has added must be seen before it looks. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < n; i++)
		sum += table_count(&t->all[i], key);
	return sum;
}

/*
 * Adds first and asks then: of several that add at once, at least the last to
 * ask sees all, so the limit holds.  Who finds it passed takes back what it
 * added and looks again: if it was only passed together with others who did the
 * same, there may be room.  Of all these the last to look sees nobody else's
 * attempt, and takes what is left.
 */
enum tally_result
tally_take(const struct tally *t, uint64_t key, uint64_t limit,
    uint64_t *ret_sum)
{
	for (int i = 0; i < TALLY_TRIES; i++) {
		if (!add(t, key))
			return TALLY_UNSEEN;
		*ret_sum = tally_sum(t, key);
		if (*ret_sum <= limit)
			return TALLY_TAKEN;
		tally_give(t, key);
		if (tally_sum(t, key) >= limit)
			break;
	}
	return TALLY_OVER;
}
