/*
 * flow.c - windows both ways, and how streams share the connection
 */
#include <config.h>

#include "loop.h"

#include <nghttp2/nghttp2.h>

#include "tap.h"

#define END NGHTTP2_FLAG_END_STREAM

static const uint8_t chunk[16384];

/* The value of a setting in a SETTINGS frame, or -1. */
static int64_t
setting_of(const struct wire_frame *f, uint16_t setting)
{
	size_t at;

	for (at = 0; at + 6 <= f->len; at += 6)
		if (f->payload[at] << 8 == (setting & 0xff00) &&
		    f->payload[at + 1] == (setting & 0xff))
			return wire_u32(f, at + 2);
	return -1;
}

static void
test_announced(void)
{
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &loop_hold);
	l.limits.max_concurrent_streams = 77;
	l.limits.stream_window = 100000;
	l.limits.connection_window = 300000;
	l.limits.max_header_list_size = 5000;
	loop_open(&l);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_SETTINGS, 0, &f), "SETTINGS come first");
	is_int(77, setting_of(&f, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
	    "max_concurrent_streams");
	is_int(100000, setting_of(&f, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE),
	    "stream_window");
	is_int(5000, setting_of(&f, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE),
	    "max_header_list_size");
	is_int(1, setting_of(&f, NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES),
	    "no priorities of RFC 7540");
	ok(loop_expect(&l, NGHTTP2_WINDOW_UPDATE, 0, &f), "WINDOW_UPDATE");
	is_int(300000 - 65535, wire_u32(&f, 0), "up to connection_window");
	loop_fini(&l);
}

/* Sends n bytes on a stream, in frames that fit. */
static void
send_data(struct loop *l, uint32_t id, size_t n)
{
	size_t part;

	for (; n > 0; n -= part) {
		part = n < sizeof(chunk) ? n : sizeof(chunk);
		wire_frame(&l->up, NGHTTP2_DATA, 0, id, chunk, part);
	}
	loop_run(l);
}

static void
test_consuming(void)
{
	struct wire_frame f = { 0 };
	struct http2_stream *stream;
	struct loop l;

	loop_init(&l, &loop_hold);
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	loop_run(&l);
	stream = LIST_FIRST(&l.calls)->stream;
	send_data(&l, 1, 65535);
	is_int(65535, l.n_data, "a window full of data");
	buffer_clear(&l.down);
	http2_consume(stream, 30000);
	loop_run(&l);
	is_int(0, loop_count(&l, NGHTTP2_WINDOW_UPDATE), "a little taken");
	http2_consume(stream, 30000);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_WINDOW_UPDATE, 1, &f), "more taken");
	is_int(60000, wire_u32(&f, 0), "gives the room back");
	send_data(&l, 1, 60000);
	ok(l.good && l.n_closed == 0, "which can be used");
	send_data(&l, 1, 1);
	ok(loop_expect(&l, NGHTTP2_RST_STREAM, 1, &f), "but not more");
	is_int(HTTP2_FLOW_CONTROL_ERROR, wire_u32(&f, 0), "it is an error");
	ok(l.good, "of the stream alone");
	loop_fini(&l);
}

static void
consume_late(struct loop_call *call)
{
	http2_consume(call->stream, 40000);
}

static void
test_after_end(void)
{
	const struct loop_script script = { .end = consume_late };
	struct loop l;

	loop_init(&l, &script);
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	send_data(&l, 1, 40000);
	wire_frame(&l.up, NGHTTP2_DATA, END, 1, NULL, 0);
	buffer_clear(&l.down);
	loop_run(&l);
	is_int(0, loop_count(&l, NGHTTP2_WINDOW_UPDATE),
	    "who has sent all needs no more room");
	loop_fini(&l);
}

/* The connection's room comes back, whoever sits on the stream's. */
static void
test_connection_window(void)
{
	struct loop l;
	uint32_t i;

	loop_init(&l, &loop_hold);
	loop_open(&l);
	for (i = 0; i < 40; i++) {
		wire_request(&l.up, 0, 2 * i + 1);
		send_data(&l, 2 * i + 1, 65535);
	}
	ok(l.good, "2.6 MB on 40 streams that nobody reads");
	is_int(40 * 65535, l.n_data, "have come through a window of 1 MB");
	http2_reset(LIST_FIRST(&l.calls)->stream, HTTP2_CANCEL);
	for (i = 0; i < 200; i++)
		send_data(&l, 79, sizeof(chunk));
	ok(l.good, "and so does what comes for a stream that was reset");
	loop_fini(&l);
}

