/*
 * session.c - the life of a session: made, fed, emptied, freed
 *
 * Runs in workers.  What the bytes mean is found in receive.c and send.c, which
 * nghttp2 calls from within http2_session_input and http2_session_output.
 */
#include <config.h>

#include "http2/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "config/config.h"
#include "http2/internal.h"

/*
 * Tokens that a frame which brings a call forward gives back, its own charge
 * included.  So a client may answer each DATA of ours with two WINDOW_UPDATEs,
 * and send PINGs besides, for ever.
 */
#define SESSION_PROGRESS 2

static int
session_announce(struct http2_session *s)
{
	const struct config_limits *l = s->limits;
	const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
		    (uint32_t)l->max_concurrent_streams },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
		    (uint32_t)l->stream_window },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
		    (uint32_t)l->max_header_list_size },
		{ NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 },
	};
	int error;

	error = nghttp2_submit_settings(s->ng, NGHTTP2_FLAG_NONE, settings,
	    sizeof(settings) / sizeof(*settings));
	if (error != 0)
		return error;
	return nghttp2_session_set_local_window_size(s->ng, NGHTTP2_FLAG_NONE,
	    0, (int32_t)l->connection_window);
}

/* nghttp2's part; false without memory. */
static bool
session_begin(struct http2_session *s)
{
	struct http2 *h = s->http2;
	int error;

	h->pool.making = true;
	error = nghttp2_session_server_new3(&s->ng, h->callbacks, s, h->option,
	    &h->pool.mem);
	h->pool.making = false;
	return error == 0 && session_announce(s) == 0;
}

struct http2_session *
http2_session_new(struct http2 *http2, void *owner,
    const struct config_limits *limits)
{
	struct http2_session *s;

	CHECK(http2, HTTP2_MAGIC);
	s = freelist_take(&http2->sessions);
	if (s == NULL)
		return NULL;
	s->magic = HTTP2_SESSION_MAGIC;
	s->http2 = http2;
	s->handler = http2->handler;
	s->owner = owner;
	s->limits = limits;
	s->list_limit = (size_t)limits->max_header_list_size;
	s->made_us = http2->now_us;
	s->drain_us = CLOCK_NEVER;
	keepalive_init(&s->keepalive, http2->now_us);
	age_init(s);
	LIST_INIT(&s->streams);
	frames_init(&s->frames);
	budget_init(&s->frame_budget, limits->frame_burst, limits->frame_rate,
	    http2->now_us);
	budget_init(&s->reset_budget, limits->reset_burst, limits->reset_rate,
	    http2->now_us);
	if (!session_begin(s))
		http2_session_free(&s);
	return s;
}

void
http2_session_free(struct http2_session **session)
{
	struct http2_session *s = *session;
	struct http2_stream *stream;

	if (s == NULL)
		return;
	CHECK(s, HTTP2_SESSION_MAGIC);
	ENSURE(!s->busy);
	*session = NULL;
	s->busy = true;
	while ((stream = LIST_FIRST(&s->streams)) != NULL)
		stream_close(&stream, HTTP2_CANCEL);
	/*
	 * Where there is no memory to queue a stream's DATA, nghttp2 1.52 frees
	 * it and keeps it, to free it again in here.  Better a leak.
	 */
	if (!s->broken)
		nghttp2_session_del(s->ng);
	free(s->reason);
	s->magic = 0;
	freelist_give(&s->http2->sessions, s);
}

void
session_count_reset(struct http2_session *s)
{
	s->n_reset++;
	if (budget_take(&s->reset_budget, 1, s->http2->now_us))
		return;
	session_end(s, HTTP2_ENHANCE_YOUR_CALM,
	    "%llu streams reset, more than reset_burst %lld and "
	    "reset_rate %lld allow",
	    (unsigned long long)s->n_reset, (long long)s->limits->reset_burst,
	    (long long)s->limits->reset_rate);
}

void
session_wake(struct http2_session *s)
{
	if (s->busy || s->woken)
		return;
	s->woken = true;
	s->handler->wake(s->owner);
}

struct http2_stream *
session_seek(struct http2_session *s, int32_t id)
{
	struct http2_stream *stream;

	stream = nghttp2_session_get_stream_user_data(s->ng, id);
	if (stream == NULL)
		return NULL;
	CHECK(stream, HTTP2_STREAM_MAGIC);
	s->recent = stream;
	return stream;
}

