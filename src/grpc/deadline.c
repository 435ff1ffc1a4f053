/*
 * deadline.c - the times of a call
 *
 * Runs in workers.
 */
#include <config.h>

#include "grpc/deadline.h"

#include "base/clock.h"
#include "base/text.h"
#include "grpc/call.h"
#include "grpc/gate.h"
#include "grpc/limits.h"
#include "grpc/private.h"
#include "grpc/retry.h"
#include "grpc/service.h"
#include "http2/session.h"

/* Bytes that a call must hold for its deadline to matter to its answer. */
#define DEADLINE_LARGE 16384

static void on_time(void *arg);

static bool
is_unarmed(const struct call *c)
{
	return c->unarmed.le_prev != NULL;
}

static void
leave_unarmed(struct call *c)
{
	LIST_REMOVE(c, unarmed);
	c->unarmed.le_prev = NULL;
}

static int64_t
earliest(const struct call *c)
{
	int64_t us = c->deadline_us;

	if (c->after_us < us)
		us = c->after_us;
	return c->age_us < us ? c->age_us : us;
}

/* Sets the timer, which it makes first if there is none. */
static bool
arm(struct call *c)
{
	const struct host *host = c->grpc->host;
	int64_t when_us = earliest(c);

	if (!c->timer && when_us != CLOCK_NEVER) {
		c->timer = host->timer_new(c->grpc->host_arg, on_time, c);
		if (!c->timer)
			return false;
	}
	if (c->timer)
		host->timer_set(c->timer, when_us);
	if (is_unarmed(c))
		leave_unarmed(c);
	return true;
}

static bool
is_open(const struct call *c)
{
	return c->state == CALL_OPEN || c->state == CALL_WAITING;
}

static void
pass_deadline(struct call *c)
{
	c->cancelled = true;
	if (c->waits_at)
		gate_deadline(c);
	else
		call_end(c, GRPCD_DEADLINE_EXCEEDED, "the deadline has passed");
}

static void
pass_after(struct call *c)
{
	c->after_us = CLOCK_NEVER;
	if (c->waits_at) {
		gate_time_out(c);
	} else if (c->events && c->events->timer) {
		service_enter_call(c);
		c->events->timer(c->handle);
		service_leave_call(c);
	}
}

/* The client has not read its answer in time, and is not waited for. */
static void
give_up(struct call *c)
{
	if (c->stream && c->output.waiting > 0)
		http2_reset(c->stream, HTTP2_CANCEL);
}

/* Its service hears of it, and has its grace; after that it ends. */
static void
pass_age(struct call *c)
{
	const struct limits *l = c->limits;
	char age[TEXT_MAX], grace[TEXT_MAX];

	if (!c->old) {
		c->old = true;
		c->age_us = l->max_stream_age_grace_us;
		if (c->age_us != CLOCK_NEVER)
			c->age_us += c->grpc->now_us;
		service_queue(c);
		return;
	}
	retry_push_back(c, RETRY_AT_ONCE);
	call_fail(c, GRPCD_UNAVAILABLE,
	    "the stream is older than max_stream_age %s, and "
	    "max_stream_age_grace %s is over",
	    text_format_time(l->max_stream_age_us / CLOCK_MS, age),
	    text_format_time(l->max_stream_age_grace_us / CLOCK_MS, grace));
}

static void
on_time(void *arg)
{
	struct call *c = call_of(arg);
	struct grpc *g = c->grpc;

	if (!is_open(c)) {
		give_up(c);
		return;
	}
	if (g->now_us >= c->deadline_us)
		pass_deadline(c);
	else if (g->now_us >= c->age_us)
		pass_age(c);
	else if (g->now_us >= c->after_us)
		pass_after(c);
	if (is_open(c))
		arm(c);
	service_work(g);
}

void
deadline_set(struct call *c, int64_t when_us)
{
	c->deadline_us = when_us;
	LIST_INSERT_HEAD(&c->grpc->unarmed, c, unarmed);
}

void
deadline_age(struct call *c, int64_t when_us)
{
	c->age_us = when_us;
	if (!is_unarmed(c))
		LIST_INSERT_HEAD(&c->grpc->unarmed, c, unarmed);
}

void
deadline_settle(struct grpc *g)
{
	struct call *c;

	while ((c = LIST_FIRST(&g->unarmed)) != NULL) {
		leave_unarmed(c);
		if (!arm(c) && is_open(c))
			retry_later(c, "no memory for the deadline");
	}
}

bool
deadline_after(struct call *c, int64_t when_us)
{
	int64_t before = c->after_us;

	c->after_us = when_us;
	if (arm(c))
		return true;
	c->after_us = before;
	return false;
}

void
deadline_leave(struct call *c)
{
	c->after_us = c->age_us = CLOCK_NEVER;
	if (c->deadline_us == CLOCK_NEVER ||
	    c->arena.used + c->output.held < DEADLINE_LARGE)
		deadline_release(c);
	else if (c->timer)
		arm(c);
}

void
deadline_release(struct call *c)
{
	if (is_unarmed(c))
		leave_unarmed(c);
	if (c->timer)
		c->grpc->host->timer_free(&c->timer);
}
