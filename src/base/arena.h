/*
 * arena.h - memory that goes all at once, with a cap
 *
 * An arena hands out pieces of chunks.  Chunks of the standard size come from
 * a pool that the arenas of a process share, so that a steady load allocates
 * nothing from the heap; larger pieces get a chunk of their own.  arena_reset
 * returns everything; the arena is then as new.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/poison.h"

struct arena_chunk;

#define ARENA_CHUNK 4096 /* bytes of a standard chunk, its head included */
#define ARENA_ALIGN _Alignof(max_align_t)

/* Chunks at rest; at most `keep` of them, the rest goes back to the heap. */
struct arena_pool {
	struct arena_chunk *idle;
	size_t n_idle, keep;
};

struct arena {
	struct arena_pool *pool;
	struct arena_chunk *chunks; /* newest first */
	char *next, *end;           /* free in the newest; always aligned */
	size_t used;                /* bytes of all its chunks */
	size_t cap;
	bool refused; /* a piece, for the cap or for want of memory */
};

void arena_pool_init(struct arena_pool *pool, size_t keep);
/* Frees the chunks at rest.  No arena may still hold any. */
void arena_pool_fini(struct arena_pool *pool);

/* An arena of at most cap bytes.  Takes no memory yet. */
static inline void
arena_init(struct arena *a, struct arena_pool *pool, size_t cap)
{
	*a = (struct arena){ .pool = pool, .cap = cap };
}

/* What the newest chunk has no room for. */
void *arena_alloc_more(struct arena *a, size_t len);

/*
 * len bytes, aligned for any type, not zeroed; NULL past the cap or without
 * memory, which the arena remembers.
 */
static inline void *
arena_alloc(struct arena *a, size_t len)
{
	size_t room = (size_t)(a->end - a->next);
	char *piece = a->next;

	/* Room is a multiple of ARENA_ALIGN; no bytes are rare, too. */
	if (__builtin_expect(len - 1 >= room, 0))
		return arena_alloc_more(a, len);
	a->next += (len + ARENA_ALIGN - 1) & -ARENA_ALIGN;
	unpoison(piece, len);
	return piece;
}
void *arena_zalloc(struct arena *a, size_t len);

/* A copy of len bytes with a zero byte behind them. */
char *arena_copy(struct arena *a, const void *bytes, size_t len);

/* A text; where it returns NULL, args can be used once more. */
char *arena_vprintf(struct arena *a, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Gives all of it back. */
void arena_reset(struct arena *a);

#endif
