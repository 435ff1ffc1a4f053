/*
 * drain.c - the graceful end, on a clock of the test's own
 */
#include <config.h>

#include "loop.h"

#include <nghttp2/nghttp2.h>

#include "base/clock.h"
#include "tap.h"

#define END NGHTTP2_FLAG_END_STREAM
#define LAST 0x7fffffff

/* A session that has served a request on stream 1. */
static void
begin(struct loop *l, const struct loop_script *script)
{
	loop_init(l, script);
	loop_open(l);
	wire_request(&l->up, END, 1);
	loop_run(l);
	buffer_clear(&l->down);
}

/* A service that says nothing until the test has it end. */
static size_t
pull_when_left(struct loop_call *call, uint8_t *to, size_t room, bool *ret_end)
{
	return call->left > 0 ? loop_pull_body(call, to, room, ret_end) : 0;
}

/* Takes the notice; the bytes of the PING behind it go to opaque. */
static void
check_notice(struct loop *l, char opaque[8])
{
	struct wire_frame f = { 0 };

	loop_run(l);
	ok(loop_expect(l, NGHTTP2_GOAWAY, 0, &f), "a first GOAWAY");
	is_int(LAST, wire_u32(&f, 0), "that refuses nothing");
	is_int(HTTP2_NO_ERROR, wire_u32(&f, 4), "without an error");
	ok(wire_tells(&f, "the server is draining"), "and tells why");
	ok(loop_expect(l, NGHTTP2_PING, 0, &f) && f.flags == 0, "then a PING");
	memcpy(opaque, f.payload, 8);
	buffer_clear(&l->down);
}

static void
check_last(struct loop *l, uint32_t last)
{
	struct wire_frame f = { 0 };

	loop_run(l);
	ok(loop_expect(l, NGHTTP2_GOAWAY, 0, &f), "a second GOAWAY");
	is_int(last, wire_u32(&f, 0), "with the real last stream");
	is_int(HTTP2_NO_ERROR, wire_u32(&f, 4), "without an error");
	ok(wire_tells(&f, "the server is draining"), "and tells why");
	ok(http2_session_due(l->session) > l->now_us + 3600 * CLOCK_SECOND,
	    "nothing is due soon");
}

static void
test_round_trip(void)
{
	char opaque[8];
	struct loop l;

	begin(&l, &loop_echo);
	http2_session_drain(l.session);
	is_int(1, l.n_woken, "a drain wakes");
	http2_session_drain(l.session);
	is_int(l.now_us + 5 * CLOCK_SECOND, http2_session_due(l.session),
	    "the PING has 5 s");
	check_notice(&l, opaque);
	ok(!http2_session_done(l.session), "not done yet");
	wire_request(&l.up, END, 3);
	loop_run(&l);
	is_int(2, l.n_closed, "a call between the two is served");
	wire_ping(&l.up, NGHTTP2_FLAG_ACK, "not ours");
	loop_run(&l);
	is_int(0, loop_count(&l, NGHTTP2_GOAWAY), "another ACK is not it");
	wire_ping(&l.up, NGHTTP2_FLAG_ACK, opaque);
	check_last(&l, 3);
	ok(http2_session_done(l.session), "done, without open streams");
	ok(http2_session_reason(l.session) == NULL, "and without a reason");
	is_int(0, l.row.floods + l.row.protocol_errors, "nothing is counted");
	loop_fini(&l);
}

static void
test_no_ack(void)
{
	char opaque[8];
	struct loop l;

	begin(&l, &loop_echo);
	http2_session_drain(l.session);
	check_notice(&l, opaque);
	loop_wait(&l, 5 * CLOCK_SECOND - 1);
	loop_run(&l);
	is_int(0, loop_count(&l, NGHTTP2_GOAWAY), "not before its time");
	loop_wait(&l, 1);
	check_last(&l, 1);
	wire_ping(&l.up, NGHTTP2_FLAG_ACK, opaque);
	loop_run(&l);
	is_int(0, loop_count(&l, NGHTTP2_GOAWAY), "a late ACK changes nothing");
	loop_fini(&l);
}

