/*
 * pool.c - nghttp2's allocator over lists of pieces
 *
 * Runs in workers.  A dozen pieces come and go at every call, so taking one is
 * a handful of instructions: no free list of base's, which clears what it gives
 * and counts.  A head before each piece tells where it goes back to, since
 * nghttp2 does not say how large what it frees was.  Under AddressSanitizer
 * pieces at rest are poisoned.
 */
#include <config.h>

#include "http2/pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/poison.h"

#define POOL_HEAP SIZE_MAX /* no class: from the heap */

struct pool_head {
	size_t class;
	size_t size; /* bytes that follow */
};

struct pool_piece {
	struct pool_head head;
	/* Aligned for any type, as malloc's; it begins with next at rest. */
	_Alignas(max_align_t) struct pool_piece *next;
};

#define POOL_HEAD offsetof(struct pool_piece, next)
#define POOL_LARGEST (POOL_STEP * POOL_CLASSES - POOL_HEAD)

static struct pool_piece *
pool_piece(void *memory)
{
	return (struct pool_piece *)((char *)memory - POOL_HEAD);
}

/* From the heap, for a class or for itself. */
static void *
pool_fresh(size_t class, size_t size)
{
	struct pool_piece *piece;

	if (size > SIZE_MAX - POOL_HEAD)
		return NULL;
	piece = malloc(POOL_HEAD + size);
	if (piece == NULL)
		return NULL;
	piece->head.class = class;
	piece->head.size = size;
	return &piece->next;
}

static void *
pool_malloc(size_t size, void *arg)
{
	struct pool *pool = arg;
	size_t class = (size + POOL_HEAD - 1) / POOL_STEP;
	struct pool_piece *piece;

	if (size == POOL_FRAME && pool->making)
		return pool->frame;
	if (size > POOL_LARGEST)
		return pool_fresh(POOL_HEAP, size);
	piece = pool->classes[class].idle;
	if (piece == NULL)
		return pool_fresh(class, (class + 1) * POOL_STEP - POOL_HEAD);
	unpoison(&piece->next, piece->head.size);
	pool->classes[class].idle = piece->next;
	pool->classes[class].n_idle--;
	return &piece->next;
}

static void
pool_free(void *memory, void *arg)
{
	struct pool *pool = arg;
	struct pool_piece *piece;
	struct pool_class *class;

	if (memory == NULL || memory == pool->frame)
		return;
	piece = pool_piece(memory);
	if (piece->head.class == POOL_HEAP) {
		free(piece);
		return;
	}
	class = &pool->classes[piece->head.class];
	if (class->n_idle >= class->keep) {
		free(piece);
		return;
	}
	piece->next = class->idle;
	class->idle = piece;
	class->n_idle++;
	poison(&piece->next, piece->head.size);
}

static void *
pool_calloc(size_t n, size_t size, void *arg)
{
	void *memory;

	if (size > 0 && n > SIZE_MAX / size)
		return NULL;
	memory = pool_malloc(n * size, arg);
	return memory == NULL ? NULL : memset(memory, 0, n * size);
}

static size_t
pool_size(const struct pool *pool, void *memory)
{
	if (memory == NULL)
		return 0;
	return memory == pool->frame ? POOL_FRAME
				     : pool_piece(memory)->head.size;
}

static void *
pool_realloc(void *memory, size_t size, void *arg)
{
	const struct pool *pool = arg;
	size_t had = pool_size(pool, memory);
	void *moved;

	if (size > 0 && size <= had)
		return memory;
	moved = pool_malloc(size, arg);
	if (moved == NULL || memory == NULL)
		return moved;
	memcpy(moved, memory, had < size ? had : size);
	pool_free(memory, arg);
	return moved;
}

void
pool_init(struct pool *pool)
{
	size_t i;

	memset(pool, 0, sizeof(*pool));
	for (i = 0; i < POOL_CLASSES; i++)
		pool->classes[i].keep = POOL_KEEP / ((i + 1) * POOL_STEP);
	pool->mem = (nghttp2_mem){
		.mem_user_data = pool,
		.malloc = pool_malloc,
		.free = pool_free,
		.calloc = pool_calloc,
		.realloc = pool_realloc,
	};
}

void
pool_fini(struct pool *pool)
{
	struct pool_piece *piece;
	size_t i;

	for (i = 0; i < POOL_CLASSES; i++)
		while ((piece = pool->classes[i].idle) != NULL) {
			unpoison(&piece->next, piece->head.size);
			pool->classes[i].idle = piece->next;
			free(piece);
		}
}

void
pool_frame_taken(struct pool *pool)
{
	if (POISON)
		memset(pool->frame, 0xa5, sizeof(pool->frame));
}
