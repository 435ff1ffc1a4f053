/*
 * service.h - where control passes to code of a service
 *
 * Such code never runs within itself: what a function of the API would have to
 * tell a service at once is queued, and told when the running function has
 * returned.  Nor does it run while http2 writes: then it waits for the next
 * turn of the loop.
 */
#ifndef GRPC_SERVICE_H
#define GRPC_SERVICE_H

#include <stdbool.h>

#include "base/check.h"
#include "grpc/allot.h"
#include "grpc/call.h"
#include "grpc/private.h"
#include "stats/stats.h"

struct registry_method;

/* Writes the method's path into the worker's row. */
void service_note(struct grpc *g, const struct registry_method *method);

/* Around each function of a service that belongs to no call. */
static inline void
service_enter(struct grpc *g)
{
	ENSURE(!g->running);
	g->running = g;
}

static inline void
service_leave(struct grpc *g)
{
	g->running = NULL;
	if (g->scratch.used > 0 || g->overflow)
		allot_leave(g);
}

/*
 * Around each function that a service runs for a call.  The method's path is
 * for the line in the log should the worker die in there.  It stays in the row,
 * and its first byte tells whether it holds: the same method again costs two
 * stores.  If the function has ended its own call, the service hears that here.
 */
static inline void
service_enter_call(struct call *c)
{
	struct grpc *g = c->grpc;

	ENSURE(!g->running);
	g->running = c;
	if (c->method != g->last)
		service_note(g, c->method);
	g->row->method[0] = '/';
}

static inline void
service_leave_call(struct call *c)
{
	c->grpc->row->method[0] = '\0';
	service_leave(c->grpc);
	if (c->state == CALL_ANSWERED && !c->queued)
		call_work(c);
}

/* Has call_work(c) run by the next service_work; once. */
void service_queue(struct call *c);

/* Does what is queued. */
void service_work_off(struct grpc *g);

/*
 * Does all that is queued.  To be called at the end of whatever may have
 * entered a service, but not from http2's output.
 */
static inline void
service_work(struct grpc *g)
{
	if (!STAILQ_EMPTY(&g->work))
		service_work_off(g);
}

/* Has service_work run in the next turn of the loop. */
void service_soon(struct grpc *g);

/* The timer behind service_soon; init: false without memory. */
bool service_init(struct grpc *g);
void service_fini(struct grpc *g);

#endif
