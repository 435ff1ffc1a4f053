/*
 * call.c - the life of a call
 *
 * Runs in workers.
 */
#include <config.h>

#include "grpc/call.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/jitter.h"
#include "base/identity.h"
#include "base/text.h"
#include "config/config.h"
#include "grpc/access.h"
#include "grpc/allot.h"
#include "grpc/answer.h"
#include "grpc/deadline.h"
#include "grpc/gate.h"
#include "grpc/handle.h"
#include "grpc/input.h"
#include "grpc/limits.h"
#include "grpc/private.h"
#include "grpc/registry.h"
#include "grpc/retry.h"
#include "grpc/service.h"
#include "grpc/status.h"
#include "http2/session.h"
#include "stats/stats.h"

/* Of the text of a status. */
#define TEXT_BYTES 2048

#define AGE_JITTER 10 /* percent */

static const struct http2_field http_ok = HTTP2_FIELD(":status", "200");

static const uint8_t call_may[CALL_STATES] = {
	[CALL_NEW] = 1u << CALL_WAITING | 1u << CALL_OPEN | 1u << CALL_SENDING |
		     1u << CALL_GONE,
	[CALL_WAITING] =
	    1u << CALL_OPEN | 1u << CALL_ANSWERED | 1u << CALL_LOST,
	[CALL_OPEN] = 1u << CALL_ANSWERED | 1u << CALL_LOST,
	[CALL_ANSWERED] = 1u << CALL_SENDING | 1u << CALL_LOST,
	[CALL_SENDING] = 1u << CALL_GONE,
	[CALL_LOST] = 1u << CALL_GONE,
};

static void
call_set_state(struct call *c, enum call_state to)
{
	ENSURE(call_may[c->state] & 1u << to);
	c->state = to;
}

struct call *
call_new(struct grpc_peer *peer, struct http2_stream *stream)
{
	struct grpc *g = peer->grpc;
	struct call *c = freelist_take(&g->calls);

	if (!c)
		return NULL;
	c->magic = CALL_MAGIC;
	c->grpc = g;
	c->peer = peer;
	c->stream = stream;
	c->max_memory = (size_t)peer->limits->max_call_memory;
	c->http_status = &http_ok;
	c->deadline_us = c->after_us = c->age_us = CLOCK_NEVER;
	arena_init(&c->arena, &g->chunks, c->max_memory);
	request_init(&c->request, &c->arena, g->registry);
	STATS_ADD(g->row, calls_total, 1);
	STATS_ADD(g->row, calls_open, 1);
	return c;
}

static void
call_free(struct call *c)
{
	struct grpc *g = c->grpc;

	call_set_state(c, CALL_GONE);
	ENSURE(!c->queued && !c->handle && !c->overflow && !c->placed);
	deadline_clear(c);
	if (!framing_is_idle(&c->framing))
		framing_release(&c->framing);
	if (c->output.first)
		output_release(&c->output, &g->blocks);
	if (c->arena.used > 0)
		arena_reset(&c->arena);
	c->magic = 0;
	STATS_SUB(g->row, calls_open, 1);
	freelist_give(&g->calls, c);
}

/* From here on the call has a status; what is left is to send and tell it. */
static void
decide(struct call *c, enum grpcd_status status)
{
	c->status = status_checked(status);
	if (c->status != GRPCD_OK)
		STATS_ADD(c->grpc->row, calls_failed, 1);
	if (!framing_is_idle(&c->framing))
		framing_release(&c->framing);
	if (c->state == CALL_NEW) {
		call_set_state(c, CALL_SENDING);
		return;
	}
	deadline_answered(c);
	call_set_state(c, CALL_ANSWERED);
	if (c->grpc->running != c)
		service_queue(c);
	if (c->limits->gates[0])
		gate_leave(c);
}

void
call_end(struct call *c, enum grpcd_status status, const char *text)
{
	decide(c, status);
	answer_status(c, text);
}

void
call_vfail(struct call *c, enum grpcd_status status, const char *fmt,
    va_list args)
{
	char text[TEXT_BYTES];

	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	/* A service's may be no UTF-8, or was cut; grpc-message must be. */
	text_make_utf8(text);
	call_end(c, status, text[0] ? text : NULL);
}

void
call_fail(struct call *c, enum grpcd_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	call_vfail(c, status, fmt, args);
	va_end(args);
}

