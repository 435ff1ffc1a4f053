/*
 * errors.c - clients that break the protocol, and how the session ends
 */
#include <config.h>

#include "loop.h"

#include <nghttp2/nghttp2.h>

#include "tap.h"

#define END NGHTTP2_FLAG_END_STREAM

/* Ended, told and counted once. */
static void
check_ended(struct loop *l, const char *what, uint32_t code, const char *text)
{
	const char *reason = http2_session_reason(l->session);
	struct wire_frame f = { 0 };

	ok(loop_expect(l, NGHTTP2_GOAWAY, 0, &f), "%s: GOAWAY", what);
	is_int(code, wire_u32(&f, 4), "%s: its code", what);
	ok(http2_session_done(l->session), "%s: done", what);
	ok(reason != NULL && strstr(reason, text) != NULL,
	    "%s: the reason says so (%s)", what, reason);
	is_int(1, l->row.protocol_errors, "%s: counted", what);
	is_int(0, l->row.floods, "%s: but not as a flood", what);
	wire_request(&l->up, END, 99);
	loop_run(l);
	ok(!l->good, "%s: nothing more is taken", what);
	is_int(0, buffer_length(&l->down), "%s: nor said", what);
}

static void
test_other_protocol(void)
{
	static const char http1[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct loop l;

	loop_init(&l, &loop_hold);
	loop_open(&l);
	buffer_clear(&l.up);
	buffer_append(&l.up, http1, sizeof(http1) - 1);
	loop_run(&l);
	ok(!l.good, "HTTP/1.1 is not taken");
	check_ended(&l, "HTTP/1.1", HTTP2_PROTOCOL_ERROR, "preface");
	ok(!http2_session_greeted(l.session), "HTTP/1.1 is no greeting");
	loop_fini(&l);
}

static void
test_lower_stream(void)
{
	struct loop l;

	loop_init(&l, &loop_hold);
	loop_open(&l);
	wire_request(&l.up, 0, 5);
	wire_request(&l.up, END, 3);
	wire_request(&l.up, END, 7);
	loop_run(&l);
	ok(!l.good, "a stream lower than the one before");
	is_int(1, l.n_headers, "what came before it is served");
	check_ended(&l, "lower stream", HTTP2_PROTOCOL_ERROR, "lower");
	loop_fini(&l);
}

/* As above, but nothing is wrong. */
static void
test_no_false_alarm(void)
{
	struct loop_script script = loop_hold;
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &script);
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	wire_request(&l.up, 0, 3);
	loop_run(&l);
	script.refuse = true;
	wire_request(&l.up, 0, 5);
	script.refuse = false;
	wire_request(&l.up, 0, 7);
	wire_headers(&l.up, END, 5, "a", "trailer of a refused stream", NULL);
	wire_headers(&l.up, END, 1, "a", "trailer of an open stream", NULL);
	wire_number(&l.up, NGHTTP2_RST_STREAM, 3, HTTP2_CANCEL);
	loop_run(&l);
	http2_session_drain(l.session);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_PING, 0, &f), "draining");
	wire_ping(&l.up, NGHTTP2_FLAG_ACK, (const char *)f.payload);
	loop_run(&l);
	wire_request(&l.up, 0, 9);
	wire_request(&l.up, 0, 11);
	wire_headers(&l.up, END, 9, "a", "trailer of an ignored stream", NULL);
	wire_headers(&l.up, END, 7, "a", "trailer of an open stream", NULL);
	loop_run(&l);
	ok(l.good, "trailers of every kind of stream are no lower streams");
	is_int(0, l.row.protocol_errors, "and no errors");
	loop_fini(&l);
}

static void
data_on_zero(struct loop *l)
{
	wire_frame(&l->up, NGHTTP2_DATA, 0, 0, "x", 1);
}

static void
data_on_idle(struct loop *l)
{
	wire_frame(&l->up, NGHTTP2_DATA, 0, 9, "x", 1);
}

static void
even_stream(struct loop *l)
{
	wire_request(&l->up, END, 2);
}

static void
too_large(struct loop *l)
{
	static const uint8_t payload[16385];

	wire_frame(&l->up, NGHTTP2_DATA, 0, 1, payload, sizeof(payload));
}

static void
bad_hpack(struct loop *l)
{
	wire_frame(&l->up, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | END, 3,
	    "\xff\xff\xff\xff\xff\xff", 6);
}

