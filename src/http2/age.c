/*
 * age.c - how long a session may be idle, and how old it may become
 *
 * Runs in workers.  Either way it is drained, as gRPC's proposal A9 has it.  An
 * old one has its grace besides: then the calls that are left are ended.
 */
#include <config.h>

#include "http2/internal.h"

#include "base/clock.h"
#include "base/jitter.h"
#include "config/config.h"

#define AGE_JITTER 10 /* percent */

static const char grace_over[] = "max_connection_age_grace is over";
static const char drained[] = "the connection is drained";

void
age_init(struct http2_session *s)
{
	int64_t age_us = s->limits->max_connection_age * CLOCK_MS;

	s->idle_us = s->made_us;
	s->old_us =
	    age_us > 0 ? s->made_us + jitter(age_us, AGE_JITTER) : CLOCK_NEVER;
}

static bool
is_idle(const struct http2_session *s)
{
	return s->n_streams == s->n_discounted;
}

/* Drained, and only those streams are left that need not end by themselves. */
static bool
is_left(const struct http2_session *s)
{
	return s->drain == DRAIN_LAST && s->n_streams > 0 && is_idle(s);
}

static int64_t
idle_due(const struct http2_session *s)
{
	int64_t most_us = s->limits->max_connection_idle * CLOCK_MS;

	if (most_us == 0 || s->drain != DRAIN_NOT || !is_idle(s))
		return CLOCK_NEVER;
	return s->idle_us + most_us;
}

int64_t
age_due(const struct http2_session *s)
{
	int64_t idle_us = idle_due(s);

	if (is_left(s))
		return s->http2->now_us;
	return idle_us < s->old_us ? idle_us : s->old_us;
}

static void
expire_streams(struct http2_session *s, const char *why)
{
	struct http2_stream *stream;

	LIST_FOREACH (stream, &s->streams, link) {
		stream->discounted = false;
		if (stream->state == STREAM_HEADERS)
			http2_reset(stream, HTTP2_REFUSED_STREAM);
		else if (stream->state == STREAM_OPEN ||
			 stream->state == STREAM_BODY)
			s->handler->expired(stream->call, why);
	}
	s->n_discounted = 0;
}

static void
grow_old(struct http2_session *s)
{
	int64_t grace_us = s->limits->max_connection_age_grace * CLOCK_MS;

	s->old = true;
	s->old_us = grace_us > 0 ? s->http2->now_us + grace_us : CLOCK_NEVER;
	drain_begin(s, DRAIN_OLD);
}

void
age_tick(struct http2_session *s)
{
	if (is_left(s))
		expire_streams(s, drained);
	if (s->http2->now_us >= idle_due(s))
		drain_begin(s, DRAIN_IDLE);
	if (s->http2->now_us < s->old_us)
		return;
	if (!s->old) {
		grow_old(s);
	} else {
		expire_streams(s, grace_over);
		http2_session_goaway(s, HTTP2_NO_ERROR, grace_over);
	}
}
