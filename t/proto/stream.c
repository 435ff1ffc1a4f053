/*
 * stream.c - requests and responses, and every way in which a stream ends
 */
#include <config.h>

#include "loop.h"

#include <string.h>

#include <nghttp2/nghttp2.h>

#include "tap.h"

#define END NGHTTP2_FLAG_END_STREAM

static const struct http2_field ok_fields[] = {
	HTTP2_FIELD(":status", "200"),
	HTTP2_FIELD("grpc-status", "12"),
};

static void
test_unary(void)
{
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &loop_echo);
	loop_open(&l);
	ok(!http2_session_greeted(l.session), "a client is not greeted yet");
	loop_run(&l);
	ok(http2_session_greeted(l.session), "but is after its SETTINGS");
	ok(loop_expect(&l, NGHTTP2_SETTINGS, 0, &f), "the server announces");
	wire_request(&l.up, 0, 1);
	wire_frame(&l.up, NGHTTP2_DATA, 0, 1, "hel", 3);
	wire_frame(&l.up, NGHTTP2_DATA, END, 1, "lo", 2);
	loop_run(&l);
	ok(l.good && l.n_opened == 1, "a request has come");
	is_int(6, l.n_fields, "with six fields");
	is_int(1, l.n_headers, "its headers are told once");
	is_int(1, l.n_ended, "and its end");
	ok(loop_expect(&l, NGHTTP2_HEADERS, 1, &f), "headers");
	ok(!(f.flags & END), "that do not end the stream");
	ok(loop_expect(&l, NGHTTP2_DATA, 1, &f) && f.len == 5 &&
		memcmp(f.payload, "hello", 5) == 0,
	    "the body comes back");
	ok(!(f.flags & END), "and does not end it");
	ok(loop_expect(&l, NGHTTP2_HEADERS, 1, &f) && f.flags & END,
	    "the trailers do");
	is_int(1, l.n_closed, "the stream is closed");
	is_int(HTTP2_NO_ERROR, l.last_error, "without an error");
	is_int(0, l.row.streams, "none is open");
	is_int(0, l.row.streams, "none is counted");
	is_int(0, l.n_woken, "no wake from within input");
	loop_fini(&l);
}

/* The same bytes, one at a time. */
static void
test_bytewise(void)
{
	struct buffer all = BUFFER_INIT;
	size_t i;
	struct loop l;

	loop_init(&l, &loop_echo);
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	wire_frame(&l.up, NGHTTP2_DATA, END, 1, "hello", 5);
	wire_request(&l.up, END, 3);
	all = l.up;
	l.up = (struct buffer)BUFFER_INIT;
	for (i = 0; i < buffer_length(&all); i++) {
		buffer_append(&l.up, buffer_bytes(&all) + i, 1);
		loop_run(&l);
	}
	ok(l.good, "bytes one by one are taken");
	is_int(2, l.n_closed, "both calls are done");
	is_int(4, loop_count(&l, NGHTTP2_HEADERS), "and answered");
	buffer_release(&all);
	loop_fini(&l);
}

static void
answer_whole(struct loop_call *call)
{
	ok(http2_respond(call->stream, ok_fields, 2, true), "responds");
	ok(!http2_respond(call->stream, ok_fields, 2, true), "but once only");
}

static void
test_trailers_only(void)
{
	const struct loop_script script = { .headers = answer_whole };
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &script);
	loop_open(&l);
	wire_request(&l.up, END, 1);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_HEADERS, 1, &f) && f.flags & END,
	    "Trailers-Only is one HEADERS that ends the stream");
	is_int(0, loop_count(&l, NGHTTP2_RST_STREAM), "nothing is reset");
	is_int(1, l.n_closed, "closed");

	wire_request(&l.up, 0, 3);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_HEADERS, 3, &f) && f.flags & END,
	    "an answer before the request's end");
	ok(loop_expect(&l, NGHTTP2_RST_STREAM, 3, &f),
	    "is followed by a reset");
	is_int(HTTP2_NO_ERROR, wire_u32(&f, 0), "without an error");
	is_int(2, l.n_closed, "closed, too");
	is_int(HTTP2_NO_ERROR, l.last_error, "and not for an error");

	wire_frame(&l.up, NGHTTP2_DATA, END, 3, "late", 4);
	loop_run(&l);
	ok(l.good, "what the client had sent meanwhile is ignored");
	is_int(0, l.n_data, "and not told");
	loop_fini(&l);
}

