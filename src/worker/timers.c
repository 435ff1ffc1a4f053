/*
 * timers.c - the timers that calls borrow, over libevent's
 *
 * Runs in workers.
 */
#include <config.h>

#include "worker/private.h"

#include "base/check.h"
#include "base/clock.h"
#include "grpc/host.h"
#include "grpc/server.h"
#include "net/net.h"
#include "worker/client.h"

#define TIMER_MAGIC 0x74696d65u

/* Idle timers kept for the next calls. */
#define KEEP_TIMERS 256

/* Owned by whoever asked for it, until timer_free. */
struct host_timer {
	uint32_t magic;
	struct worker *worker;
	void (*fire)(void *arg);
	void *arg;
	struct event event;
};

void
timers_init(struct worker *w)
{
	freelist_init(&w->timers, sizeof(struct host_timer), KEEP_TIMERS);
}

static void
on_fire(evutil_socket_t socket, short what, void *arg)
{
	struct host_timer *t = arg;
	struct worker *w;

	(void)socket, (void)what;
	CHECK(t, TIMER_MAGIC);
	w = t->worker;
	worker_now(w);
	t->fire(t->arg);
	grpc_settle(w->grpc);
	net_flush(w->net);
}

static struct host_timer *
timer_new(void *host, void (*fire)(void *arg), void *arg)
{
	struct worker *w = host;
	struct host_timer *t = freelist_take(&w->timers);

	if (!t)
		return NULL;
	t->magic = TIMER_MAGIC;
	t->worker = w;
	t->fire = fire;
	t->arg = arg;
	event_assign(&t->event, w->base, -1, 0, on_fire, t);
	return t;
}

static void
timer_set(struct host_timer *t, int64_t when_us)
{
	struct timeval wait;
	int64_t us;

	CHECK(t, TIMER_MAGIC);
	if (when_us == CLOCK_NEVER) {
		event_del(&t->event);
		return;
	}
	us = when_us - worker_now(t->worker);
	if (us < 0)
		us = 0;
	wait.tv_sec = us / CLOCK_SECOND;
	wait.tv_usec = us % CLOCK_SECOND;
	event_add(&t->event, &wait);
}

static void
timer_free(struct host_timer **timer)
{
	struct host_timer *t = *timer;

	*timer = NULL;
	if (!t)
		return;
	CHECK(t, TIMER_MAGIC);
	event_del(&t->event);
	t->magic = 0;
	freelist_give(&t->worker->timers, t);
}

const struct host timers_host = {
	.timer_new = timer_new,
	.timer_set = timer_set,
	.timer_free = timer_free,
	.identify = client_identify,
};
