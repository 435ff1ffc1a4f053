/*
 * handle.h - what a service holds of a call
 *
 * A struct grpcd_call * is a number in a pointer's clothes: the index of a slot
 * and that slot's generation.  It is looked up, never followed, so one that is
 * kept too long is recognised, also when another call has the slot by then.
 * One table a process: services run in one thread.
 */
#ifndef GRPC_HANDLE_H
#define GRPC_HANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

struct call;
struct grpcd_call;
struct registry_method;

#if UINTPTR_MAX > UINT32_MAX
#define HANDLE_INDEX_BITS 32
#else
#define HANDLE_INDEX_BITS 20
#endif
#define HANDLE_INDEX_MAX (((uintptr_t)1 << HANDLE_INDEX_BITS) - 1)
#define HANDLE_GENERATION_MAX (UINTPTR_MAX >> HANDLE_INDEX_BITS)

struct handle_slot {
	struct call *call;              /* NULL: free */
	struct registry_method *method; /* of the call before this one */
	uintptr_t generation;           /* 1 to HANDLE_GENERATION_MAX */
	size_t next_free;               /* of a free one */
};

/* For the functions here alone. */
struct handle_table {
	struct handle_slot *slots;
	size_t n;
	size_t free; /* the first free one; n: none */
};
extern struct handle_table handle_table;

/* Adds free slots; false without memory. */
bool handle_grow(void);

/* A handle for the call; NULL without memory. */
static inline struct grpcd_call *
handle_open(struct call *call)
{
	size_t index = handle_table.free;
	struct handle_slot *slot;

	if (index == handle_table.n && !handle_grow())
		return NULL;
	slot = &handle_table.slots[index];
	handle_table.free = slot->next_free;
	slot->call = call;
	return (struct grpcd_call *)(slot->generation << HANDLE_INDEX_BITS |
				     index);
}

static inline uintptr_t
handle_next_generation(uintptr_t generation)
{
	return generation < HANDLE_GENERATION_MAX ? generation + 1 : 1;
}

/* From here on the handle is recognised as one of `method` that has ended. */
static inline void
handle_close(struct grpcd_call *handle, struct registry_method *method)
{
	uintptr_t index = (uintptr_t)handle & HANDLE_INDEX_MAX;
	struct handle_slot *slot = &handle_table.slots[index];

	ENSURE(index < handle_table.n && slot->call);
	slot->call = NULL;
	slot->method = method;
	slot->generation = handle_next_generation(slot->generation);
	slot->next_free = handle_table.free;
	handle_table.free = index;
}

/* NULL for a handle that was closed, or never was one. */
static inline struct call *
handle_find(const struct grpcd_call *handle)
{
	uintptr_t index = (uintptr_t)handle & HANDLE_INDEX_MAX;
	uintptr_t generation = (uintptr_t)handle >> HANDLE_INDEX_BITS;

	if (index >= handle_table.n ||
	    handle_table.slots[index].generation != generation)
		return NULL;
	return handle_table.slots[index].call;
}

/* The method of a handle that was closed; NULL if that is forgotten. */
struct registry_method *handle_method(const struct grpcd_call *handle);

/*
 * Walks over the calls that have a handle: *at is 0 at first; NULL at the end.
 * Calls may be opened and closed meanwhile.
 */
struct call *handle_next(size_t *at);

/* Forgets methods, since their registry is about to go. */
void handle_forget(void);

#endif
