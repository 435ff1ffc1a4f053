/*
 * send.c - the bodies that nghttp2 asks for, and the frames that have gone
 *
 * Runs in workers, within http2_session_output.
 */
#include <config.h>

#include "http2/internal.h"

#include "base/check.h"

/*
 * A client that gives a window of a few bytes at a time makes us send as many
 * frames as it does: DATA that such a window cuts off brings nothing forward.
 */
#define SEND_PINCHED 1024

/*
 * From its second DATA frame on a stream takes turns with the others (RFC 9218,
 * incremental): by itself nghttp2 would send the oldest one to its end first.
 */
static void
stream_share(struct http2_stream *stream)
{
	const nghttp2_extpri turns = {
		.urgency = NGHTTP2_EXTPRI_DEFAULT_URGENCY,
		.inc = 1,
	};

	if (stream->shared)
		return;
	stream->shared = true;
	nghttp2_session_change_extpri_stream_priority(stream->session->ng,
	    stream->id, &turns, 1);
}

ssize_t
send_body(nghttp2_session *ng, int32_t id, uint8_t *to, size_t room,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct http2_session *s = arg;
	struct http2_stream *stream = source->ptr;
	bool end = false;
	size_t n;

	(void)ng, (void)id;
	CHECK(stream, HTTP2_STREAM_MAGIC);
	if (stream->state != STREAM_BODY)
		return NGHTTP2_ERR_DEFERRED;
	s->recent = stream;
	n = s->handler->pull(stream->call, to, room, &end);
	ENSURE(n <= room && (end || !stream->trailers));
	if (stream->state != STREAM_BODY)
		return NGHTTP2_ERR_DEFERRED;
	s->pinched = n == room && room < SEND_PINCHED;
	if (end) {
		stream_set_state(stream, STREAM_ENDED);
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (stream->trailers)
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
	} else if (n == 0) {
		return NGHTTP2_ERR_DEFERRED;
	} else {
		stream_share(stream);
	}
	return (ssize_t)n;
}

/*
 * The response has gone; what the client still sends nobody reads.  So it is
 * told to stop, without an error (RFC 9113, 8.1).
 */
static int
response_sent(struct http2_session *s, int32_t id)
{
	struct http2_stream *stream = session_find(s, id);

	if (stream == NULL || stream->ended || stream->state == STREAM_RESET)
		return 0;
	stream_set_state(stream, STREAM_RESET);
	return nghttp2_submit_rst_stream(s->ng, NGHTTP2_FLAG_NONE, id,
	    HTTP2_NO_ERROR);
}

/*
 * A GOAWAY has gone.  The last one is ours, or one that nghttp2 has made up by
 * itself; before it may have come those of a drain.
 */
static void
goaway_sent(struct http2_session *s, const nghttp2_goaway *goaway)
{
	if (goaway->last_stream_id == INT32_MAX &&
	    goaway->error_code == HTTP2_NO_ERROR &&
	    goaway->opaque_data_len == 0)
		return;
	if (s->state == SESSION_OPEN && goaway->error_code != HTTP2_NO_ERROR)
		session_end(s, goaway->error_code, "%s: %.*s",
		    nghttp2_http2_strerror(goaway->error_code),
		    (int)goaway->opaque_data_len,
		    (const char *)goaway->opaque_data);
	if (s->state != SESSION_ENDING)
		return;
	if (goaway->error_code != HTTP2_NO_ERROR)
		s->state = SESSION_ENDED;
	else if (s->end_code == HTTP2_NO_ERROR)
		s->state = SESSION_FLUSHING;
}

static int
on_frame_sent(nghttp2_session *ng, const nghttp2_frame *frame, void *arg)
{
	struct http2_session *s = arg;

	(void)ng;
	CHECK(s, HTTP2_SESSION_MAGIC);
	switch (frame->hd.type) {
	case NGHTTP2_DATA:
		keepalive_sent(&s->keepalive);
		if (frame->hd.length > 0 && !s->pinched)
			s->progress++;
		break;
	case NGHTTP2_HEADERS:
		keepalive_sent(&s->keepalive);
		s->progress++;
		break;
	case NGHTTP2_RST_STREAM:
		if (frame->rst_stream.error_code != HTTP2_NO_ERROR)
			session_count_reset(s);
		return 0;
	case NGHTTP2_GOAWAY:
		goaway_sent(s, &frame->goaway);
		drain_goaway_sent(s);
		return 0;
	default:
		return 0;
	}
	if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
		return response_sent(s, frame->hd.stream_id);
	return 0;
}

/* Headers that are too large for nghttp2 must not leave the client waiting. */
static int
on_frame_not_sent(nghttp2_session *ng, const nghttp2_frame *frame, int error,
    void *arg)
{
	struct http2_stream *stream;

	(void)ng, (void)error;
	if (frame->hd.type != NGHTTP2_HEADERS)
		return 0;
	stream = session_find(arg, frame->hd.stream_id);
	if (stream != NULL)
		http2_reset(stream, HTTP2_INTERNAL_ERROR);
	return 0;
}

void
send_callbacks(nghttp2_session_callbacks *callbacks)
{
	nghttp2_session_callbacks_set_on_frame_send_callback(callbacks,
	    on_frame_sent);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks,
	    on_frame_not_sent);
}
