/*
 * arena.c - memory that goes all at once, with a cap
 *
 * Runs in every process; a pool and its arenas belong to one thread.  Under
 * AddressSanitizer all that has not been handed out is poisoned.
 */
#include <config.h>

#include "base/arena.h"

#include <limits.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/poison.h"

struct arena_chunk {
	alignas(max_align_t) struct arena_chunk *next;
	size_t size; /* bytes, the head included */
};

#define ARENA_HEAD sizeof(struct arena_chunk)

static void
chunk_free(struct arena_chunk *chunk)
{
	unpoison(chunk, chunk->size);
	free(chunk);
}

static struct arena_chunk *
chunk_new(size_t size)
{
	struct arena_chunk *chunk = malloc(size);

	if (chunk == NULL)
		return NULL;
	chunk->size = size;
	poison(chunk + 1, size - ARENA_HEAD);
	return chunk;
}

static struct arena_chunk *
pool_take(struct arena_pool *pool)
{
	struct arena_chunk *chunk = pool->idle;

	if (chunk == NULL)
		return chunk_new(ARENA_CHUNK);
	pool->idle = chunk->next;
	pool->n_idle--;
	return chunk;
}

static void
pool_give(struct arena_pool *pool, struct arena_chunk *chunk)
{
	if (chunk->size != ARENA_CHUNK || pool->n_idle >= pool->keep) {
		chunk_free(chunk);
		return;
	}
	poison(chunk + 1, ARENA_CHUNK - ARENA_HEAD);
	chunk->next = pool->idle;
	pool->idle = chunk;
	pool->n_idle++;
}

void
arena_pool_init(struct arena_pool *pool, size_t keep)
{
	*pool = (struct arena_pool){ .keep = keep };
}

void
arena_pool_fini(struct arena_pool *pool)
{
	while (pool->idle != NULL)
		chunk_free(pool_take(pool));
}

/*
 * A chunk for a piece of len bytes: one of the standard size where that is
 * enough and under the cap, else one that just holds it.
 */
static struct arena_chunk *
arena_chunk(const struct arena *a, size_t len)
{
	size_t left = a->cap - a->used;

	if (len <= ARENA_CHUNK - ARENA_HEAD && left >= ARENA_CHUNK)
		return pool_take(a->pool);
	if (left < ARENA_HEAD || len > left - ARENA_HEAD)
		return NULL;
	return chunk_new(ARENA_HEAD + len);
}

/*
 * Adds the chunk, and returns its piece of len bytes.  A full chunk goes behind
 * the newest, which may still have room.
 */
static void *
arena_add(struct arena *a, struct arena_chunk *chunk, size_t len)
{
	char *piece = (char *)(chunk + 1), *end = (char *)chunk + chunk->size;

	a->used += chunk->size;
	if (a->chunks != NULL && (size_t)(end - piece) == len) {
		chunk->next = a->chunks->next;
		a->chunks->next = chunk;
		return piece;
	}
	chunk->next = a->chunks;
	a->chunks = chunk;
	a->next = piece + len;
	a->end = end;
	return piece;
}

void *
arena_alloc_more(struct arena *a, size_t len)
{
	struct arena_chunk *chunk;
	size_t whole;
	void *piece;

	if (len == 0)
		return arena_alloc(a, 1);
	whole = (len + ARENA_ALIGN - 1) & -ARENA_ALIGN;
	chunk = whole < len ? NULL : arena_chunk(a, whole);
	if (chunk == NULL) {
		a->refused = true;
		return NULL;
	}
	piece = arena_add(a, chunk, whole);
	unpoison(piece, len);
	return piece;
}

void *
arena_zalloc(struct arena *a, size_t len)
{
	void *piece = arena_alloc(a, len);

	return piece == NULL ? NULL : memset(piece, 0, len);
}

char *
arena_copy(struct arena *a, const void *bytes, size_t len)
{
	char *copy = len < SIZE_MAX ? arena_alloc(a, len + 1) : NULL;

	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

/*
 * A format of words and %s alone, which most are, at a fifth of the price of
 * vsnprintf.  The length of the text; -1 if there is more to the format or no
 * room.
 */
static __attribute__((format(printf, 3, 0))) int
print_words(char *to, size_t room, const char *fmt, va_list args)
{
	size_t len, n = 0;
	const char *word;

	if (room > INT_MAX)
		room = INT_MAX;
	for (; *fmt != '\0'; n += len) {
		word = fmt;
		if (fmt[0] != '%') {
			fmt = strchrnul(fmt, '%');
			len = (size_t)(fmt - word);
		} else if (fmt[1] == 's') {
			fmt += 2;
			word = va_arg(args, const char *);
			len = word == NULL ? SIZE_MAX : strlen(word);
		} else {
			return -1;
		}
		if (len >= room - n)
			return -1;
		memcpy(to + n, word, len);
	}
	if (n == room)
		return -1;
	to[n] = '\0';
	return (int)n;
}

static __attribute__((noinline, format(printf, 3, 0))) int
print_any(char *to, size_t room, const char *fmt, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(to, room, fmt, again);
	va_end(again);
	return len;
}

/* Written at once where the newest chunk has room, which is nearly always. */
char *
arena_vprintf(struct arena *a, const char *fmt, va_list args)
{
	size_t room = (size_t)(a->end - a->next);
	char *piece = a->next, *text = NULL;
	va_list again;
	int len;

	unpoison(piece, room);
	va_copy(again, args);
	len = print_words(piece, room, fmt, again);
	va_end(again);
	if (len < 0)
		len = print_any(piece, room, fmt, args);
	poison(piece, room);
	if (len >= 0)
		text = arena_alloc(a, (size_t)len + 1);
	if (text != NULL && text != piece)
		vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

void
arena_reset(struct arena *a)
{
	struct arena_chunk *chunk, *next;

	for (chunk = a->chunks; chunk != NULL; chunk = next) {
		next = chunk->next;
		pool_give(a->pool, chunk);
	}
	arena_init(a, a->pool, a->cap);
}
