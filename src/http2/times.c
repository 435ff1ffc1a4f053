/*
 * times.c - what comes of a session's waiting
 *
 * Runs in workers.
 */
#include <config.h>

#include "http2/internal.h"

#include "base/check.h"
#include "base/clock.h"

static const uint8_t ask_opaque[8] = "anybody?";

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
http2_session_due(const struct http2_session *session)
{
	const struct http2_session *s = session;

	CHECK(s, HTTP2_SESSION_MAGIC);
	if (s->state != SESSION_OPEN)
		return CLOCK_NEVER;
	return earlier(earlier(s->drain_us, age_due(s)),
	    keepalive_due(&s->keepalive, s->limits));
}

static void
keepalive_turn(struct http2_session *s)
{
	switch (keepalive_tick(&s->keepalive, s->limits, s->http2->now_us)) {
	case KEEPALIVE_WELL:
		break;
	case KEEPALIVE_ASK:
		if (nghttp2_submit_ping(s->ng, NGHTTP2_FLAG_NONE, ask_opaque) !=
		    0)
			session_end(s, HTTP2_INTERNAL_ERROR, "out of memory");
		break;
	case KEEPALIVE_GONE:
		session_end_silent(s);
		break;
	}
}

void
http2_session_tick(struct http2_session *session)
{
	struct http2_session *s = session;

	CHECK(s, HTTP2_SESSION_MAGIC);
	if (s->state != SESSION_OPEN)
		return;
	drain_tick(s);
	age_tick(s);
	if (s->state != SESSION_OPEN)
		return;
	keepalive_turn(s);
}

void
http2_session_excuse(struct http2_session *session)
{
	CHECK(session, HTTP2_SESSION_MAGIC);
	keepalive_heard(&session->keepalive, session->http2->now_us);
}
