/*
 * handle.c - the table behind the handles of calls
 *
 * Runs in workers.  Slots are reused last in, first out, so that the table
 * stays as small and warm as the number of calls at once allows.
 */
#include <config.h>

#include "grpc/handle.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"

#define FIRST_SLOTS 64

struct handle_table handle_table;

bool
handle_grow(void)
{
	size_t n = handle_table.n > 0 ? handle_table.n * 2 : FIRST_SLOTS;
	struct handle_slot *slots;

	if (n - 1 > HANDLE_INDEX_MAX)
		return false;
	slots = realloc(handle_table.slots, n * sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = handle_table.n; i < n; i++)
		slots[i] =
		    (struct handle_slot){ .generation = 1, .next_free = i + 1 };
	handle_table.slots = slots;
	handle_table.free = handle_table.n;
	handle_table.n = n;
	return true;
}

/* NULL if there was never such a slot. */
static struct handle_slot *
slot_of(const struct grpcd_call *handle)
{
	uintptr_t index = (uintptr_t)handle & HANDLE_INDEX_MAX;

	return index < handle_table.n ? &handle_table.slots[index] : NULL;
}

struct registry_method *
handle_method(const struct grpcd_call *handle)
{
	struct handle_slot *slot = slot_of(handle);

	return slot && slot->generation ==
			   handle_next_generation((uintptr_t)handle >>
						  HANDLE_INDEX_BITS)
		   ? slot->method
		   : NULL;
}

struct call *
handle_next(size_t *at)
{
	while (*at < handle_table.n) {
		struct call *call = handle_table.slots[(*at)++].call;

		if (call)
			return call;
	}
	return NULL;
}

void
handle_forget(void)
{
	for (size_t i = 0; i < handle_table.n; i++)
		handle_table.slots[i].method = NULL;
}
