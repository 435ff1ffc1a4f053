/*
 * output.c - what a call has to say and its client has not read yet
 *
 * Runs in workers.
 */
#include <config.h>

#include "grpc/output.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Bytes that a block of the pool holds; a longer message has its own. */
#define POOLED_BYTES (4096 - sizeof(struct output_block))

struct output_block {
	struct output_block *next;
	size_t start, end, size;
	size_t held; /* as malloc gave it; 0: an arena's */
	uint8_t bytes[];
};

void
output_pool_init(struct output_pool *pool, size_t keep)
{
	*pool = (struct output_pool){ .keep = keep };
}

void
output_pool_fini(struct output_pool *pool)
{
	struct output_block *block;

	while ((block = pool->idle) != NULL) {
		pool->idle = block->next;
		free(block);
	}
	pool->n_idle = 0;
}

static struct output_block *
block_of_pool(struct output_pool *pool, size_t len)
{
	struct output_block *block = pool->idle;
	size_t size = len > POOLED_BYTES ? len : POOLED_BYTES;

	if (block && len <= POOLED_BYTES) {
		pool->idle = block->next;
		pool->n_idle--;
	} else {
		block = malloc(sizeof(*block) + size);
	}
	if (!block)
		return NULL;
	block->size = size;
	block->held = sizeof(*block) + size;
	return block;
}

static struct output_block *
block_of_arena(struct arena *arena, size_t len)
{
	struct output_block *block = arena_alloc(arena, sizeof(*block) + len);

	if (!block)
		return NULL;
	block->size = len;
	block->held = 0;
	return block;
}

static void
block_give(struct output_pool *pool, struct output_block *block)
{
	if (block->size != POOLED_BYTES || pool->n_idle >= pool->keep) {
		free(block);
		return;
	}
	block->next = pool->idle;
	pool->idle = block;
	pool->n_idle++;
}

uint8_t *
output_add(struct output *o, struct output_pool *pool, struct arena *arena,
    size_t len)
{
	struct output_block *block = o->last;
	uint8_t *to;

	if (!block || block->size - block->end < len) {
		block = arena ? block_of_arena(arena, len)
			      : block_of_pool(pool, len);
		if (!block)
			return NULL;
		block->next = NULL;
		block->start = block->end = 0;
		if (o->last)
			o->last->next = block;
		else
			o->first = block;
		o->last = block;
		o->held += block->held;
	}
	to = block->bytes + block->end;
	block->end += len;
	o->waiting += len;
	return to;
}

static void
drop_first(struct output *o, struct output_pool *pool)
{
	struct output_block *block = o->first;

	o->first = block->next;
	if (!o->first)
		o->last = NULL;
	o->held -= block->held;
	if (block->held > 0)
		block_give(pool, block);
}

/* A block and more; the rare one. */
static __attribute__((noinline)) size_t
take_blocks(struct output *o, struct output_pool *pool, uint8_t *to,
    size_t room)
{
	struct output_block *block;
	size_t n, taken = 0;

	while ((block = o->first) != NULL) {
		n = block->end - block->start;
		if (n > room - taken)
			n = room - taken;
		memcpy(to + taken, block->bytes + block->start, n);
		taken += n;
		block->start += n;
		if (block->start < block->end)
			break;
		drop_first(o, pool);
	}
	o->waiting -= taken;
	return taken;
}

/* The one block of a call that answers once goes in one piece. */
size_t
output_take(struct output *o, struct output_pool *pool, uint8_t *to,
    size_t room)
{
	struct output_block *block = o->first;
	size_t n = o->waiting;

	if (!block || block->next || block->held > 0 || n > room)
		return take_blocks(o, pool, to, room);
	memcpy(to, block->bytes + block->start, n);
	*o = (struct output){ NULL, NULL, 0, 0 };
	return n;
}

void
output_release(struct output *o, struct output_pool *pool)
{
	while (o->first)
		drop_first(o, pool);
	o->waiting = 0;
}
