/*
 * stream.c - what a handler does to a stream
 *
 * Runs in workers.  nghttp2's submit functions only queue, so all of this may
 * be called from within a callback as well as from a timer.
 */
#include <config.h>

#include "http2/internal.h"

#include <stdlib.h>

#include "base/check.h"
#include "stats/stats.h"

/* More fields than this are rare, and cost an allocation. */
#define STREAM_FIELDS 32

/* Row: from; bits: to. */
static const unsigned stream_may[] = {
	[STREAM_HEADERS] = 1u << STREAM_OPEN | 1u << STREAM_RESET,
	[STREAM_OPEN] =
	    1u << STREAM_BODY | 1u << STREAM_ENDED | 1u << STREAM_RESET,
	[STREAM_BODY] = 1u << STREAM_ENDED | 1u << STREAM_RESET,
	[STREAM_ENDED] = 1u << STREAM_RESET,
	[STREAM_RESET] = 0,
};

void
stream_set_state(struct http2_stream *stream, enum stream_state to)
{
	ENSURE(stream_may[stream->state] & 1u << to);
	stream->state = to;
}

void
stream_close(struct http2_stream **stream, uint32_t error)
{
	struct http2_stream *st = *stream;
	struct http2_session *s = st->session;

	CHECK(st, HTTP2_STREAM_MAGIC);
	*stream = NULL;
	LIST_REMOVE(st, link);
	if (s->recent == st)
		s->recent = NULL;
	if (s->opening == st)
		s->opening = NULL;
	s->n_streams--;
	if (st->discounted)
		s->n_discounted--;
	else
		s->idle_us = s->http2->now_us;
	STATS_SUB(s->http2->row, streams, 1);
	st->magic = 0;
	s->handler->closed(st->call, error);
	freelist_give(&s->http2->streams, st);
}

static void
field_to_nv(const struct http2_field *field, nghttp2_nv *nv)
{
	nv->name = (uint8_t *)(uintptr_t)field->name;
	nv->value = (uint8_t *)(uintptr_t)field->value;
	nv->namelen = field->name_len;
	nv->valuelen = field->value_len;
	nv->flags = field->lasting ? NGHTTP2_NV_FLAG_NO_COPY_NAME |
					 NGHTTP2_NV_FLAG_NO_COPY_VALUE
				   : NGHTTP2_NV_FLAG_NONE;
}

typedef int submit(struct http2_stream *stream, nghttp2_nv *nv, size_t n);

/* Hands fields to one of nghttp2's submit functions; false without memory. */
static bool
stream_submit(struct http2_stream *stream, const struct http2_field *fields,
    size_t n, submit *to)
{
	nghttp2_nv few[STREAM_FIELDS], *nv = few;
	size_t i;
	int error;

	if (n > STREAM_FIELDS)
		nv = calloc(n, sizeof(*nv));
	if (nv == NULL)
		return false;
	for (i = 0; i < n; i++)
		field_to_nv(&fields[i], &nv[i]);
	error = to(stream, nv, n);
	if (nv != few)
		free(nv);
	if (error != 0)
		return false;
	session_wake(stream->session);
	return true;
}

static int
submit_whole(struct http2_stream *stream, nghttp2_nv *nv, size_t n)
{
	return nghttp2_submit_response(stream->session->ng, stream->id, nv, n,
	    NULL);
}

static int
submit_headers(struct http2_stream *stream, nghttp2_nv *nv, size_t n)
{
	const nghttp2_data_provider body = {
		.source.ptr = stream,
		.read_callback = send_body,
	};

	return nghttp2_submit_response(stream->session->ng, stream->id, nv, n,
	    &body);
}

static int
submit_trailers(struct http2_stream *stream, nghttp2_nv *nv, size_t n)
{
	return nghttp2_submit_trailer(stream->session->ng, stream->id, nv, n);
}

bool
http2_respond(struct http2_stream *stream, const struct http2_field *fields,
    size_t n_fields, bool end)
{
	CHECK(stream, HTTP2_STREAM_MAGIC);
	if (stream->state != STREAM_OPEN)
		return false;
	if (!stream_submit(stream, fields, n_fields,
		end ? submit_whole : submit_headers))
		return false;
	stream_set_state(stream, end ? STREAM_ENDED : STREAM_BODY);
	return true;
}

void
http2_resume(struct http2_stream *stream)
{
	struct http2_session *s;

	CHECK(stream, HTTP2_STREAM_MAGIC);
	if (stream->state != STREAM_BODY)
		return;
	s = stream->session;
	switch (nghttp2_session_resume_data(s->ng, stream->id)) {
	case 0:
		session_wake(s);
		break;
	case NGHTTP2_ERR_NOMEM:
		http2_reset(stream, HTTP2_INTERNAL_ERROR);
		break;
	default: /* it is being pulled already */
		break;
	}
}

bool
http2_trailers(struct http2_stream *stream, const struct http2_field *fields,
    size_t n_fields)
{
	CHECK(stream, HTTP2_STREAM_MAGIC);
	ENSURE(!stream->trailers);
	if (stream->state != STREAM_BODY)
		return false;
	stream->trailers =
	    stream_submit(stream, fields, n_fields, submit_trailers);
	return stream->trailers;
}

void
http2_reset(struct http2_stream *stream, uint32_t error)
{
	struct http2_session *s;

	CHECK(stream, HTTP2_STREAM_MAGIC);
	if (stream->state == STREAM_RESET)
		return;
	s = stream->session;
	stream_set_state(stream, STREAM_RESET);
	if (s->opening == stream)
		s->opening = NULL;
	if (nghttp2_submit_rst_stream(s->ng, NGHTTP2_FLAG_NONE, stream->id,
		error) != 0)
		session_end(s, HTTP2_INTERNAL_ERROR, "out of memory");
	session_wake(s);
}

void
http2_discount(struct http2_stream *stream)
{
	CHECK(stream, HTTP2_STREAM_MAGIC);
	if (stream->discounted)
		return;
	stream->discounted = true;
	stream->session->n_discounted++;
	session_wake(stream->session);
}

void
http2_consume(struct http2_stream *stream, size_t n)
{
	struct http2_session *s;

	CHECK(stream, HTTP2_STREAM_MAGIC);
	if (stream->ended || n == 0)
		return;
	s = stream->session;
	if (nghttp2_session_consume_stream(s->ng, stream->id, n) != 0)
		session_end(s, HTTP2_INTERNAL_ERROR, "out of memory");
	session_wake(s);
}