static void
test_open_streams(void)
{
	struct loop_call *call;
	char opaque[8];
	struct loop l;

	begin(&l, &loop_echo);
	wire_request(&l.up, 0, 3);
	loop_run(&l);
	http2_session_drain(l.session);
	check_notice(&l, opaque);
	wire_ping(&l.up, NGHTTP2_FLAG_ACK, opaque);
	check_last(&l, 3);
	ok(!http2_session_done(l.session), "a stream is open: not done");
	wire_request(&l.up, END, 5);
	wire_request(&l.up, END, 7);
	loop_run(&l);
	ok(l.good, "later streams are no error");
	is_int(2, l.n_opened, "but ignored");
	call = LIST_FIRST(&l.calls);
	wire_frame(&l.up, NGHTTP2_DATA, 0, 3, "bye", 3);
	wire_headers(&l.up, END, 3, "a", "trailer", NULL);
	loop_run(&l);
	ok(call != NULL && l.n_closed == 2, "the open one is served");
	ok(http2_session_done(l.session), "done");
	loop_fini(&l);
}

/* Requests that come with the ACK, in one piece, were seen: they are served. */
static void
test_requests_with_the_ack(void)
{
	struct wire_frame f = { 0 };
	char opaque[8];
	struct loop l;

	begin(&l, &loop_echo);
	http2_session_drain(l.session);
	check_notice(&l, opaque);
	wire_request(&l.up, END, 3);
	wire_ping(&l.up, NGHTTP2_FLAG_ACK, opaque);
	wire_request(&l.up, END, 5);
	wire_request(&l.up, END, 7);
	loop_run(&l);
	is_int(4, l.n_opened, "all requests are taken");
	ok(loop_expect(&l, NGHTTP2_GOAWAY, 0, &f), "the second GOAWAY");
	is_int(7, wire_u32(&f, 0), "names the last of them");
	is_int(4, l.n_closed, "all are answered");
	is_int(0, l.last_error, "and none is reset");
	wire_request(&l.up, END, 9);
	loop_run(&l);
	is_int(4, l.n_opened, "a later one is not taken");
	loop_fini(&l);
}

static void
test_before_first_request(void)
{
	char opaque[8];
	struct loop l;

	loop_init(&l, &loop_echo);
	loop_open(&l);
	loop_run(&l);
	http2_session_drain(l.session);
	loop_run(&l);
	is_int(0, loop_count(&l, NGHTTP2_GOAWAY),
	    "no GOAWAY before the first request");
	is_int(l.now_us + CLOCK_SECOND, http2_session_due(l.session),
	    "unless none comes in 1 s");
	loop_wait(&l, CLOCK_SECOND / 2);
	wire_request(&l.up, END, 1);
	check_notice(&l, opaque);
	is_int(1, l.n_closed, "the request is served");
	is_int(l.now_us + 5 * CLOCK_SECOND, http2_session_due(l.session),
	    "and then the PING has its 5 s");
	wire_ping(&l.up, NGHTTP2_FLAG_ACK, opaque);
	check_last(&l, 1);
	loop_fini(&l);
}

static void
test_silent(void)
{
	char opaque[8];
	struct loop l;

	loop_init(&l, &loop_echo);
	loop_open(&l);
	loop_run(&l);
	loop_wait(&l, CLOCK_SECOND / 2);
	http2_session_drain(l.session);
	loop_wait(&l, CLOCK_SECOND / 2);
	check_notice(&l, opaque);
	wire_ping(&l.up, NGHTTP2_FLAG_ACK, opaque);
	check_last(&l, 0);
	ok(http2_session_done(l.session), "done");
	http2_session_free(&l.session);
	l.session = NULL;

	buffer_clear(&l.up);
	loop_open(&l);
	loop_wait(&l, 2 * CLOCK_SECOND);
	http2_session_drain(l.session);
	check_notice(&l, opaque);
	loop_fini(&l);
}

/* Nobody answers: neither a preface, nor a request, nor the PING. */
static void
test_mute(void)
{
	struct loop l;

	loop_init(&l, &loop_echo);
	loop_open(&l);
	buffer_clear(&l.up);
	loop_run(&l);
	http2_session_drain(l.session);
	loop_wait(&l, CLOCK_SECOND);
	loop_run(&l);
	loop_wait(&l, 5 * CLOCK_SECOND);
	loop_run(&l);
	ok(http2_session_done(l.session), "a mute client is done with in 6 s");
	loop_fini(&l);
}

