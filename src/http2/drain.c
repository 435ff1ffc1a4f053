/*
 * drain.c - the graceful end in two phases
 *
 * Runs in workers.  A client may have sent a request just before our GOAWAY
 * reaches it.  So the first one refuses nothing, and only after a round trip,
 * which a PING measures, the second names the last stream (RFC 9113, 6.8).
 */
#include <config.h>

#include "http2/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/text.h"
#include "config/config.h"

#define DRAIN_FIRST_REQUEST (1 * CLOCK_SECOND) /* after the session was made */
#define DRAIN_ACK (5 * CLOCK_SECOND)           /* after the first GOAWAY */

static const uint8_t drain_opaque[8] = "draining";

/* Bytes of a GOAWAY without a text: a frame's head, last stream, code. */
#define DRAIN_GOAWAY (9 + 8)

/* Room for a text. */
#define DRAIN_TEXT 64

static size_t
drain_text(const struct http2_session *s, char to[DRAIN_TEXT])
{
	const struct config_limits *l = s->limits;
	char time[TEXT_MAX];
	int n = 0;

	switch (s->drain_why) {
	case DRAIN_SERVER:
		n = snprintf(to, DRAIN_TEXT, "the server is draining");
		break;
	case DRAIN_IDLE:
		n = snprintf(to, DRAIN_TEXT, "max_connection_idle %s is over",
		    text_format_time(l->max_connection_idle, time));
		break;
	case DRAIN_OLD:
		n = snprintf(to, DRAIN_TEXT, "max_connection_age %s is over",
		    text_format_time(l->max_connection_age, time));
		break;
	}
	return (size_t)n;
}

static void
drain_failed(struct http2_session *s)
{
	session_end(s, HTTP2_INTERNAL_ERROR, "out of memory");
}

static void
drain_notice(struct http2_session *s)
{
	s->drain = DRAIN_NOTICING;
	s->drain_us = s->http2->now_us + DRAIN_ACK;
	if (nghttp2_submit_shutdown_notice(s->ng) != 0)
		drain_failed(s);
}

/*
 * nghttp2 knows of no text for it, and with any other GOAWAY it would take no
 * more requests.  So its bytes are changed on their way.
 */
bool
drain_notice_taken(struct http2_session *s, const uint8_t *frame, size_t len,
    struct buffer *out)
{
	uint8_t notice[DRAIN_GOAWAY + DRAIN_TEXT];
	size_t text_len;

	if (len != DRAIN_GOAWAY || frame[3] != NGHTTP2_GOAWAY)
		return false;
	memcpy(notice, frame, DRAIN_GOAWAY);
	text_len = drain_text(s, (char *)notice + DRAIN_GOAWAY);
	notice[2] = (uint8_t)(notice[2] + text_len);
	if (!buffer_append(out, notice, DRAIN_GOAWAY + text_len))
		return false;
	s->drain = DRAIN_NOTICED;
	return true;
}

/*
 * Only now the PING: nghttp2 sends one before all else that waits, and an ACK
 * that overtakes the GOAWAY measures nothing.
 */
void
drain_goaway_sent(struct http2_session *s)
{
	if (s->drain == DRAIN_NOTICING && s->state == SESSION_OPEN &&
	    nghttp2_submit_ping(s->ng, NGHTTP2_FLAG_NONE, drain_opaque) != 0)
		drain_failed(s);
}

static void
drain_last(struct http2_session *s)
{
	char text[DRAIN_TEXT];
	size_t len = drain_text(s, text);

	s->drain = DRAIN_LAST;
	if (nghttp2_submit_goaway(s->ng, NGHTTP2_FLAG_NONE,
		nghttp2_session_get_last_proc_stream_id(s->ng), HTTP2_NO_ERROR,
		(const uint8_t *)text, len) != 0)
		drain_failed(s);
}

/*
 * The last stream is named when all that has come is taken, and before more
 * does: a request beyond it would be answered, and sent again all the same.
 */
void
drain_output(struct http2_session *s)
{
	if (s->drain == DRAIN_DUE && s->state == SESSION_OPEN)
		drain_last(s);
}

static void
drain_is_due(struct http2_session *s)
{
	s->drain = DRAIN_DUE;
	s->drain_us = CLOCK_NEVER;
	session_wake(s);
}

void
drain_request(struct http2_session *s)
{
	if (s->drain == DRAIN_WAITING)
		drain_notice(s);
}

void
drain_ack(struct http2_session *s, const uint8_t *opaque)
{
	if (s->drain == DRAIN_NOTICED &&
	    memcmp(opaque, drain_opaque, sizeof(drain_opaque)) == 0)
		drain_is_due(s);
}

void
drain_begin(struct http2_session *s, enum drain_why why)
{
	if (s->drain != DRAIN_NOT || s->state != SESSION_OPEN)
		return;
	s->drain_why = why;
	if (!s->used && s->http2->now_us < s->made_us + DRAIN_FIRST_REQUEST) {
		s->drain = DRAIN_WAITING;
		s->drain_us = s->made_us + DRAIN_FIRST_REQUEST;
	} else {
		drain_notice(s);
	}
	session_wake(s);
}

void
http2_session_drain(struct http2_session *session)
{
	CHECK(session, HTTP2_SESSION_MAGIC);
	drain_begin(session, DRAIN_SERVER);
}

void
drain_tick(struct http2_session *s)
{
	if (s->http2->now_us < s->drain_us)
		return;
	if (s->drain == DRAIN_WAITING)
		drain_notice(s);
	else
		drain_is_due(s);
}
