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

#if UINTPTR_MAX > UINT32_MAX
#define INDEX_BITS 32
#else
#define INDEX_BITS 20
#endif
#define INDEX_MAX (((uintptr_t)1 << INDEX_BITS) - 1)
#define GENERATION_MAX (UINTPTR_MAX >> INDEX_BITS)
#define FIRST_SLOTS 64

struct slot {
	struct call *call;              /* NULL: free */
	struct registry_method *method; /* of the call before this one */
	uintptr_t generation;           /* 1 to GENERATION_MAX */
	size_t next_free;               /* of a free one */
};

static struct {
	struct slot *slots;
	size_t n;
	size_t free; /* the first free one; n: none */
} table;

static uintptr_t
next_generation(uintptr_t generation)
{
	return generation < GENERATION_MAX ? generation + 1 : 1;
}

static bool
table_grow(void)
{
	size_t n = table.n > 0 ? table.n * 2 : FIRST_SLOTS;
	struct slot *slots;

	if (n - 1 > INDEX_MAX)
		return false;
	slots = realloc(table.slots, n * sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = table.n; i < n; i++)
		slots[i] = (struct slot){ .generation = 1, .next_free = i + 1 };
	table.slots = slots;
	table.free = table.n;
	table.n = n;
	return true;
}

/* NULL if there was never such a slot. */
static struct slot *
slot_of(const struct grpcd_call *handle)
{
	uintptr_t index = (uintptr_t)handle & INDEX_MAX;

	return index < table.n ? &table.slots[index] : NULL;
}

struct grpcd_call *
handle_open(struct call *call)
{
	size_t index;
	struct slot *slot;

	if (table.free == table.n && !table_grow())
		return NULL;
	index = table.free;
	slot = &table.slots[index];
	table.free = slot->next_free;
	slot->call = call;
	return (struct grpcd_call *)(slot->generation << INDEX_BITS | index);
}

void
handle_close(struct grpcd_call *handle, struct registry_method *method)
{
	struct slot *slot = slot_of(handle);

	ENSURE(slot && slot->call);
	slot->call = NULL;
	slot->method = method;
	slot->generation = next_generation(slot->generation);
	slot->next_free = table.free;
	table.free = (size_t)(slot - table.slots);
}

struct call *
handle_find(const struct grpcd_call *handle)
{
	struct slot *slot = slot_of(handle);

	return slot && slot->generation == (uintptr_t)handle >> INDEX_BITS
		   ? slot->call
		   : NULL;
}

struct registry_method *
handle_method(const struct grpcd_call *handle)
{
	struct slot *slot = slot_of(handle);

	return slot && slot->generation ==
			   next_generation((uintptr_t)handle >> INDEX_BITS)
		   ? slot->method
		   : NULL;
}

struct call *
handle_next(size_t *at)
{
	while (*at < table.n) {
		struct call *call = table.slots[(*at)++].call;

		if (call)
			return call;
	}
	return NULL;
}

void
handle_forget(void)
{
	for (size_t i = 0; i < table.n; i++)
		table.slots[i].method = NULL;
}
