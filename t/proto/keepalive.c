/*
 * keepalive.c - PINGs both ways, and what they end
 */
#include <config.h>

#include "loop.h"

#include <nghttp2/nghttp2.h>
#include <string.h>

#include "base/clock.h"
#include "tap.h"

#define END NGHTTP2_FLAG_END_STREAM
#define MINUTE (60 * CLOCK_SECOND)

/* A session with a call open. */
static void
begin(struct loop *l, const struct loop_script *script)
{
	loop_init(l, script);
	l->limits.keepalive_time = 60000;
	loop_open(l);
	wire_request(&l->up, 0, 1);
	loop_run(l);
	buffer_clear(&l->down);
}

static void
test_answered(void)
{
	struct wire_frame f = { 0 };
	struct loop l;
	char opaque[8];

	begin(&l, &loop_hold);
	for (int i = 0; i < 3; i++) {
		loop_wait(&l, MINUTE);
		loop_run(&l);
		ok(loop_expect(&l, NGHTTP2_PING, 0, &f) && f.flags == 0,
		    "a PING after a minute");
		memcpy(opaque, f.payload, 8);
		loop_wait(&l, CLOCK_SECOND);
		wire_ping(&l.up, NGHTTP2_FLAG_ACK, opaque);
		loop_run(&l);
	}
	loop_wait(&l, 59 * CLOCK_SECOND);
	loop_run(&l);
	is_int(0, loop_count(&l, NGHTTP2_PING), "none while it speaks");
	ok(l.good && !http2_session_done(l.session), "and all is well");
	loop_fini(&l);
}

static void
test_unanswered(void)
{
	struct wire_frame f = { 0 };
	struct loop l;

	begin(&l, &loop_hold);
	loop_wait(&l, MINUTE);
	loop_run(&l);
	is_int(1, loop_count(&l, NGHTTP2_PING), "a PING");
	loop_wait(&l, 20 * CLOCK_SECOND - 1);
	ok(!http2_session_done(l.session), "it has 20 s for an answer");
	loop_wait(&l, 1);
	ok(!http2_session_input(l.session, NULL, 0), "and not more");
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_GOAWAY, 0, &f) &&
		wire_tells(&f,
		    "nothing came within keepalive_timeout 20s of a PING"),
	    "should it hear again, it learns why");
	ok(http2_session_done(l.session), "it is not waited for");
	is_int(HTTP2_CAUSE_SILENT, http2_session_cause(l.session), "the cause");
	ok(strstr(http2_session_reason(l.session), "keepalive_timeout 20s") !=
		NULL,
	    "the reason names the directive");
	is_int(1, l.row.keepalive_timeouts, "it is counted");
	http2_session_free(&l.session);
	is_int(1, l.n_closed, "the call has ended");
	is_int(HTTP2_CANCEL, l.last_error, "cancelled");
	loop_fini(&l);
}

/* Nobody has read from a client that is still sent to. */
static void
test_excused(void)
{
	struct loop l;

	begin(&l, &loop_hold);
	loop_wait(&l, MINUTE);
	loop_run(&l);
	is_int(1, loop_count(&l, NGHTTP2_PING), "a PING");
	l.now_us += 20 * CLOCK_SECOND;
	http2_set_time(l.http2, l.now_us);
	http2_session_excuse(l.session);
	http2_session_tick(l.session);
	ok(!http2_session_done(l.session), "its silence was no fault of its");
	is_int(l.now_us + MINUTE, http2_session_due(l.session),
	    "it is asked again");
	loop_fini(&l);
}

/* The session has ended for PINGs, and the log is told how to cure them. */
static void
check_ended(struct loop *l, const char *cure)
{
	static const char text[] = "too_many_pings";
	struct wire_frame f = { 0 };

	loop_run(l);
	ok(!l->good, "the session has ended");
	ok(loop_expect(l, NGHTTP2_GOAWAY, 0, &f), "with GOAWAY");
	is_int(HTTP2_ENHANCE_YOUR_CALM, wire_u32(&f, 4), "its code");
	ok(f.len == 8 + sizeof(text) - 1 &&
		memcmp(f.payload + 8, text, sizeof(text) - 1) == 0,
	    "its text, to the letter");
	is_int(HTTP2_CAUSE_PINGS, http2_session_cause(l->session), "the cause");
	ok(strstr(http2_session_reason(l->session), cure) != NULL,
	    "the cure: %s", http2_session_reason(l->session));
	is_int(1, l->row.too_many_pings, "it is counted");
	is_int(0, l->row.floods, "and not as a flood");
}

static void
ping_every(struct loop *l, int64_t us, int times)
{
	for (int i = 0; i < times; i++) {
		loop_wait(l, us);
		wire_ping(&l->up, 0, "hurry up");
		loop_run(l);
		buffer_clear(&l->down);
	}
}

static void
test_too_many(void)
{
	struct loop l;

	begin(&l, &loop_hold);
	l.limits.keepalive_time = 0;
	ping_every(&l, 6 * MINUTE, 5);
	ping_every(&l, MINUTE, 2);
	ok(l.good, "two strikes");
	loop_wait(&l, MINUTE);
	wire_ping(&l.up, 0, "hurry up");
	check_ended(&l, "raise the client's keepalive time");
	loop_fini(&l);
}

static void
test_without_calls(void)
{
	struct loop l;

	begin(&l, &loop_echo);
	wire_frame(&l.up, NGHTTP2_DATA, END, 1, "x", 1);
	loop_run(&l);
	is_int(1, l.n_closed, "no call is open");
	l.limits.keepalive_time = 0;
	ping_every(&l, 10 * MINUTE, 3);
	ok(l.good, "one is excused, two are strikes");
	loop_wait(&l, 10 * MINUTE);
	wire_ping(&l.up, 0, "hurry up");
	check_ended(&l, "keepalive_permit_without_calls = on");
	loop_fini(&l);

	begin(&l, &loop_echo);
	l.limits.keepalive_permit_without_calls = true;
	l.limits.keepalive_time = 0;
	ping_every(&l, 10 * MINUTE, 100);
	ok(l.good, "if they are permitted, no strikes");
	loop_fini(&l);
}

/* A client takes a watch on health for a call, and so must we. */
static void
test_with_a_watch(void)
{
	struct loop l;

	begin(&l, &loop_hold);
	l.limits.keepalive_time = 0;
	http2_discount(LIST_FIRST(&l.calls)->stream);
	ping_every(&l, 6 * MINUTE, 100);
	ok(l.good, "a watch lets it send PINGs");
	loop_fini(&l);
}

/* A client that measures the path after each answer, and keeps calling. */
static void
test_measuring(void)
{
	uint32_t id = 1;
	struct loop l;

	begin(&l, &loop_echo);
	wire_frame(&l.up, NGHTTP2_DATA, END, 1, "x", 1);
	loop_run(&l);
	for (int i = 0; i < 1000 && l.good; i++) {
		id += 2;
		wire_ping(&l.up, 0, "measure!");
		wire_request(&l.up, 0, id);
		wire_frame(&l.up, NGHTTP2_DATA, END, id, "x", 1);
		loop_run(&l);
		buffer_clear(&l.down);
	}
	ok(l.good, "a PING after each answer is no strike");
	loop_fini(&l);
}

int
main(void)
{
	test_answered();
	test_unanswered();
	test_excused();
	test_too_many();
	test_without_calls();
	test_with_a_watch();
	test_measuring();
	return done();
}
