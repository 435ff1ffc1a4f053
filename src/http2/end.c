/*
 * end.c - how a session ends: what its client is told, and what the log is
 *
 * Runs in workers.
 */
#include <config.h>

#include "http2/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "config/config.h"
#include "stats/stats.h"

/* Queues the last GOAWAY. */
static void
session_goaway(struct http2_session *s, uint32_t code, const char *text)
{
	if (s->state != SESSION_OPEN)
		return;
	s->state = SESSION_ENDING;
	s->end_code = code;
	if (nghttp2_submit_goaway(s->ng, NGHTTP2_FLAG_NONE,
		nghttp2_session_get_last_proc_stream_id(s->ng), code,
		(const uint8_t *)text, strlen(text)) != 0)
		s->state = SESSION_ENDED;
}

static void
session_count_end(struct stats_row *row, enum http2_cause cause)
{
	switch (cause) {
	case HTTP2_CAUSE_NONE:
	case HTTP2_CAUSE_OTHER:
		break;
	case HTTP2_CAUSE_FAULT:
		STATS_ADD(row, protocol_errors, 1);
		break;
	case HTTP2_CAUSE_FLOOD:
		STATS_ADD(row, floods, 1);
		break;
	case HTTP2_CAUSE_PINGS:
		STATS_ADD(row, too_many_pings, 1);
		break;
	case HTTP2_CAUSE_SILENT:
		STATS_ADD(row, keepalive_timeouts, 1);
		break;
	}
}

/* Keeps the reason; without memory for it there is none. */
__attribute__((format(printf, 3, 0))) static void
session_blame(struct http2_session *s, enum http2_cause cause, const char *fmt,
    va_list args)
{
	s->cause = cause;
	if (vasprintf(&s->reason, fmt, args) == -1)
		s->reason = NULL;
	session_count_end(s->http2->row, cause);
}

static enum http2_cause
cause_of(uint32_t code)
{
	switch (code) {
	case HTTP2_INTERNAL_ERROR:
		return HTTP2_CAUSE_OTHER;
	case HTTP2_ENHANCE_YOUR_CALM:
		return HTTP2_CAUSE_FLOOD;
	default:
		return HTTP2_CAUSE_FAULT;
	}
}

void
session_end(struct http2_session *s, uint32_t code, const char *fmt, ...)
{
	va_list args;

	if (s->state != SESSION_OPEN)
		return;
	va_start(args, fmt);
	session_blame(s, cause_of(code), fmt, args);
	va_end(args);
	session_goaway(s, code, s->reason == NULL ? "" : s->reason);
}

static void __attribute__((format(printf, 3, 4)))
session_blame_for(struct http2_session *s, enum http2_cause cause,
    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	session_blame(s, cause, fmt, args);
	va_end(args);
}

void
session_end_pings(struct http2_session *s)
{
	char least[TEXT_MAX];

	if (s->state != SESSION_OPEN)
		return;
	if (s->n_streams == 0 && !s->limits->keepalive_permit_without_calls)
		session_blame_for(s, HTTP2_CAUSE_PINGS,
		    "PINGs of its keepalive while it has no call open; let "
		    "the client send none then, or set "
		    "keepalive_permit_without_calls = on");
	else
		session_blame_for(s, HTTP2_CAUSE_PINGS,
		    "PINGs of its keepalive more often than "
		    "keepalive_min_time %s allows; raise the client's "
		    "keepalive time, or lower keepalive_min_time",
		    text_format_time(s->limits->keepalive_min_time, least));
	session_goaway(s, HTTP2_ENHANCE_YOUR_CALM, "too_many_pings");
}

void
session_end_silent(struct http2_session *s)
{
	char timeout[TEXT_MAX];

	if (s->state != SESSION_OPEN)
		return;
	session_blame_for(s, HTTP2_CAUSE_SILENT,
	    "nothing came within keepalive_timeout %s of a PING",
	    text_format_time(s->limits->keepalive_timeout, timeout));
	session_goaway(s, HTTP2_NO_ERROR, s->reason == NULL ? "" : s->reason);
}

void
session_broke(struct http2_session *s, int error)
{
	switch (error) {
	case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
		session_end(s, HTTP2_PROTOCOL_ERROR,
		    "the client does not begin with HTTP/2's preface");
		break;
	case NGHTTP2_ERR_FLOODED:
		session_end(s, HTTP2_ENHANCE_YOUR_CALM,
		    "too many PING or SETTINGS at once to be acknowledged");
		break;
	case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
		session_end(s, HTTP2_ENHANCE_YOUR_CALM,
		    "too many CONTINUATION frames in one header block");
		break;
	default:
		session_end(s, HTTP2_INTERNAL_ERROR, "%s",
		    nghttp2_strerror(error));
	}
}

void
session_fault(struct http2_session *s, enum frames_fault fault)
{
	static const struct {
		uint32_t code;
		const char *text;
	} faults[] = {
		[FRAMES_LOWER] = { HTTP2_PROTOCOL_ERROR,
		    "HEADERS: a stream lower than one that was used before" },
		[FRAMES_CLOSED] = { HTTP2_STREAM_CLOSED,
		    "DATA or HEADERS on a stream that the client has ended" },
		[FRAMES_PRIORITY] = { HTTP2_PROTOCOL_ERROR,
		    "PRIORITY of stream 0, or of a stream on itself" },
	};

	session_end(s, faults[fault].code, "%s", faults[fault].text);
}

enum http2_cause
http2_session_cause(const struct http2_session *session)
{
	CHECK(session, HTTP2_SESSION_MAGIC);
	return session->cause;
}

const char *
http2_session_reason(const struct http2_session *session)
{
	CHECK(session, HTTP2_SESSION_MAGIC);
	return session->reason;
}

void
http2_session_goaway(struct http2_session *session, uint32_t error,
    const char *debug)
{
	CHECK(session, HTTP2_SESSION_MAGIC);
	session_goaway(session, error, debug);
	session_wake(session);
}
