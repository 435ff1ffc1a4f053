/*
 * arena.c - pieces, caps and the pool of chunks
 */
#include <config.h>

#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/poison.h"
#include "tap.h"

static struct arena_pool pool;

__attribute__((format(printf, 2, 3))) static char *
print(struct arena *a, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = arena_vprintf(a, fmt, args);
	va_end(args);
	return text;
}

static void
test_pieces(void)
{
	struct arena a;
	bool aligned = true, apart = true;
	char *last = NULL;

	arena_init(&a, &pool, SIZE_MAX);
	is_int(0, a.used, "a new arena takes no memory");
	for (size_t len = 0; len < 600; len++) {
		char *piece = arena_alloc(&a, len);

		memset(piece, 0xaa, len);
		aligned &= (uintptr_t)piece % _Alignof(max_align_t) == 0;
		apart &= piece != last;
		last = piece;
	}
	ok(aligned, "every piece is aligned for any type");
	ok(apart, "every piece is another");
	is_text("ab", arena_copy(&a, "abc", 2), "a copy ends in a zero byte");
	is_text("", arena_copy(&a, NULL, 0), "a copy of nothing");
	ok(arena_alloc(&a, SIZE_MAX) == NULL, "no piece larger than memory");
	ok(arena_alloc(&a, SIZE_MAX - 40) == NULL, "nor nearly as large");
	ok(arena_copy(&a, "", SIZE_MAX) == NULL, "nor a copy");
	arena_reset(&a);
	is_int(0, a.used, "reset gives all of it back");
}

/* Formats of words alone are not left to vsnprintf, and must do the same. */
static void
test_printed(void)
{
	struct arena a;
	char word[ARENA_CHUNK], *end = word + sizeof(word) - 1;
	const char *volatile none = NULL;

	arena_init(&a, &pool, SIZE_MAX);
	is_text("first", print(&a, "%s", "first"), "a word in a new arena");
	is_text("Hello you, and me.",
	    print(&a, "Hello %s, and %s.", "you", "me"), "words among words");
	is_text("", print(&a, "%s%s", "", ""), "nothing");
	is_text("plain", print(&a, "plain"), "a format of text alone");
	is_text("n = 7, s", print(&a, "n = %d, %s", 7, "s"), "a number");
	is_text("s, n = 7%", print(&a, "%s, n = %d%%", "s", 7), "later on");
	is_text("    s", print(&a, "%5s", "s"), "a width");
	is_text("(null)", print(&a, "%s", none), "no text");
	memset(word, 'w', sizeof(word));
	*end = '\0';
	for (size_t i = 0; i < 3; i++) {
		size_t len;

		arena_reset(&a);
		memset(arena_alloc(&a, 1), 'b', 1);
		len = (size_t)(a.end - a.next) - 2 + i;
		is_int(len, strlen(print(&a, "%.0s%s", "", end - len)),
		    "by vsnprintf, %zu bytes less than there is room", 2 - i);
		arena_reset(&a);
		memset(arena_alloc(&a, 1), 'b', 1);
		is_int(len, strlen(print(&a, "%s", end - len)), "or without");
	}
	arena_reset(&a);
}

static void
test_zeroed(void)
{
	static const char zeros[100];
	struct arena a;

	arena_init(&a, &pool, SIZE_MAX);
	memset(arena_alloc(&a, 100), 0xff, 100);
	arena_reset(&a);
	ok(memcmp(zeros, arena_zalloc(&a, 100), 100) == 0,
	    "zalloc zeroes what was used before");
	arena_reset(&a);
}

static void
test_cap(void)
{
	struct arena a;

	arena_init(&a, &pool, ARENA_CHUNK);
	ok(arena_alloc(&a, ARENA_CHUNK) == NULL, "no piece beyond the cap");
	ok(arena_alloc(&a, 1000) != NULL, "a piece under it");
	ok(arena_alloc(&a, 3000) != NULL, "what is left of the chunk");
	ok(arena_alloc(&a, 1000) == NULL, "no second chunk");
	is_int(ARENA_CHUNK, a.used, "used never passes the cap");
	ok(a.refused, "an arena remembers that it refused");
	arena_reset(&a);
	ok(!a.refused, "until it is reset");

	arena_init(&a, &pool, 6000);
	ok(arena_alloc(&a, 4000) && arena_alloc(&a, 1800),
	    "the rest of a cap that holds no second standard chunk");
	ok(arena_alloc(&a, 1800) == NULL && a.used <= 6000, "but no more");
	arena_reset(&a);

	arena_init(&a, &pool, 10);
	ok(arena_alloc(&a, 1) == NULL, "a cap below any chunk");
	arena_reset(&a);
}

static void
test_large(void)
{
	struct arena a;
	char *small, *large, *next;

	arena_init(&a, &pool, SIZE_MAX);
	small = arena_alloc(&a, 16);
	large = arena_alloc(&a, 100000);
	memset(large, 1, 100000);
	next = arena_alloc(&a, 16);
	ok(next == small + 16, "a large piece leaves the newest chunk in use");
	arena_reset(&a);
	is_int(1, pool.n_idle, "only standard chunks rest in the pool");
}

static void
test_pool(void)
{
	struct arena_pool two;
	struct arena a;
	void *first;

	arena_pool_init(&two, 2);
	arena_init(&a, &two, SIZE_MAX);
	for (int i = 0; i < 5; i++)
		arena_alloc(&a, 4000);
	arena_reset(&a);
	is_int(2, two.n_idle, "a pool keeps as many chunks as it was told");
	first = arena_alloc(&a, 4000);
	is_int(1, two.n_idle, "and hands them out again");
#ifdef POISON_ASAN
	ok(!__asan_address_is_poisoned((char *)first + 3999) &&
		__asan_address_is_poisoned((char *)first + 4000),
	    "just the piece may be touched");
#else
	ok(first != NULL, "as a piece");
#endif
	arena_reset(&a);
	arena_pool_fini(&two);
	is_int(0, two.n_idle, "fini frees them");
}

int
main(void)
{
	arena_pool_init(&pool, 1);
	test_pieces();
	test_printed();
	test_zeroed();
	test_cap();
	test_large();
	test_pool();
	arena_pool_fini(&pool);
	return done();
}
