/*
 * age.c - connections that are idle, or old
 */
#include <config.h>

#include "loop.h"

#include <nghttp2/nghttp2.h>

#include "base/clock.h"
#include "tap.h"

#define END NGHTTP2_FLAG_END_STREAM
#define MINUTE (60 * CLOCK_SECOND)

static unsigned n_expired;

/* Answers a call whose time is over, as grpc does. */
static void
answer_expired(struct loop_call *call, const char *why)
{
	static const struct http2_field fields[] = {
		HTTP2_FIELD(":status", "200"),
		HTTP2_FIELD("grpc-status", "14"),
	};

	(void)why;
	n_expired++;
	http2_respond(call->stream, fields, 2, true);
}

static const struct loop_script hold = { .expired = answer_expired };

static void
begin(struct loop *l, const struct loop_script *script)
{
	loop_init(l, script);
	l->limits.keepalive_time = 0;
}

/* Drains to the end, for that reason: the PING of the GOAWAY is answered. */
static void
pong(struct loop *l, const char *why)
{
	struct wire_frame f = { 0 };
	char opaque[8];

	loop_run(l);
	ok(loop_expect(l, NGHTTP2_GOAWAY, 0, &f), "GOAWAY");
	is_int(0x7fffffff, wire_u32(&f, 0), "that refuses nothing");
	ok(wire_tells(&f, why), "and tells why");
	ok(loop_expect(l, NGHTTP2_PING, 0, &f), "PING");
	memcpy(opaque, f.payload, 8);
	wire_ping(&l->up, NGHTTP2_FLAG_ACK, opaque);
	loop_run(l);
	ok(loop_expect(l, NGHTTP2_GOAWAY, 0, &f), "GOAWAY");
	ok(wire_tells(&f, why), "and tells why again");
}

static void
test_idle(void)
{
	struct loop l;

	begin(&l, &loop_echo);
	l.limits.max_connection_idle = 60000;
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	loop_run(&l);
	buffer_clear(&l.down);
	is_int(CLOCK_NEVER, http2_session_due(l.session), "a call is open");
	loop_wait(&l, 2 * MINUTE);
	wire_frame(&l.up, NGHTTP2_DATA, END, 1, "x", 1);
	loop_run(&l);
	buffer_clear(&l.down);
	loop_wait(&l, MINUTE - 1);
	loop_run(&l);
	is_int(0, loop_count(&l, NGHTTP2_GOAWAY), "idle, but not long enough");
	loop_wait(&l, 1);
	pong(&l, "max_connection_idle 1m is over");
	ok(http2_session_done(l.session), "then it is done");
	loop_fini(&l);
}

/* A watch keeps nothing alive, and is ended with the connection. */
static void
test_discounted(void)
{
	struct loop l;

	begin(&l, &hold);
	l.limits.max_connection_idle = 60000;
	loop_open(&l);
	wire_request(&l.up, END, 1);
	loop_run(&l);
	http2_discount(LIST_FIRST(&l.calls)->stream);
	http2_discount(LIST_FIRST(&l.calls)->stream);
	buffer_clear(&l.down);
	n_expired = 0;
	loop_wait(&l, MINUTE);
	pong(&l, "max_connection_idle 1m is over");
	is_int(0, n_expired, "the watch is there");
	ok(!http2_session_done(l.session), "the session, too");
	loop_wait(&l, 0);
	is_int(1, n_expired, "then it has to go");
	loop_wait(&l, 0);
	is_int(1, n_expired, "once");
	loop_run(&l);
	ok(http2_session_done(l.session), "done");
	loop_fini(&l);
}

static void
test_old(void)
{
	struct loop l;
	int64_t due;

	begin(&l, &hold);
	l.limits.max_connection_age = 60000;
	l.limits.max_connection_age_grace = 10000;
	loop_open(&l);
	due = http2_session_due(l.session) - l.now_us;
	ok(due >= MINUTE / 10 * 9 && due <= MINUTE / 10 * 11,
	    "old after a minute, 10 %% more or less");
	wire_request(&l.up, 0, 1);
	loop_run(&l);
	buffer_clear(&l.down);
	n_expired = 0;
	loop_wait(&l, due);
	pong(&l, "max_connection_age 1m is over");
	loop_wait(&l, 10 * CLOCK_SECOND - 1);
	is_int(0, n_expired, "its calls have a grace");
	loop_wait(&l, 1);
	is_int(1, n_expired, "then they are ended");
	loop_run(&l);
	is_int(1, loop_count(&l, NGHTTP2_HEADERS), "with an answer");
	ok(http2_session_done(l.session), "done");
	loop_fini(&l);
}

static void
test_off(void)
{
	struct loop l;

	begin(&l, &hold);
	loop_open(&l);
	loop_run(&l);
	is_int(CLOCK_NEVER, http2_session_due(l.session), "by default: never");
	loop_fini(&l);

	begin(&l, &hold);
	l.limits.max_connection_age = 1000;
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	loop_run(&l);
	buffer_clear(&l.down);
	loop_wait(&l, 2 * CLOCK_SECOND);
	pong(&l, "max_connection_age 1s is over");
	is_int(CLOCK_NEVER, http2_session_due(l.session), "any grace");
	loop_fini(&l);
}

int
main(void)
{
	test_idle();
	test_discounted();
	test_old();
	test_off();
	return done();
}
