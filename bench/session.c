/*
 * session.c - N unary calls through one session of http2, and nothing else
 *
 *	bench/session CALLS
 *
 * No socket and no gRPC: what is left is nghttp2 and what src/http2 adds to it.
 * Prints the time of a call.  Its instructions are the difference of two runs:
 *
 *	valgrind --tool=callgrind bench/session 20000
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "config/config.h"
#include "http2/session.h"
#include "stats/stats.h"

#define STREAMS 100 /* calls in a batch, as h2load -m 100 */
#define HEAD 9

/* A message of gRPC: {name: "world"} one way, {message: "Hello world"} back. */
static const uint8_t request[] = "\0\0\0\0\7\12\5world";
static const uint8_t reply[] = "\0\0\0\0\15\12\13Hello world";

static const struct http2_field response[] = {
	HTTP2_FIELD(":status", "200"),
	HTTP2_FIELD("content-type", "application/grpc"),
};
static const struct http2_field trailers[] = {
	HTTP2_FIELD("grpc-status", "0"),
};

static size_t n_closed;

static void *
on_open(void *owner, struct http2_stream *stream)
{
	(void)owner;
	return stream;
}

static void
on_field(void *call, struct http2_text name, struct http2_text value)
{
	(void)call, (void)name, (void)value;
}

static void
on_headers(void *call, size_t list_size)
{
	(void)call, (void)list_size;
}

static void
on_data(void *call, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	http2_consume(call, len);
}

static void
on_end(void *call)
{
	ENSURE(http2_respond(call, response, 2, false));
}

static size_t
on_pull(void *call, uint8_t *to, size_t room, bool *ret_end)
{
	ENSURE(room >= sizeof(reply) - 1);
	memcpy(to, reply, sizeof(reply) - 1);
	*ret_end = http2_trailers(call, trailers, 1);
	return sizeof(reply) - 1;
}

static void
on_expired(void *call, const char *why)
{
	(void)call, (void)why;
}

static void
on_closed(void *call, uint32_t error)
{
	(void)call, (void)error;
	n_closed++;
}

static void
on_wake(void *owner)
{
	(void)owner;
}

static const struct http2_handler handler = {
	.open = on_open,
	.field = on_field,
	.headers = on_headers,
	.data = on_data,
	.end = on_end,
	.pull = on_pull,
	.expired = on_expired,
	.closed = on_closed,
	.wake = on_wake,
};

static const struct config_limits limits = {
	.max_header_list_size = 8192,
	.max_concurrent_streams = 128,
	.stream_window = 65535,
	.connection_window = 1 << 20,
	.reset_burst = 1000,
	.reset_rate = 33,
	.frame_burst = 10000,
	.frame_rate = 1000,
};

static void
put_frame(struct buffer *to, uint8_t type, uint8_t flags, const void *payload,
    size_t len)
{
	const uint8_t head[HEAD] = { (uint8_t)(len >> 16), (uint8_t)(len >> 8),
		(uint8_t)len, type, flags };

	ENSURE(buffer_append(to, head, HEAD));
	ENSURE(buffer_append(to, payload, len));
}

#define NV(n, v)                                                              \
	{                                                                     \
		(uint8_t *)(n), (uint8_t *)(v), sizeof(n) - 1, sizeof(v) - 1, \
		    NGHTTP2_NV_FLAG_NONE                                      \
	}

/* A call's frames, for stream 0; the first differs from those that follow. */
static void
put_call(struct buffer *to, nghttp2_hd_deflater *deflater)
{
	nghttp2_nv fields[] = {
		NV(":method", "POST"),
		NV(":scheme", "http"),
		NV(":path", "/helloworld.Greeter/SayHello"),
		NV(":authority", "localhost:50051"),
		NV("content-type", "application/grpc"),
		NV("user-agent", "grpc-bench/1.0"),
		NV("te", "trailers"),
	};
	uint8_t block[1024];
	ssize_t n;

	n = nghttp2_hd_deflate_hd(deflater, block, sizeof(block), fields,
	    sizeof(fields) / sizeof(*fields));
	ENSURE(n > 0);
	put_frame(to, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, block,
	    (size_t)n);
	put_frame(to, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, request,
	    sizeof(request) - 1);
}

/* Puts a number into the heads of a call's two frames. */
static void
set_stream(uint8_t *call, uint32_t id)
{
	uint8_t *data = call + HEAD + call[2];
	int i;

	for (i = 0; i < 4; i++, id >>= 8)
		call[8 - i] = data[8 - i] = (uint8_t)id;
}

/* Gives what stands in `in`, and takes all the output. */
static void
turn(struct http2_session *session, struct buffer *in, struct buffer *out)
{
	ENSURE(http2_session_input(session, buffer_bytes(in),
	    buffer_length(in)));
	buffer_clear(in);
	ENSURE(http2_session_output(session, out, SIZE_MAX));
	buffer_clear(out);
}

/* The connection's window for the next replies. */
static void
put_window(struct buffer *to)
{
	put_frame(to, NGHTTP2_WINDOW_UPDATE, 0, "\0\0\100\0", 4);
}

static void
run(struct http2_session *session, size_t calls)
{
	struct buffer in = BUFFER_INIT, out = BUFFER_INIT;
	struct buffer first = BUFFER_INIT, next = BUFFER_INIT;
	nghttp2_hd_deflater *deflater;
	uint32_t id = 1;
	size_t i;

	ENSURE(nghttp2_hd_deflate_new(&deflater, 4096) == 0);
	put_call(&first, deflater);
	put_call(&next, deflater);
	nghttp2_hd_deflate_del(deflater);
	ENSURE(buffer_append(&in, NGHTTP2_CLIENT_MAGIC,
	    NGHTTP2_CLIENT_MAGIC_LEN));
	put_frame(&in, NGHTTP2_SETTINGS, 0, "", 0);
	for (i = 0; i < calls; i++, id += 2) {
		struct buffer *call = i == 0 ? &first : &next;

		set_stream(buffer_bytes(call), id);
		ENSURE(buffer_append(&in, buffer_bytes(call),
		    buffer_length(call)));
		if (i % STREAMS == STREAMS - 1) {
			put_window(&in);
			turn(session, &in, &out);
		}
	}
	turn(session, &in, &out);
	buffer_release(&in);
	buffer_release(&out);
	buffer_release(&first);
	buffer_release(&next);
}

int
main(int argc, char **argv)
{
	size_t calls = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	static struct stats_row row;
	struct http2 *http2 = http2_new(&handler, &row);
	struct http2_session *session;
	int64_t began_us;

	ENSURE(http2 != NULL);
	session = http2_session_new(http2, NULL, &limits);
	ENSURE(session != NULL);
	began_us = clock_now_us();
	run(session, calls);
	printf("%zu calls, %.0f ns each\n", n_closed,
	    (double)(clock_now_us() - began_us) * 1000 / (double)calls);
	http2_session_free(&session);
	http2_free(&http2);
	return n_closed == calls ? 0 : 1;
}
