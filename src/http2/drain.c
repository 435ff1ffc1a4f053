/*
 * drain.c - the graceful end in two phases
 *
 * Runs in workers.  A client may have sent a request just before our GOAWAY
 * reaches it.  So the first one refuses nothing, and only after a round trip,
 * which a PING measures, the second names the last stream (RFC 9113, 6.8).
 */
#include <config.h>

#include "http2/internal.h"

#include <string.h>

#include "base/check.h"
#include "base/clock.h"

#define DRAIN_FIRST_REQUEST (1 * CLOCK_SECOND) /* after the session was made */
#define DRAIN_ACK (5 * CLOCK_SECOND)           /* after the first GOAWAY */

static const uint8_t drain_opaque[8] = "draining";
static const char drain_text[] = "the server is draining";

static void
drain_failed(struct http2_session *s)
{
	session_end(s, HTTP2_INTERNAL_ERROR, "out of memory");
}

static void
drain_notice(struct http2_session *s)
{
	s->drain = DRAIN_NOTICED;
	s->drain_us = s->http2->now_us + DRAIN_ACK;
	if (nghttp2_submit_shutdown_notice(s->ng) != 0)
		drain_failed(s);
}

/*
 * Only now the PING: nghttp2 sends one before all else that waits, and an ACK
 * that overtakes the GOAWAY measures nothing.
 */
void
drain_goaway_sent(struct http2_session *s)
{
	if (s->drain == DRAIN_NOTICED && s->state == SESSION_OPEN &&
	    nghttp2_submit_ping(s->ng, NGHTTP2_FLAG_NONE, drain_opaque) != 0)
		drain_failed(s);
}

static void
drain_last(struct http2_session *s)
{
	s->drain = DRAIN_LAST;
	s->drain_us = CLOCK_NEVER;
	if (nghttp2_submit_goaway(s->ng, NGHTTP2_FLAG_NONE,
		nghttp2_session_get_last_proc_stream_id(s->ng), HTTP2_NO_ERROR,
		(const uint8_t *)drain_text, sizeof(drain_text) - 1) != 0)
		drain_failed(s);
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
		drain_last(s);
}

void
http2_session_drain(struct http2_session *session)
{
	struct http2_session *s = session;

	CHECK(s, HTTP2_SESSION_MAGIC);
	if (s->drain != DRAIN_NOT || s->state != SESSION_OPEN)
		return;
	if (!s->used && s->http2->now_us < s->made_us + DRAIN_FIRST_REQUEST) {
		s->drain = DRAIN_WAITING;
		s->drain_us = s->made_us + DRAIN_FIRST_REQUEST;
	} else {
		drain_notice(s);
	}
	session_wake(s);
}

void
drain_tick(struct http2_session *s)
{
	if (s->http2->now_us < s->drain_us)
		return;
	if (s->drain == DRAIN_WAITING)
		drain_notice(s);
	else if (s->drain == DRAIN_NOTICED)
		drain_last(s);
}