/* As many bytes as `left` says, then the end. */
static size_t
pull_left(struct loop_call *call, uint8_t *to, size_t room, bool *ret_end)
{
	size_t n = call->left < room ? call->left : room;

	memset(to, 'x', n);
	call->left -= n;
	*ret_end = call->left == 0;
	return n;
}

static void
answer_bulk(struct loop_call *call)
{
	call->left = call->loop->n_opened % 2 == 1 ? 200000 : 5;
	loop_answer(call);
}

static const struct loop_script bulk = {
	.headers = answer_bulk,
	.pull = pull_left,
};

/* The client's windows, for a stream and for the connection. */
static void
open_windows(struct loop *l, uint32_t stream, uint32_t connection)
{
	wire_setting(&l->up, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream);
	wire_number(&l->up, NGHTTP2_WINDOW_UPDATE, 0, connection);
}

static void
test_sharing(void)
{
	size_t turns = 0, small_at = 0, n = 0;
	uint32_t before = 0;
	struct wire_frame f;
	struct loop l;

	loop_init(&l, &bulk);
	loop_open(&l);
	open_windows(&l, 1000000, 1000000);
	wire_request(&l.up, END, 1);
	wire_request(&l.up, END, 3);
	wire_request(&l.up, END, 5);
	loop_run(&l);
	while (loop_expect(&l, NGHTTP2_DATA, -1, &f)) {
		n++;
		if (f.id == 3)
			small_at = n;
		turns += f.id != before;
		before = f.id;
	}
	ok(small_at > 0 && small_at <= 3, "a small answer need not wait");
	ok(turns > 20, "large ones take turns (%zu)", turns);
	is_int(3, l.n_closed, "all are done");
	loop_fini(&l);
}

static void
test_enough(void)
{
	struct loop l;
	size_t before;

	loop_init(&l, &bulk);
	loop_open(&l);
	open_windows(&l, 1000000, 1000000);
	wire_request(&l.up, END, 1);
	http2_session_input(l.session, buffer_bytes(&l.up),
	    buffer_length(&l.up));
	buffer_clear(&l.up);
	ok(http2_session_output(l.session, &l.down, 50000), "output");
	before = buffer_length(&l.down);
	ok(before >= 50000 && before < 50000 + 9 + sizeof(chunk),
	    "stops at enough (%zu)", before);
	ok(http2_session_output(l.session, &l.down, before), "output again");
	is_int(before, buffer_length(&l.down), "and adds nothing to enough");
	loop_run(&l);
	is_int(1, l.n_closed, "the rest comes later");
	loop_fini(&l);
}

static void
test_small_windows(void)
{
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &bulk);
	loop_open(&l);
	wire_setting(&l.up, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0);
	wire_request(&l.up, END, 1);
	loop_run(&l);
	is_int(0, loop_count(&l, NGHTTP2_DATA), "no window, no DATA");
	wire_number(&l.up, NGHTTP2_WINDOW_UPDATE, 1, 1);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_DATA, 1, &f) && f.len == 1, "one byte");
	wire_setting(&l.up, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_DATA, 1, &f) && f.len == 10, "then ten");
	wire_setting(&l.up, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0);
	wire_number(&l.up, NGHTTP2_WINDOW_UPDATE, 1, 10);
	loop_run(&l);
	is_int(0, loop_count(&l, NGHTTP2_DATA), "a window below zero");
	wire_number(&l.up, NGHTTP2_WINDOW_UPDATE, 1, 7);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_DATA, 1, &f) && f.len == 7, "and above");
	loop_fini(&l);
}

int
main(void)
{
	test_announced();
	test_consuming();
	test_after_end();
	test_connection_window();
	test_sharing();
	test_enough();
	test_small_windows();
	return done();
}
