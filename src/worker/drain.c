/*
 * drain.c - how a worker leaves: politely, or at once
 *
 * Runs in workers.  The polite way has a stage a state, each with its time:
 *
 *	WARNING   drain_delay: health says NOT_SERVING, all else goes on
 *	DRAINING  graceful_timeout: accepts no more, tells every client by
 *	          GOAWAY in two phases, lets calls end
 *	ENDING    lingering_timeout: what is left has ended with UNAVAILABLE,
 *	          its last bytes may be read
 */
#include <config.h>

#include "worker/private.h"

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "grpc/server.h"
#include "net/net.h"
#include "proc/title.h"
#include "stats/stats.h"
#include "worker/client.h"

static const char shutting_down[] = "the server is shutting down";

/* Enters a stage that ends after ms at the latest. */
static void
enter(struct worker *w, enum worker_state state, int64_t ms)
{
	struct timeval wait = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	worker_set_state(w, state);
	__atomic_store_n(&w->heritage->stats->state_ends_us,
	    worker_now(w) + ms * CLOCK_MS, __ATOMIC_RELAXED);
	event_add(&w->stage, &wait);
}

static void
begin_draining(struct worker *w)
{
	int64_t ms = w->config->main.graceful_timeout;

	enter(w, WORKER_DRAINING, ms);
	log_info("drains %zu connections, %zu calls", net_count(w->net),
	    grpc_calls(w->grpc));
	net_stop_accepting(w->net, w->take_waiting);
	net_each(w->net, client_drain);
	grpc_drain(w->grpc, ms);
	grpc_settle(w->grpc);
}

static void
begin_ending(struct worker *w, const char *why)
{
	if (grpc_calls(w->grpc) > 0)
		log_notice("%s: ends %zu calls", why, grpc_calls(w->grpc));
	enter(w, WORKER_ENDING, w->config->main.lingering_timeout);
	grpc_end_calls(w->grpc, shutting_down);
	net_each(w->net, client_goaway);
	net_end_handshakes(w->net);
}

static void
on_stage_over(evutil_socket_t socket, short what, void *arg)
{
	struct worker *w = arg;

	(void)socket, (void)what;
	worker_now(w);
	if (w->state == WORKER_WARNING) {
		begin_draining(w);
	} else if (w->state == WORKER_DRAINING) {
		begin_ending(w, "graceful_timeout is over");
	} else if (w->state == WORKER_ENDING) {
		log_warn("leaves %zu connections that did not end",
		    net_count(w->net));
		worker_set_state(w, WORKER_LEAVING);
	}
	net_flush(w->net);
}

void
drain_init(struct worker *w)
{
	event_assign(&w->stage, w->base, -1, 0, on_stage_over, w);
}

void
worker_drain(struct worker *w, bool take_waiting)
{
	if (w->state > WORKER_SERVING)
		return;
	if (w->state < WORKER_SERVING) {
		worker_set_state(w, WORKER_LEAVING);
		return;
	}
	title_set("grpcd: worker process %u draining", w->heritage->slot);
	w->take_waiting = take_waiting;
	enter(w, WORKER_WARNING, w->config->main.drain_delay);
	grpc_warn(w->grpc);
	if (w->config->main.drain_delay == 0)
		begin_draining(w);
	net_flush(w->net);
}

void
worker_hurry(struct worker *w)
{
	if (w->state == WORKER_WARNING)
		begin_draining(w);
	if (w->state == WORKER_DRAINING)
		begin_ending(w, "newer workers drain already");
	net_flush(w->net);
}

void
worker_stop(struct worker *w)
{
	if (w->state == WORKER_LEAVING)
		return;
	net_stop_accepting(w->net, false);
	grpc_end_calls(w->grpc, shutting_down);
	net_each(w->net, client_goaway);
	net_flush(w->net);
	worker_set_state(w, WORKER_LEAVING);
}

void
worker_check_drained(struct worker *w)
{
	if ((w->state == WORKER_DRAINING || w->state == WORKER_ENDING) &&
	    net_count(w->net) == 0)
		worker_set_state(w, WORKER_LEAVING);
}