/* Before any service has heard of it (RFC 9113, 8.7). */
static void
turn_away(struct call *c)
{
	decide(c, GRPCD_UNAVAILABLE);
	http2_reset(c->stream, HTTP2_REFUSED_STREAM);
}

void
call_shut_down(struct call *c, const char *why)
{
	if (c->state == CALL_WAITING) {
		turn_away(c);
		return;
	}
	retry_push_back(c, RETRY_AT_ONCE);
	call_end(c, GRPCD_UNAVAILABLE, why);
}

void
call_refuse(struct call *c)
{
	const char *sent;
	enum refusal what = request_refusal(&c->request, &sent);
	const struct refusal_row *row = &refusal_rows[what];

	c->http_status = &row->http;
	if (what == REFUSAL_NOT_POST) {
		decide(c, row->status);
		answer_plain(c, row->text);
		return;
	}
	if (what == REFUSAL_UNKNOWN_ENCODING)
		metadata_append(&c->trailers, allot_reserve(c),
		    &compress_accepted);
	if (what == REFUSAL_HEADERS_TOO_LARGE)
		retry_push_back(c, RETRY_NEVER);
	call_fail(c, row->status, "%s%s%s", row->text, sent ? ": " : "",
	    sent ? sent : "");
}

/*
 * No gRPC client sends a request that is not POST or without a content-type.
 * Others look for the answer behind their request, not within it, and to one
 * that turns out to be malformed on its way an answer would hide that (RFC
 * 9113, 8.1.1).  A content-type that is not gRPC's is another protocol's on
 * gRPC's paths; its clients may wait for an answer before they end.
 */
static void
refuse_in_time(struct call *c)
{
	const char *sent;
	enum refusal what = request_refusal(&c->request, &sent);

	if (what != REFUSAL_NOT_POST && (what != REFUSAL_NOT_GRPC || sent))
		call_refuse(c);
}

static void
wrong_list_size(struct call *c, size_t size, int64_t max_size)
{
	char text[80];
	int len = snprintf(text, sizeof(text),
	    "%zu bytes exceed max_header_list_size %lld", size,
	    (long long)max_size);

	request_wrong(&c->request, REFUSAL_HEADERS_TOO_LARGE,
	    (struct http2_text){ text, (size_t)len });
}

/* The method is not for every listener, or not for every client. */
static __attribute__((noinline)) bool
is_let_in(struct call *c)
{
	const struct registry_method *m = c->request.method;
	enum refusal what = access_ask(c);
	struct http2_text path = { m->path, m->path_len }, none = { NULL, 0 };

	if (what != REFUSALS)
		request_wrong(&c->request, what,
		    what == REFUSAL_NO_SERVICE ? path : none);
	return what == REFUSALS;
}

/* Out of line: what every call goes through then needs no stack frame. */
static __attribute__((noinline)) void
refuse_headers(struct call *c, size_t list_size)
{
	int64_t max_size = c->peer->limits->max_header_list_size;

	if (list_size > (size_t)max_size)
		wrong_list_size(c, list_size, max_size);
	refuse_in_time(c);
}

static void
set_deadline(struct call *c)
{
	const struct limits *l = c->limits;
	int64_t time_us = c->request.timeout_us;

	if (time_us == CLOCK_NEVER)
		time_us = l->default_deadline_us;
	if (time_us > l->max_deadline_us)
		time_us = l->max_deadline_us;
	if (time_us != CLOCK_NEVER)
		deadline_set(c, c->grpc->now_us + time_us);
}

/* A stream grows old from when its service knows of it. */
static void
begin_age(struct call *c)
{
	int64_t age_us = c->limits->max_stream_age_us;

	if (age_us != CLOCK_NEVER)
		deadline_age(c, c->grpc->now_us + jitter(age_us, AGE_JITTER));
}

/*
 * What most calls have nothing of: deadlines, compression, gates, an age.
 * False: the call waits at a gate, or was refused.
 */
static __attribute__((noinline)) bool
apply_limits(struct call *c)
{
	set_deadline(c);
	if (c->limits->compression)
		answer_compress(c, true);
	if (c->limits->gates[0]) {
		call_set_state(c, CALL_WAITING);
		gate_enter(c);
		if (!c->placed)
			return false;
	}
	begin_age(c);
	return true;
}

