/*
 * memory.c - memory that a config, or the reading of one, owns as a whole
 *
 * Runs wherever a config is read: master, checker, worker.
 */
#include <config.h>

#include "config/memory.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "base/log.h"

/* The head of a mapping that holds a secret. */
struct secret {
	struct secret *next;
	size_t size; /* of the mapping */
	max_align_t bytes[];
};

struct memory {
	struct arena_pool pool;
	struct arena arena;
	struct secret *secrets;
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

void *
memory_secret(struct memory *memory, size_t len)
{
	size_t size = sizeof(struct secret) + len;
	struct secret *secret = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memory_must(secret == MAP_FAILED ? NULL : secret);
	/* RLIMIT_MEMLOCK may forbid the lock: then the swap may have it. */
	(void)mlock(secret, size);
	(void)madvise(secret, size, MADV_DONTDUMP);
	*secret = (struct secret){ memory->secrets, size };
	memory->secrets = secret;
	return secret->bytes;
}

void
memory_forget_secrets(struct memory *memory)
{
	for (struct secret *s = memory->secrets; s != NULL; s = s->next)
		explicit_bzero(s->bytes, s->size - sizeof(*s));
}

static void
free_secrets(struct memory *memory)
{
	struct secret *next;

	memory_forget_secrets(memory);
	for (struct secret *s = memory->secrets; s != NULL; s = next) {
		next = s->next;
		munmap(s, s->size);
	}
}

void
memory_free(struct memory **memory)
{
	if (*memory == NULL)
		return;
	free_secrets(*memory);
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
