/*
 * allot.c - what one call may take
 *
 * Runs in workers.  A service that asks for too much, perhaps because a client
 * made it, need not look for NULL: the call ends, and the bytes come from a
 * mapping of their own that takes memory only where it is written to.
 */
#include <config.h>

#include "grpc/allot.h"

#include <stdint.h>
#include <sys/mman.h>

#include "base/check.h"
#include "grpc/retry.h"

struct allot_overflow {
	struct allot_overflow *next;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

struct arena *
allot_reserve(struct call *c)
{
	c->arena.cap = SIZE_MAX;
	return &c->arena;
}

static void *
overflow_alloc(struct allot_overflow **list, size_t size)
{
	struct allot_overflow *o = MAP_FAILED;

	if (size <= SIZE_MAX / 2)
		o = mmap(NULL, sizeof(*o) + size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	/* More than the address space holds: a bug of the service. */
	ENSURE(o != MAP_FAILED);
	o->size = sizeof(*o) + size;
	o->next = *list;
	*list = o;
	return o->bytes;
}

static void
overflow_free(struct allot_overflow **list)
{
	struct allot_overflow *o;

	while ((o = *list) != NULL) {
		*list = o->next;
		munmap(o, o->size);
	}
}

/* Of one of the two arenas, or else the call ends. */
static void *
alloc_of(struct call *c, struct arena *arena, struct allot_overflow **overflow,
    size_t size)
{
	void *p = arena_alloc(allot_arena(c, arena), size);

	if (p)
		return p;
	if (c->state == CALL_OPEN)
		retry_never(c,
		    "%zu more bytes of memory exceed max_call_memory %zu", size,
		    c->max_memory);
	return overflow_alloc(overflow, size);
}

void *
allot_alloc(struct call *c, size_t size)
{
	return alloc_of(c, &c->arena, &c->overflow, size);
}

void *
allot_scratch(struct call *c, size_t size)
{
	return alloc_of(c, &c->grpc->scratch, &c->grpc->overflow, size);
}

void
allot_leave(struct grpc *g)
{
	if (g->scratch.used > 0)
		arena_reset(&g->scratch);
	overflow_free(&g->overflow);
}

void
allot_end(struct call *c)
{
	overflow_free(&c->overflow);
}
