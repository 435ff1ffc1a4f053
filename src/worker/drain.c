/*
 * drain.c - how a worker leaves: politely, or at once
 *
 * Runs in workers.  The polite way: accept no more; tell every client by GOAWAY
 * in two phases; let calls end, up to graceful_timeout; end what is left with
 * UNAVAILABLE; give the last bytes lingering_timeout to be read; leave.
 */
#include <config.h>

#include "worker/private.h"

#include "base/log.h"
#include "config/config.h"
#include "grpc/server.h"
#include "net/net.h"
#include "proc/title.h"
#include "worker/client.h"

static void
set_grace(struct worker *w, int64_t ms)
{
	struct timeval wait = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	event_add(&w->grace, &wait);
}

static void
on_grace(evutil_socket_t socket, short what, void *arg)
{
	struct worker *w = arg;

	(void)socket, (void)what;
	worker_now(w);
	if (w->grace_over) {
		log_warn("leaves %zu connections that did not end",
		    net_count(w->net));
		worker_set_state(w, WORKER_LEAVING);
		return;
	}
	w->grace_over = true;
	if (grpc_calls(w->grpc) > 0)
		log_notice("graceful_timeout is over, ends %zu calls",
		    grpc_calls(w->grpc));
	grpc_end_calls(w->grpc, "the server is shutting down");
	net_each(w->net, client_goaway);
	set_grace(w, w->config->main.lingering_timeout);
	net_flush(w->net);
}

void
worker_drain(struct worker *w, bool take_waiting)
{
	int64_t ms = w->config->main.graceful_timeout;

	if (w->state >= WORKER_DRAINING)
		return;
	worker_set_state(w, WORKER_DRAINING);
	title_set("grpcd: worker process %u draining", w->heritage->slot);
	log_info("drains %zu connections, %zu calls", net_count(w->net),
	    grpc_calls(w->grpc));
	event_assign(&w->grace, w->base, -1, 0, on_grace, w);
	set_grace(w, ms);
	net_stop_accepting(w->net, take_waiting);
	net_each(w->net, client_drain);
	grpc_drain(w->grpc, ms);
	grpc_settle(w->grpc);
	net_flush(w->net);
}

void
worker_stop(struct worker *w)
{
	if (w->state == WORKER_LEAVING)
		return;
	net_stop_accepting(w->net, false);
	grpc_end_calls(w->grpc, "the server is shutting down");
	net_each(w->net, client_goaway);
	net_flush(w->net);
	worker_set_state(w, WORKER_LEAVING);
}

void
worker_check_drained(struct worker *w)
{
	if (w->state == WORKER_DRAINING && net_count(w->net) == 0)
		worker_set_state(w, WORKER_LEAVING);
}
