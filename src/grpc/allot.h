/*
 * allot.h - what one call may take: max_call_memory
 *
 * Headers and metadata, messages as they come and unpacked, what the service
 * asks for, and what waits for the client, all together.
 */
#ifndef GRPC_ALLOT_H
#define GRPC_ALLOT_H

#include <stddef.h>

#include "base/arena.h"
#include "grpc/call.h"
#include "grpc/private.h"

/* Bytes that the call may still take. */
static inline size_t
allot_room(const struct call *c)
{
	size_t used = c->arena.used + c->grpc->scratch.used + c->output.held +
		      c->framing.kept.size;

	return used < c->max_memory ? c->max_memory - used : 0;
}

/* An arena of the call, or scratch, with its cap at what the call may take. */
static inline struct arena *
allot_arena(struct call *c, struct arena *arena)
{
	arena->cap = arena->used + allot_room(c);
	return arena;
}

/* The call's arena without a cap, for what other limits keep small. */
struct arena *allot_reserve(struct call *c);

/*
 * For a service, never NULL: until it has heard of the call's end, or until
 * service_leave.  Past the cap the call ends.
 */
void *allot_alloc(struct call *c, size_t size);
void *allot_scratch(struct call *c, size_t size);

/* Gives back what stays until service_leave. */
void allot_leave(struct grpc *g);

/* Gives back what the service had past the cap: it has heard of the end. */
void allot_end(struct call *c);

/* The call ended for its memory, of which the service could not know. */
static inline bool
allot_is_past_cap(const struct call *c)
{
	return c->overflow || c->grpc->overflow;
}

#endif