static void
test_goaway_now(void)
{
	struct wire_frame f = { 0 };
	struct loop l;

	begin(&l, &loop_hold);
	http2_session_drain(l.session);
	http2_session_goaway(l.session, HTTP2_NO_ERROR, "time is over");
	is_int(1, l.n_woken, "the end wakes");
	loop_run(&l);
	ok(!l.good, "no input is taken after it");
	ok(loop_expect(&l, NGHTTP2_GOAWAY, 0, &f) && wire_u32(&f, 0) == LAST,
	    "the drain's GOAWAY");
	ok(loop_expect(&l, NGHTTP2_GOAWAY, 0, &f) && f.len == 8 + 12,
	    "then the last one, with its text");
	is_int(0, loop_count(&l, NGHTTP2_PING), "and nothing more");
	ok(http2_session_done(l.session), "done, with a stream left open");
	is_int(0, l.n_closed, "which is");
	ok(http2_session_reason(l.session) == NULL, "nothing was wrong");
	loop_fini(&l);
}

/* What streams have to say when the end comes is not lost. */
static void
test_goaway_lets_answers_out(void)
{
	static const struct loop_script slow = {
		.headers = loop_answer,
		.pull = pull_when_left,
	};
	struct wire_frame f = { 0 };
	struct loop l;

	begin(&l, &slow);
	LIST_FIRST(&l.calls)->left = 1;
	http2_resume(LIST_FIRST(&l.calls)->stream);
	http2_session_goaway(l.session, HTTP2_NO_ERROR, "time is over");
	ok(!http2_session_done(l.session), "not done before it is taken");
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_GOAWAY, 0, &f), "the last GOAWAY");
	ok(loop_expect(&l, NGHTTP2_HEADERS, 1, &f) && f.flags & END,
	    "and the trailers of a response that had begun");
	ok(http2_session_done(l.session), "then it is done");
	loop_fini(&l);
}

static void
test_client_goes(void)
{
	struct loop l;

	begin(&l, &loop_echo);
	wire_frame(&l.up, NGHTTP2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0", 8);
	wire_request(&l.up, 0, 3);
	loop_run(&l);
	ok(l.good && !http2_session_done(l.session),
	    "a client that goes still has its calls");
	wire_frame(&l.up, NGHTTP2_DATA, END, 3, "x", 1);
	loop_run(&l);
	ok(http2_session_done(l.session), "then it is done");
	loop_fini(&l);
}

/* As grpc-go's client does when it is closed; and cut, as by a network. */
static void
test_client_names_its_own(void)
{
	static const char *const lasts[] = { "\0\0\0\1", "\0\0\0\5",
		"\177\377\377\377", "\0\0\0\2" };
	char goaway[12] = "....\0\0\0\0bye";
	struct loop l;
	size_t i;

	begin(&l, &loop_echo);
	wire_request(&l.up, 0, 3);
	for (i = 0; i < sizeof(lasts) / sizeof(*lasts); i++) {
		memcpy(goaway, lasts[i], 4);
		wire_frame(&l.up, NGHTTP2_GOAWAY, 0, 0, goaway, 11);
	}
	while (buffer_length(&l.up) > 0) {
		http2_session_input(l.session, buffer_bytes(&l.up), 1);
		buffer_consume(&l.up, 1);
	}
	wire_frame(&l.up, NGHTTP2_DATA, END, 3, "x", 1);
	loop_run(&l);
	is_int(2, l.n_closed, "a GOAWAY with any last stream ends no call");
	ok(http2_session_done(l.session), "then it is done");
	ok(http2_session_reason(l.session) == NULL, "nothing was wrong");
	is_int(0, l.row.protocol_errors, "and nothing is counted");
	loop_fini(&l);
}

int
main(void)
{
	test_round_trip();
	test_no_ack();
	test_open_streams();
	test_requests_with_the_ack();
	test_before_first_request();
	test_silent();
	test_mute();
	test_goaway_now();
	test_goaway_lets_answers_out();
	test_client_goes();
	test_client_names_its_own();
	return done();
}
