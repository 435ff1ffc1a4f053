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
#include "base/clock.h"
#include "stats/stats.h"

static void
session_count_end(struct stats_row *row, uint32_t code)
{
	switch (code) {
	case HTTP2_NO_ERROR:
	case HTTP2_INTERNAL_ERROR:
		break;
	case HTTP2_ENHANCE_YOUR_CALM:
		STATS_ADD(row, floods, 1);
		break;
	default:
		STATS_ADD(row, protocol_errors, 1);
	}
}

/* Queues the last GOAWAY. */
static void
session_goaway(struct http2_session *s, uint32_t code, const char *text)
{
	if (s->state != SESSION_OPEN)
		return;
	s->state = SESSION_ENDING;
	s->end_code = code;
	s->due_us = CLOCK_NEVER;
	if (nghttp2_submit_goaway(s->ng, NGHTTP2_FLAG_NONE,
		nghttp2_session_get_last_proc_stream_id(s->ng), code,
		(const uint8_t *)text, strlen(text)) != 0)
		s->state = SESSION_ENDED;
}

void
session_end(struct http2_session *s, uint32_t code, const char *fmt, ...)
{
	va_list args;

	if (s->state != SESSION_OPEN)
		return;
	va_start(args, fmt);
	if (vasprintf(&s->reason, fmt, args) == -1)
		s->reason = NULL;
	va_end(args);
	session_count_end(s->http2->row, code);
	session_goaway(s, code, s->reason == NULL ? "" : s->reason);
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
