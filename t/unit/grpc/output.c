/* output.c - what waits for a client that reads slowly */
#include <config.h>

#include "grpc/output.h"

#include <tap.h>

#include "base/arena.h"

static struct arena_pool chunks;
static struct arena arena;
static struct output_pool pool;

static void
add(struct output *o, struct arena *from, char c, size_t len)
{
	memset(output_add(o, &pool, from, len), c, len);
}

static void
check_order(struct arena *from, const char *what)
{
	struct output o = { NULL, NULL, 0, 0 };
	uint8_t got[8192];
	size_t n = 0, m;

	add(&o, from, 'a', 3);
	add(&o, from, 'b', 6000);
	add(&o, from, 'c', 2);
	is_int(6005, o.waiting, "%s: waiting", what);
	while ((m = output_take(&o, &pool, got + n, 7)) > 0)
		n += m;
	is_int(6005, n, "%s: all is taken, 7 bytes at a time", what);
	ok(got[0] == 'a' && got[3] == 'b' && got[6002] == 'b' &&
		got[6003] == 'c',
	    "%s: in order", what);
	is_int(0, o.waiting, "%s: nothing waits", what);
	is_int(0, o.held, "%s: no memory is held", what);
}

static void
check_pool(void)
{
	struct output o = { NULL, NULL, 0, 0 };
	uint8_t got[100];

	for (int i = 0; i < 1000; i++) {
		add(&o, NULL, 'x', 100);
		if (i >= 100)
			output_take(&o, &pool, got, 100);
	}
	is_int(10000, o.waiting, "a window that slides");
	ok(o.held <= 5 * 4096, "holds what waits, not what has gone");
	is_int(1, pool.n_idle, "one block is at rest, the others work");
	output_release(&o, &pool);
	is_int(0, o.waiting + o.held, "released, nothing is left");
	is_int(2, pool.n_idle, "the pool keeps what it may");
}

int
main(void)
{
	arena_pool_init(&chunks, 4);
	arena_init(&arena, &chunks, 1 << 20);
	output_pool_init(&pool, 2);
	check_order(NULL, "pool");
	check_order(&arena, "arena");
	check_pool();
	arena.cap = arena.used;
	ok(output_add(&(struct output){ NULL, NULL, 0, 0 }, &pool, &arena,
	       100000) == NULL,
	    "past the arena's cap");
	arena_reset(&arena);
	arena_pool_fini(&chunks);
	output_pool_fini(&pool);
	return done();
}
