/*
 * pool.c - nghttp2's allocator over free lists
 *
 * Runs in workers.  A head before each piece tells where it goes back to, since
 * nghttp2 does not say how large what it frees was.
 */
#include <config.h>

#include "http2/pool.h"

#include <stdlib.h>
#include <string.h>

/* Keeps what follows aligned for any type, as malloc would. */
struct pool_head {
	_Alignas(max_align_t) size_t size; /* bytes that follow */
	struct freelist *from;             /* NULL: the heap */
};

/* For size bytes and the head; NULL if they are to come from the heap. */
static struct freelist *
pool_class(struct pool *pool, size_t size)
{
	if (size > POOL_CLASSES * POOL_STEP - sizeof(struct pool_head))
		return NULL;
	return &pool->classes[(size + sizeof(struct pool_head) - 1) /
			      POOL_STEP];
}

static void *
pool_malloc(size_t size, void *arg)
{
	struct freelist *from = pool_class(arg, size);
	struct pool_head *head;

	if (from != NULL) {
		head = freelist_take(from);
		size = from->size - sizeof(*head);
	} else if (size <= SIZE_MAX - sizeof(*head)) {
		head = malloc(sizeof(*head) + size);
	} else {
		return NULL;
	}
	if (head == NULL)
		return NULL;
	head->size = size;
	head->from = from;
	return head + 1;
}

static void
pool_free(void *memory, void *arg)
{
	struct pool_head *head = memory;

	(void)arg;
	if (head == NULL)
		return;
	head--;
	if (head->from != NULL)
		freelist_give(head->from, head);
	else
		free(head);
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

static void *
pool_realloc(void *memory, size_t size, void *arg)
{
	size_t had = memory == NULL ? 0 : ((struct pool_head *)memory)[-1].size;
	void *moved;

	if (memory != NULL && size > 0 && size <= had)
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
	size_t i, size;

	for (i = 0; i < POOL_CLASSES; i++) {
		size = (i + 1) * POOL_STEP;
		freelist_init(&pool->classes[i], size, POOL_KEEP / size);
	}
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
	size_t i;

	for (i = 0; i < POOL_CLASSES; i++)
		freelist_fini(&pool->classes[i]);
}