static size_t
pull_then_end(struct loop_call *call, uint8_t *to, size_t room, bool *ret_end)
{
	(void)call;
	ok(room >= 4, "there is room");
	memcpy(to, "done", 4);
	*ret_end = true;
	return 4;
}

static void
test_body_ends(void)
{
	const struct loop_script script = {
		.end = loop_answer,
		.pull = pull_then_end,
	};
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &script);
	loop_open(&l);
	wire_request(&l.up, END, 1);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_DATA, 1, &f) && f.flags & END && f.len == 4,
	    "without trailers the last DATA ends the stream");
	is_int(1, l.n_closed, "closed");
	loop_fini(&l);
}

/* Gives `left` bytes a pull, then waits; the end is at left 0 once ended. */
static size_t
pull_when_told(struct loop_call *call, uint8_t *to, size_t room, bool *ret_end)
{
	size_t n = call->left < room ? call->left : room;

	memset(to, 'x', n);
	call->left -= n;
	*ret_end = call->ended && call->left == 0;
	return n;
}

static void
test_streaming(void)
{
	const struct loop_script script = {
		.headers = loop_answer,
		.pull = pull_when_told,
	};
	struct wire_frame f = { 0 };
	struct loop_call *call;
	struct loop l;

	loop_init(&l, &script);
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_HEADERS, 1, &f), "headers at once");
	is_int(0, loop_count(&l, NGHTTP2_DATA), "nothing to give yet");
	call = LIST_FIRST(&l.calls);
	call->left = 10;
	http2_resume(call->stream);
	is_int(1, l.n_woken, "a message wakes");
	http2_resume(call->stream);
	is_int(1, l.n_woken, "once until the output is asked for");
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_DATA, 1, &f) && f.len == 10, "it is sent");
	wire_frame(&l.up, NGHTTP2_DATA, END, 1, NULL, 0);
	loop_run(&l);
	http2_resume(call->stream);
	is_int(2, l.n_woken, "the next wakes again");
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_DATA, 1, &f) && f.flags & END && f.len == 0,
	    "an end without bytes");
	is_int(1, l.n_closed, "closed");
	loop_fini(&l);
}

static void
test_client_resets(void)
{
	struct loop l;

	loop_init(&l, &loop_hold);
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	loop_run(&l);
	is_int(1, l.row.streams, "a stream is open");
	wire_number(&l.up, NGHTTP2_RST_STREAM, 1, HTTP2_CANCEL);
	loop_run(&l);
	is_int(1, l.n_closed, "RST_STREAM closes it");
	is_int(HTTP2_CANCEL, l.last_error, "with its code");
	wire_number(&l.up, NGHTTP2_WINDOW_UPDATE, 1, 10);
	wire_number(&l.up, NGHTTP2_RST_STREAM, 1, HTTP2_CANCEL);
	loop_run(&l);
	ok(l.good && l.n_closed == 1, "what may come for it yet is ignored");
	loop_fini(&l);
}

static void
test_we_reset(void)
{
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &loop_hold);
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	loop_run(&l);
	http2_reset(LIST_FIRST(&l.calls)->stream, HTTP2_INTERNAL_ERROR);
	http2_reset(LIST_FIRST(&l.calls)->stream, HTTP2_CANCEL);
	is_int(0, l.n_closed, "a reset closes, but not from within");
	is_int(1, l.n_woken, "it wakes");
	wire_frame(&l.up, NGHTTP2_DATA, END, 1, "late", 4);
	loop_run(&l);
	is_int(0, l.n_data + l.n_ended, "nothing is told after it");
	ok(loop_expect(&l, NGHTTP2_RST_STREAM, 1, &f), "RST_STREAM is sent");
	is_int(HTTP2_INTERNAL_ERROR, wire_u32(&f, 0), "with the first code");
	is_int(1, l.n_closed, "closed");
	is_int(HTTP2_INTERNAL_ERROR, l.last_error, "with that code");
	loop_fini(&l);
}