/* Weighs the frames that came against those that brought a call forward. */
static void
session_settle(struct http2_session *s)
{
	int64_t charge = (int64_t)(s->frames.seen - s->settled);
	int64_t credit = (int64_t)s->progress * SESSION_PROGRESS;

	s->settled = s->frames.seen;
	s->progress = 0;
	if (charge <= credit) {
		budget_give(&s->frame_budget, credit - charge);
		return;
	}
	if (budget_take(&s->frame_budget, charge - credit, s->http2->now_us))
		return;
	session_end(s, HTTP2_ENHANCE_YOUR_CALM,
	    "more frames without progress than frame_burst %lld and "
	    "frame_rate %lld allow, of %llu frames",
	    (long long)s->limits->frame_burst, (long long)s->limits->frame_rate,
	    (unsigned long long)s->frames.seen);
}

/*
 * Gives bytes to nghttp2, as far as they are sound.  Which of our streams a
 * client has seen means nothing, since we open none; but nghttp2 ends the
 * session where it is one of the client's own, as grpc-go's client has it, or
 * the last possible one (RFC 9113, 6.8).  So it reads 0.
 */
static ssize_t
session_feed(struct http2_session *s, const uint8_t *bytes, size_t len,
    enum frames_fault *ret_fault)
{
	static const uint8_t none[FRAMES_FIELD];
	ssize_t result;
	size_t n;

	do {
		n = frames_last_stream(&s->frames, len);
		if (n > 0 &&
		    (result = nghttp2_session_mem_recv(s->ng, none, n)) < 0)
			return result;
		bytes += n;
		len -= n;
		*ret_fault = frames_walk(&s->frames, bytes, len, &n);
		result = nghttp2_session_mem_recv(s->ng, bytes, n);
		bytes += n;
		len -= n;
	} while (result >= 0 && *ret_fault == FRAMES_GOAWAY);
	return result;
}

bool
http2_session_input(struct http2_session *session, const uint8_t *bytes,
    size_t len)
{
	struct http2_session *s = session;
	enum frames_fault fault = FRAMES_SOUND;
	ssize_t n;

	CHECK(s, HTTP2_SESSION_MAGIC);
	ENSURE(!s->busy);
	if (s->state != SESSION_OPEN)
		return false;
	s->busy = true;
	if (len > 0)
		keepalive_heard(&s->keepalive, s->http2->now_us);
	n = session_feed(s, bytes, len, &fault);
	if (n < 0)
		session_broke(s, (int)n);
	else if (fault != FRAMES_SOUND)
		session_fault(s, fault);
	else
		session_settle(s);
	s->busy = false;
	return s->state == SESSION_OPEN;
}

/* Appends a frame of nghttp2's; false without memory. */
static bool
session_take(struct http2_session *s, const uint8_t *frame, size_t len,
    struct buffer *out)
{
	if (s->drain == DRAIN_NOTICING &&
	    drain_notice_taken(s, frame, len, out))
		return true;
	return buffer_append(out, frame, len);
}

bool
http2_session_output(struct http2_session *session, struct buffer *out,
    size_t enough)
{
	struct http2_session *s = session;
	const uint8_t *bytes;
	ssize_t n = 1;

	CHECK(s, HTTP2_SESSION_MAGIC);
	ENSURE(!s->busy);
	s->busy = true;
	s->woken = false;
	drain_output(s);
	while (s->state != SESSION_ENDED && buffer_length(out) < enough) {
		n = nghttp2_session_mem_send(s->ng, &bytes);
		s->broken = n == NGHTTP2_ERR_NOMEM;
		if (n <= 0)
			break;
		if (!session_take(s, bytes, (size_t)n, out)) {
			n = NGHTTP2_ERR_NOMEM;
			break;
		}
		pool_frame_taken(&s->http2->pool);
	}
	if (n == 0 && s->state == SESSION_FLUSHING)
		s->state = SESSION_ENDED;
	s->busy = false;
	return n >= 0;
}

bool
http2_session_done(const struct http2_session *session)
{
	CHECK(session, HTTP2_SESSION_MAGIC);
	return session->state == SESSION_ENDED ||
	       (!nghttp2_session_want_read(session->ng) &&
		   !nghttp2_session_want_write(session->ng));
}

bool
http2_session_greeted(const struct http2_session *session)
{
	CHECK(session, HTTP2_SESSION_MAGIC);
	return session->greeted;
}
