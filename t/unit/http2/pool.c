/*
 * pool.c - pieces of every size keep their bytes, and come back
 */
#include <config.h>

#include "http2/pool.h"

#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

#define PIECES 300

static size_t
rest(const struct pool *p)
{
	size_t i, n = 0;

	for (i = 0; i < POOL_CLASSES; i++)
		n += p->classes[i].n_idle * (i + 1) * POOL_STEP;
	return n;
}

static void
test_sizes(void)
{
	unsigned char *piece[PIECES];
	size_t i, j, wrong = 0, crooked = 0;
	struct pool p;
	nghttp2_mem *m = &p.mem;

	pool_init(&p);
	for (i = 0; i < PIECES; i++) {
		piece[i] = m->malloc(i * 7, m->mem_user_data);
		crooked += (uintptr_t)piece[i] % _Alignof(max_align_t) != 0;
		memset(piece[i], (int)i, i * 7);
	}
	for (i = 0; i < PIECES; i++)
		for (j = 0; j < i * 7; j++)
			wrong += piece[i][j] != (unsigned char)i;
	is_int(0, wrong, "pieces do not overlap");
	is_int(0, crooked, "and are aligned");
	for (i = 0; i < PIECES; i++)
		m->free(piece[i], m->mem_user_data);
	m->free(NULL, m->mem_user_data);
	ok(rest(&p) > 0, "small ones are kept");
	pool_fini(&p);
}

static void
test_reuse(void)
{
	struct pool p;
	nghttp2_mem *m = &p.mem;
	unsigned char *a, *b;
	size_t i, wrong = 0;

	pool_init(&p);
	a = m->malloc(100, m->mem_user_data);
	memset(a, 0xff, 100);
	m->free(a, m->mem_user_data);
	b = m->calloc(10, 10, m->mem_user_data);
	ok(a == b, "what comes back is given again");
	for (i = 0; i < 100; i++)
		wrong += b[i] != 0;
	is_int(0, wrong, "calloc's is zero");
	m->free(b, m->mem_user_data);
	ok(m->calloc(SIZE_MAX, 2, m->mem_user_data) == NULL, "no overflow");
	ok(m->malloc(SIZE_MAX, m->mem_user_data) == NULL, "nor here");
	pool_fini(&p);
}

static void
test_realloc(void)
{
	struct pool p;
	nghttp2_mem *m = &p.mem;
	unsigned char *a = NULL;
	size_t size, i, wrong = 0;

	pool_init(&p);
	for (size = 1; size < 20000; size = size * 3 + 1) {
		a = m->realloc(a, size, m->mem_user_data);
		memset(a + size / 3, (int)size, size - size / 3);
		for (i = 0; i < size / 3; i++)
			wrong += a[i] == (unsigned char)size;
	}
	a = m->realloc(a, 10, m->mem_user_data);
	is_int(0, wrong, "a piece keeps its bytes as it grows");
	m->free(a, m->mem_user_data);
	pool_fini(&p);
}

static void
test_frame(void)
{
	struct pool p;
	nghttp2_mem *m = &p.mem;
	unsigned char *a, *b, *c;

	pool_init(&p);
	p.making = true;
	a = m->realloc(NULL, POOL_FRAME, m->mem_user_data);
	b = m->malloc(POOL_FRAME, m->mem_user_data);
	p.making = false;
	ok(a == b, "sessions are made with one buffer for frames");
	is_int(0, (uintptr_t)a % _Alignof(max_align_t), "which is aligned");
	c = m->malloc(POOL_FRAME, m->mem_user_data);
	ok(c != a, "what they take later is their own");
	m->free(c, m->mem_user_data);
	memset(a, 1, POOL_FRAME);
	c = m->realloc(b, POOL_FRAME + 1, m->mem_user_data);
	ok(c != a && c[POOL_FRAME - 1] == 1, "and so is a larger one");
	m->free(a, m->mem_user_data);
	m->free(c, m->mem_user_data);
	pool_fini(&p);
}

static void
test_bound(void)
{
	static void *piece[20000];
	struct pool p;
	nghttp2_mem *m = &p.mem;
	size_t i;

	pool_init(&p);
	for (i = 0; i < 20000; i++)
		piece[i] = m->malloc(200, m->mem_user_data);
	for (i = 0; i < 20000; i++)
		m->free(piece[i], m->mem_user_data);
	ok(rest(&p) <= POOL_KEEP, "what a burst took is given back");
	ok(rest(&p) > POOL_KEEP / 2, "but not all of it");
	pool_fini(&p);
}

int
main(void)
{
	test_sizes();
	test_reuse();
	test_realloc();
	test_frame();
	test_bound();
	return done();
}
