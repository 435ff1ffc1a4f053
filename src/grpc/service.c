/*
 * service.c - where control passes to code of a service
 *
 * Runs in workers.
 */
#include <config.h>

#include "grpc/service.h"

#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "grpc/call.h"
#include "grpc/allot.h"
#include "grpc/private.h"
#include "grpc/registry.h"
#include "stats/stats.h"

void
service_note(struct grpc *g, const struct registry_method *method)
{
	strncpy(g->row->method, method->path, sizeof(g->row->method) - 1);
	g->last = method;
}

void
service_queue(struct call *c)
{
	if (c->queued)
		return;
	c->queued = true;
	STAILQ_INSERT_TAIL(&c->grpc->work, c, work);
}

void
service_work_off(struct grpc *g)
{
	struct call *c;

	health_tell(g);
	while ((c = STAILQ_FIRST(&g->work)) != NULL) {
		STAILQ_REMOVE_HEAD(&g->work, work);
		c->queued = false;
		call_work(c);
	}
	if (g->soon_set)
		g->host->timer_set(g->soon, CLOCK_NEVER);
	g->soon_set = false;
}

void
service_soon(struct grpc *g)
{
	if (g->soon_set)
		return;
	g->host->timer_set(g->soon, g->now_us);
	g->soon_set = true;
}

static void
on_soon(void *arg)
{
	struct grpc *g = arg;

	CHECK(g, GRPC_MAGIC);
	service_work_off(g);
}

bool
service_init(struct grpc *g)
{
	STAILQ_INIT(&g->work);
	g->soon = g->host->timer_new(g->host_arg, on_soon, g);
	return g->soon != NULL;
}

void
service_fini(struct grpc *g)
{
	g->host->timer_free(&g->soon);
}