static void
test_freed(void)
{
	struct loop l;
	uint32_t id;

	loop_init(&l, &loop_hold);
	loop_open(&l);
	for (id = 1; id < 10; id += 2)
		wire_request(&l.up, 0, id);
	loop_run(&l);
	is_int(5, l.row.streams, "five streams");
	http2_discount(LIST_FIRST(&l.calls)->stream);
	http2_discount(LIST_FIRST(&l.calls)->stream);
	wire_number(&l.up, NGHTTP2_RST_STREAM, 9, NGHTTP2_CANCEL);
	loop_run(&l);
	is_int(4, l.row.streams, "four");
	http2_session_free(&l.session);
	is_int(5, l.n_closed, "all are closed with the session");
	is_int(HTTP2_CANCEL, l.last_error, "with CANCEL");
	is_int(0, l.row.streams, "and counted out");
	loop_fini(&l);
}

static void
test_refused(void)
{
	const struct loop_script script = { .refuse = true };
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &script);
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	wire_frame(&l.up, NGHTTP2_DATA, 0, 1, "body", 4);
	wire_headers(&l.up, END, 1, "a", "trailer", NULL);
	loop_run(&l);
	ok(l.good, "a refused stream's body and trailers are no error");
	ok(loop_expect(&l, NGHTTP2_RST_STREAM, 1, &f), "it is reset");
	is_int(HTTP2_REFUSED_STREAM, wire_u32(&f, 0), "as refused");
	is_int(0, l.n_opened + l.n_closed + l.n_fields, "nothing is told");
	is_int(0, l.row.streams, "nothing is counted");
	l.script = &loop_echo;
	wire_request(&l.up, END, 3);
	loop_run(&l);
	is_int(2, loop_count(&l, NGHTTP2_HEADERS), "the next is served");
	loop_fini(&l);
}

static void
test_request_trailers(void)
{
	struct loop l;

	loop_init(&l, &loop_echo);
	loop_open(&l);
	wire_request(&l.up, 0, 1);
	wire_frame(&l.up, NGHTTP2_DATA, 0, 1, "x", 1);
	wire_headers(&l.up, END, 1, "a", "trailer", NULL);
	loop_run(&l);
	is_int(6, l.n_fields, "trailing fields are not told");
	is_int(1, l.n_headers, "nor are they headers");
	is_int(1, l.n_ended, "but they end the request");
	is_int(1, l.n_closed, "which is answered");
	loop_fini(&l);
}

static void
test_malformed(void)
{
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &loop_hold);
	loop_open(&l);
	wire_headers(&l.up, END, 1, ":method", "POST", ":scheme", "http", NULL);
	wire_headers(&l.up, END, 3, ":method", "POST", ":path", "/", ":scheme",
	    "http", "Upper", "case", NULL);
	loop_run(&l);
	ok(l.good, "malformed requests end their streams only");
	ok(loop_expect(&l, NGHTTP2_RST_STREAM, 1, &f), "no path");
	is_int(HTTP2_PROTOCOL_ERROR, wire_u32(&f, 0), "is a protocol error");
	ok(loop_expect(&l, NGHTTP2_RST_STREAM, 3, &f), "an upper-case name");
	is_int(HTTP2_PROTOCOL_ERROR, wire_u32(&f, 0), "is one, too");
	is_int(0, l.n_headers + l.n_ended, "neither is told as a request");
	is_int(2, l.n_closed, "both are closed");
	loop_fini(&l);
}

static void
respond_hugely(struct loop_call *call)
{
	static char value[70000];
	struct http2_field fields[] = {
		HTTP2_FIELD(":status", "200"),
		{ "big", value, 3, sizeof(value), true },
	};

	memset(value, 'v', sizeof(value));
	ok(http2_respond(call->stream, fields, 2, true), "is taken");
}

