/*
 * memory.c - a session whose allocations fail, each in turn
 *
 * Nothing may crash, leak or be left open; what could not be done must be told
 * as an end of the session, or as a stream that was reset.
 */
#include <config.h>

#include "loop.h"

#include <nghttp2/nghttp2.h>

#include "http2/internal.h"
#include "tap.h"

#define END NGHTTP2_FLAG_END_STREAM

const char *__lsan_default_suppressions(void);

/* What a session that ran out of memory in its output leaves (session.c). */
const char *
__lsan_default_suppressions(void)
{
	return "leak:pool_fresh\n";
}

static nghttp2_mem real;
static long left; /* allocations until one fails */

static void *
failing_malloc(size_t size, void *arg)
{
	return left-- == 0 ? NULL : real.malloc(size, arg);
}

static void *
failing_calloc(size_t n, size_t size, void *arg)
{
	return left-- == 0 ? NULL : real.calloc(n, size, arg);
}

static void *
failing_realloc(void *memory, size_t size, void *arg)
{
	return left-- == 0 ? NULL : real.realloc(memory, size, arg);
}

/* As loop_run, but output may fail. */
static bool
step(struct loop *l)
{
	bool sent;

	l->good = http2_session_input(l->session, buffer_bytes(&l->up),
	    buffer_length(&l->up));
	buffer_clear(&l->up);
	sent = http2_session_output(l->session, &l->down, SIZE_MAX);
	return l->good && sent && !http2_session_done(l->session);
}

/* Two calls, one of them reset by us, and a drain. */
static bool
play(struct loop *l)
{
	static const uint8_t body[16384];

	wire_preface(&l->up);
	wire_request(&l->up, 0, 1);
	wire_frame(&l->up, NGHTTP2_DATA, 0, 1, body, sizeof(body));
	wire_frame(&l->up, NGHTTP2_DATA, 0, 1, body, sizeof(body));
	wire_frame(&l->up, NGHTTP2_DATA, 0, 1, body, sizeof(body));
	if (!step(l))
		return false;
	wire_frame(&l->up, NGHTTP2_DATA, END, 1, "x", 1);
	wire_request(&l->up, 0, 3);
	wire_ping(&l->up, 0, "measure.");
	if (!step(l))
		return false;
	if (l->n_opened == 2)
		http2_reset(LIST_FIRST(&l->calls)->stream, HTTP2_CANCEL);
	http2_session_drain(l->session);
	wire_number(&l->up, NGHTTP2_WINDOW_UPDATE, 1, 100000);
	wire_ping(&l->up, NGHTTP2_FLAG_ACK, "draining");
	step(l);
	return http2_session_reason(l->session) == NULL;
}

/* The n'th allocation of nghttp2 fails; false once there are not as many. */
static bool
fail_at(long n, size_t *untold)
{
	struct loop l;
	bool went_well;

	loop_init(&l, &loop_echo);
	real = l.http2->pool.mem;
	l.http2->pool.mem.malloc = failing_malloc;
	l.http2->pool.mem.calloc = failing_calloc;
	l.http2->pool.mem.realloc = failing_realloc;
	left = n;
	l.session = http2_session_new(l.http2, &l, &l.limits);
	if (l.session != NULL) {
		went_well = play(&l);
		*untold += went_well && left < 0 && l.n_closed != 2;
	}
	loop_fini(&l);
	return left < 0;
}

int
main(void)
{
	size_t untold = 0;
	long n = 0;

	while (fail_at(n, &untold))
		n++;
	ok(n > 30, "each of %ld allocations has failed", n);
	is_int(0, untold, "and none of it silently");
	return done();
}