static void
window_of_zero(struct loop *l)
{
	wire_number(&l->up, NGHTTP2_WINDOW_UPDATE, 0, 0);
}

static void
push_promise(struct loop *l)
{
	wire_frame(&l->up, NGHTTP2_PUSH_PROMISE, NGHTTP2_FLAG_END_HEADERS, 1,
	    "\0\0\0\2", 4);
}

static void
data_after_end(struct loop *l)
{
	wire_request(&l->up, END, 3);
	wire_frame(&l->up, NGHTTP2_DATA, 0, 3, "x", 1);
}

static void
data_after_close(struct loop *l)
{
	wire_request(&l->up, 0, 3);
	wire_number(&l->up, NGHTTP2_RST_STREAM, 3, HTTP2_CANCEL);
	wire_frame(&l->up, NGHTTP2_DATA, 0, 3, "x", 1);
}

static void
headers_after_close(struct loop *l)
{
	wire_request(&l->up, 0, 3);
	wire_number(&l->up, NGHTTP2_RST_STREAM, 3, HTTP2_CANCEL);
	wire_request(&l->up, END, 3);
}

static void
priority_of_zero(struct loop *l)
{
	wire_frame(&l->up, NGHTTP2_PRIORITY, 0, 0, "\0\0\0\1\20", 5);
}

static void
priority_on_itself(struct loop *l)
{
	wire_frame(&l->up, NGHTTP2_PRIORITY, 0, 3, "\200\0\0\3\20", 5);
}

static void
broken_block(struct loop *l)
{
	wire_frame(&l->up, NGHTTP2_HEADERS, 0, 3, NULL, 0);
	wire_ping(&l->up, 0, "between!");
}

/* Whoever finds it, nghttp2 or we: told, counted and done with the same. */
static void
test_connection_errors(void)
{
	static const struct {
		const char *what;
		void (*write)(struct loop *l);
		uint32_t code;
		const char *text;
	} errors[] = {
		{ "DATA on stream 0", data_on_zero, 1, "DATA: stream_id" },
		{ "DATA on an idle stream", data_on_idle, 1, "idle" },
		{ "an even stream", even_stream, 1, "PROTOCOL_ERROR" },
		{ "a frame too large", too_large, 6, "FRAME_SIZE_ERROR" },
		{ "bad HPACK", bad_hpack, 9, "COMPRESSION_ERROR" },
		{ "a window of 0", window_of_zero, 1, "WINDOW_UPDATE" },
		{ "PUSH_PROMISE", push_promise, 1, "PUSH_PROMISE" },
		{ "DATA after the end", data_after_end, 5, "has ended" },
		{ "DATA after the close", data_after_close, 5, "has ended" },
		{ "HEADERS after the close", headers_after_close, 5,
		    "has ended" },
		{ "PRIORITY of stream 0", priority_of_zero, 1, "PRIORITY" },
		{ "PRIORITY on itself", priority_on_itself, 1, "PRIORITY" },
		{ "a broken block", broken_block, 1, "CONTINUATION" },
	};
	struct loop l;
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		loop_init(&l, &loop_hold);
		loop_open(&l);
		wire_request(&l.up, 0, 1);
		errors[i].write(&l);
		wire_ping(&l.up, 0, "not seen");
		loop_run(&l);
		check_ended(&l, errors[i].what, errors[i].code, errors[i].text);
		ok(l.n_closed < l.n_opened, "%s: calls are left open",
		    errors[i].what);
		loop_fini(&l);
	}
}

/* One frame says it all, and no SETTINGS make a connection of it. */
static void
test_refuse(void)
{
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &loop_echo);
	ok(http2_refuse("too many", &l.down), "a refusal is written");
	is_int(9 + 8 + 8, buffer_length(&l.down), "in one frame");
	ok(loop_expect(&l, NGHTTP2_GOAWAY, 0, &f), "GOAWAY");
	is_int(0, wire_u32(&f, 0), "of no stream");
	is_int(HTTP2_ENHANCE_YOUR_CALM, wire_u32(&f, 4), "asking for calm");
	ok(f.len == 16 && memcmp(f.payload + 8, "too many", 8) == 0, "why");
	loop_fini(&l);
}

int
main(void)
{
	test_refuse();
	test_other_protocol();
	test_lower_stream();
	test_no_false_alarm();
	test_connection_errors();
	return done();
}