void
call_headers(struct call *c, size_t list_size)
{
	if (!request_is_good(&c->request) ||
	    list_size > (size_t)c->peer->limits->max_header_list_size ||
	    (c->request.method->guarded && !is_let_in(c))) {
		refuse_headers(c, list_size);
		return;
	}
	if (c->grpc->ended) {
		call_shut_down(c, c->grpc->ended);
		return;
	}
	c->handle = handle_open(c);
	if (!c->handle) {
		retry_later(c, "no memory for a call");
		return;
	}
	c->method = c->request.method;
	c->limits = &c->method->limits[c->peer->listener];
	c->max_memory = c->limits->max_memory;
	if ((c->limits->more || c->request.timeout_us != CLOCK_NEVER) &&
	    !apply_limits(c))
		return;
	call_set_state(c, CALL_OPEN);
	if (c->method->method->client_streams)
		input_open(c);
}

/* Out of line, as all is of what a unary call that answers at once skips. */
static __attribute__((noinline)) void
tell_end(struct call *c)
{
	service_enter_call(c);
	c->events->end(c->handle, c->status);
	service_leave_call(c);
}

/* The last that the service hears of the call. */
static void
leave_service(struct call *c)
{
	if (c->events && c->events->end)
		tell_end(c);
	handle_close(c->handle, c->method);
	c->handle = NULL;
	if (c->overflow)
		allot_end(c);
}

static void
tell_writable(struct call *c)
{
	c->writable_due = false;
	if (!c->events || !c->events->writable)
		return;
	service_enter_call(c);
	c->events->writable(c->handle);
	service_leave_call(c);
}

bool
call_is_leaving(const struct call *c)
{
	return c->old || c->grpc->drained_us != CLOCK_NEVER;
}

/* When it is to have ended, for it is old or the worker drains. */
static int64_t
end_us(const struct call *c)
{
	int64_t drained_us = c->grpc->drained_us;

	return c->old && c->age_us < drained_us ? c->age_us : drained_us;
}

static int64_t
ms_left(const struct call *c)
{
	int64_t us = end_us(c);

	if (us == CLOCK_NEVER)
		return INT64_MAX;
	us -= c->grpc->now_us;
	return us > 0 ? us / CLOCK_MS : 0;
}

/* Once; a call that is kept only when it is to end is told, too. */
static void
tell_drain(struct call *c)
{
	if (c->drain_told || !c->events || !c->events->drain)
		return;
	c->drain_told = true;
	service_enter_call(c);
	c->events->drain(c->handle, ms_left(c));
	service_leave_call(c);
}

static __attribute__((noinline)) void
work_open(struct call *c)
{
	if (c->writable_due)
		tell_writable(c);
	if (c->state == CALL_OPEN && call_is_leaving(c))
		tell_drain(c);
	if (c->state == CALL_OPEN)
		input_resume(c);
}

/* It has waited, and now it has its places. */
static void
work_waiting(struct call *c)
{
	ENSURE(c->placed);
	if (c->grpc->ended) {
		turn_away(c);
		return;
	}
	call_set_state(c, CALL_OPEN);
	begin_age(c);
	deadline_after(c, CLOCK_NEVER);
	if (c->method->method->client_streams)
		input_open(c);
	if (c->state == CALL_OPEN)
		input_resume(c);
}

void
call_work(struct call *c)
{
	switch (c->state) {
	case CALL_WAITING:
		work_waiting(c);
		break;
	case CALL_OPEN:
		work_open(c);
		break;
	case CALL_ANSWERED:
		call_set_state(c, CALL_SENDING);
		leave_service(c);
		break;
	case CALL_LOST:
		leave_service(c);
		identity_unref(&c->identity);
		call_free(c);
		break;
	default:
		ENSURE(false);
	}
}

/* Whom it was with, for a service that hears of the end after the peer's. */
static void
keep_peer(struct call *c)
{
	const char *address = c->peer->address;

	c->peer_text = arena_copy(allot_reserve(c), address, strlen(address));
	if (c->peer->access)
		c->identity = identity_ref(access_identity(c->peer));
	c->peer = NULL;
	c->stream = NULL;
}

void
call_closed(struct call *c, uint32_t error)
{
	if (c->state == CALL_NEW || c->state == CALL_SENDING) {
		call_free(c);
		return;
	}
	if (c->state == CALL_WAITING || c->state == CALL_OPEN) {
		c->cancelled = true;
		decide(c, status_of_reset(error));
	}
	keep_peer(c);
	output_release(&c->output, &c->grpc->blocks);
	call_set_state(c, CALL_LOST);
	service_soon(c->grpc);
}
