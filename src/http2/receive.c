/*
 * receive.c - what nghttp2 tells of the client's frames, handed up
 *
 * Runs in workers, within http2_session_input.  nghttp2 has checked the frames
 * and HTTP's rules for fields; what it does not limit is limited here.
 */
#include <config.h>

#include "http2/internal.h"

#include "base/check.h"
#include "config/config.h"
#include "stats/stats.h"

/*
 * A header list is decoded up to this many times its limit, to find out how
 * large it is; then it is a bomb (references to HPACK's table, RFC 7541, 7.3).
 */
#define RECEIVE_BOMB 16
#define RECEIVE_FIELD 32 /* bytes that each field counts besides its own */

/* Refuses a stream that there is no memory for. */
static int
request_refuse(struct http2_session *s, int32_t id)
{
	if (nghttp2_submit_rst_stream(s->ng, NGHTTP2_FLAG_NONE, id,
		HTTP2_REFUSED_STREAM) != 0)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static int
request_begin(struct http2_session *s, int32_t id)
{
	struct http2 *h = s->http2;
	struct http2_stream *stream = freelist_take(&h->streams);

	if (stream == NULL)
		return request_refuse(s, id);
	stream->magic = HTTP2_STREAM_MAGIC;
	stream->id = id;
	stream->session = s;
	stream->call = s->handler->open(s->owner, stream);
	if (stream->call == NULL) {
		stream->magic = 0;
		freelist_give(&h->streams, stream);
		return request_refuse(s, id);
	}
	nghttp2_session_set_stream_user_data(s->ng, id, stream);
	LIST_INSERT_HEAD(&s->streams, stream, link);
	s->recent = stream;
	s->n_streams++;
	s->progress++;
	if (stream->state == STREAM_HEADERS)
		s->opening = stream;
	STATS_ADD(h->row, streams, 1);
	if (!s->used) {
		s->used = true;
		drain_request(s);
	}
	return 0;
}

static int
on_begin_headers(nghttp2_session *ng, const nghttp2_frame *frame, void *arg)
{
	struct http2_session *s = arg;

	(void)ng;
	CHECK(s, HTTP2_SESSION_MAGIC);
	s->list_size = 0;
	s->opening = NULL;
	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	return request_begin(s, frame->hd.stream_id);
}

/* Fields past the limit are counted, up to a point, and not told. */
static int
list_exceeds(struct http2_session *s)
{
	if (s->list_size <= s->list_limit * RECEIVE_BOMB)
		return 0;
	session_end(s, HTTP2_ENHANCE_YOUR_CALM,
	    "a header list of %zu bytes or more is over %d times "
	    "max_header_list_size %zu",
	    s->list_size, RECEIVE_BOMB, s->list_limit);
	return NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int
on_header(nghttp2_session *ng, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
    void *arg)
{
	struct http2_session *s = arg;

	(void)ng, (void)frame, (void)flags;
	s->list_size += name_len + value_len + RECEIVE_FIELD;
	if (s->list_size > s->list_limit)
		return list_exceeds(s);
	if (s->opening != NULL)
		s->handler->field(s->opening->call,
		    (struct http2_text){ (const char *)name, name_len },
		    (struct http2_text){ (const char *)value, value_len });
	return 0;
}

static void
request_end(struct http2_stream *stream)
{
	stream->ended = true;
	stream->session->progress++;
	if (stream->state != STREAM_RESET)
		stream->session->handler->end(stream->call);
}

static void
headers_received(struct http2_session *s, const nghttp2_frame *frame)
{
	struct http2_stream *stream = session_find(s, frame->hd.stream_id);

	if (stream == NULL)
		return;
	if (frame->headers.cat == NGHTTP2_HCAT_REQUEST &&
	    stream->state == STREAM_HEADERS) {
		stream_set_state(stream, STREAM_OPEN);
		s->handler->headers(stream->call, s->list_size);
	}
	if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
		request_end(stream);
}

static void
data_received(struct http2_session *s, const nghttp2_frame *frame)
{
	struct http2_stream *stream;

	if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return;
	stream = session_find(s, frame->hd.stream_id);
	if (stream != NULL)
		request_end(stream);
}

static int
on_frame(nghttp2_session *ng, const nghttp2_frame *frame, void *arg)
{
	struct http2_session *s = arg;

	(void)ng;
	switch (frame->hd.type) {
	case NGHTTP2_HEADERS:
		headers_received(s, frame);
		break;
	case NGHTTP2_DATA:
		data_received(s, frame);
		break;
	case NGHTTP2_RST_STREAM:
		if (session_find(s, frame->hd.stream_id) != NULL)
			session_count_reset(s);
		break;
	case NGHTTP2_SETTINGS:
		s->greeted = true;
		break;
	case NGHTTP2_PING:
		if (frame->hd.flags & NGHTTP2_FLAG_ACK)
			drain_ack(s, frame->ping.opaque_data);
		else if (!keepalive_pinged(&s->keepalive, s->limits,
			     s->http2->now_us, s->n_streams > 0))
			session_end_pings(s);
		break;
	default:
		break;
	}
	return s->state == SESSION_OPEN ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int
on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *bytes,
    size_t len, void *arg)
{
	struct http2_session *s = arg;
	struct http2_stream *stream;

	(void)flags;
	if (nghttp2_session_consume_connection(ng, len) != 0)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	stream = session_find(s, id);
	if (stream == NULL || stream->state == STREAM_RESET)
		return 0;
	s->progress++;
	s->handler->data(stream->call, bytes, len);
	return 0;
}

static int
on_close(nghttp2_session *ng, int32_t id, uint32_t error, void *arg)
{
	struct http2_stream *stream = session_find(arg, id);

	(void)ng;
	if (stream != NULL)
		stream_close(&stream, error);
	return 0;
}

void
receive_callbacks(nghttp2_session_callbacks *callbacks)
{
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks,
	    on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks,
	    on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
	    on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
	    on_close);
}