static void
respond_amply(struct loop_call *call)
{
	static char value[50000];
	struct http2_field fields[] = {
		HTTP2_FIELD(":status", "200"),
		{ "big", value, 3, sizeof(value), true },
		HTTP2_FIELD("last", "one"),
	};

	memset(value, 'v', sizeof(value));
	ok(http2_respond(call->stream, fields, 3, true), "is taken");
}

/* The bytes of all fields of a header block; 0: it cannot be decoded. */
static size_t
decoded_size(struct buffer *block)
{
	nghttp2_hd_inflater *inflater;
	nghttp2_nv nv;
	size_t size = 0;
	ssize_t n;
	int flags = 0;

	if (nghttp2_hd_inflate_new(&inflater) != 0)
		return 0;
	while (!(flags & NGHTTP2_HD_INFLATE_FINAL)) {
		flags = 0;
		n = nghttp2_hd_inflate_hd2(inflater, &nv, &flags,
		    buffer_bytes(block), buffer_length(block), 1);
		if (n < 0)
			break;
		buffer_consume(block, (size_t)n);
		if (flags & NGHTTP2_HD_INFLATE_EMIT)
			size += nv.namelen + nv.valuelen;
	}
	nghttp2_hd_inflate_del(inflater);
	return n < 0 ? 0 : size;
}

/* Headers of several frames, with nothing between them. */
static void
test_continued_response(void)
{
	const struct loop_script script = { .end = respond_amply };
	struct buffer block = BUFFER_INIT;
	struct wire_frame f = { 0 };
	struct loop l;
	size_t n = 0;

	loop_init(&l, &script);
	loop_open(&l);
	loop_run(&l);
	buffer_clear(&l.down);
	wire_request(&l.up, END, 1);
	wire_request(&l.up, END, 3);
	wire_ping(&l.up, 0, "between?");
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_HEADERS, 1, &f) && f.flags == END,
	    "HEADERS, to be continued");
	do {
		n++;
		ok(f.len <= 16384 && f.id == 1, "a frame of no more than 16k");
		buffer_append(&block, f.payload, f.len);
	} while (!(f.flags & NGHTTP2_FLAG_END_HEADERS) &&
		 wire_next(&l.down, &f) && f.type == NGHTTP2_CONTINUATION);
	is_int(3, n, "three frames in a row");
	is_int(7 + 3 + 3 + 50000 + 4 + 3, decoded_size(&block),
	    "hold all fields");
	ok(loop_expect(&l, NGHTTP2_HEADERS, 3, &f), "then comes the next");
	is_int(2, l.n_closed, "closed");
	buffer_release(&block);
	loop_fini(&l);
}

static void
respond_richly(struct loop_call *call)
{
	struct http2_field fields[100] = { HTTP2_FIELD(":status", "200") };
	size_t i;

	for (i = 1; i < 100; i++)
		fields[i] = (struct http2_field){ "k", "v", 1, 1, false };
	ok(http2_respond(call->stream, fields, 100, true), "is taken");
}

static void
test_large_responses(void)
{
	struct loop_script script = { .end = respond_richly };
	struct wire_frame f = { 0 };
	struct loop l;

	loop_init(&l, &script);
	loop_open(&l);
	wire_request(&l.up, END, 1);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_HEADERS, 1, &f), "a hundred fields go out");
	script.end = respond_hugely;
	wire_request(&l.up, END, 3);
	loop_run(&l);
	ok(loop_expect(&l, NGHTTP2_RST_STREAM, 3, &f),
	    "headers too large to be sent reset the stream");
	is_int(HTTP2_INTERNAL_ERROR, wire_u32(&f, 0), "with INTERNAL_ERROR");
	is_int(2, l.n_closed, "closed");
	loop_fini(&l);
}

int
main(void)
{
	test_unary();
	test_bytewise();
	test_trailers_only();
	test_body_ends();
	test_streaming();
	test_client_resets();
	test_we_reset();
	test_freed();
	test_refused();
	test_request_trailers();
	test_malformed();
	test_large_responses();
	test_continued_response();
	return done();
}
