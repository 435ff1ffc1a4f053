/*
 * memory.c - memory that a config, or the reading of one, owns as a whole
 *
 * Runs wherever a config is read: master, checker, worker.
 */
#include <config.h>

#include "config/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"

struct memory {
	struct arena_pool pool;
	struct arena arena;
};

static void *
memory_must(void *got)
{
	if (got == NULL)
		log_fatal("no memory left to read the configuration");
	return got;
}

struct memory *
memory_new(void)
{
	struct memory *memory = memory_must(calloc(1, sizeof(*memory)));

	arena_pool_init(&memory->pool, 0);
	arena_init(&memory->arena, &memory->pool, SIZE_MAX);
	return memory;
}

void
memory_free(struct memory **memory)
{
	if (*memory == NULL)
		return;
	arena_reset(&(*memory)->arena);
	arena_pool_fini(&(*memory)->pool);
	free(*memory);
	*memory = NULL;
}

void *
memory_alloc(struct memory *memory, size_t len)
{
	return memory_must(arena_zalloc(&memory->arena, len));
}

char *
memory_copy(struct memory *memory, const void *bytes, size_t len)
{
	return memory_must(arena_copy(&memory->arena, bytes, len));
}

char *
memory_printf(struct memory *memory, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = memory_vprintf(memory, fmt, args);
	va_end(args);
	return text;
}

char *
memory_vprintf(struct memory *memory, const char *fmt, va_list args)
{
	return memory_must(arena_vprintf(&memory->arena, fmt, args));
}

void *
memory_grow(struct memory *memory, void *array, size_t n, size_t size)
{
	char *larger;

	/* Room doubles whenever n reaches a power of two. */
	if (n & (n - 1))
		return array;
	larger = memory_alloc(memory, (n == 0 ? 1 : 2 * n) * size);
	if (n > 0)
		memcpy(larger, array, n * size);
	return larger;
}
