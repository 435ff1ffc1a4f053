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
#include "grpc/private.h"
#include "stats/stats.h"

struct call;
struct registry_method;

/* Writes the method's path into the worker's row. */
void service_note(struct grpc *g, const struct registry_method *method);

/*
 * Around each call into a service.  method is for the line in the log should
 * the worker die in there; NULL: none.  The path stays in the row, and its
 * first byte tells whether it holds: the same method again costs two stores.
 */
static inline void
service_enter(struct grpc *g, const struct registry_method *method)
{
	ENSURE(!g->in_service);
	g->in_service = true;
	if (!method)
		return;
	if (method != g->last)
		service_note(g, method);
	g->row->method[0] = '/';
}

static inline void
service_leave(struct grpc *g)
{
	g->row->method[0] = '\0';
	g->in_service = false;
	if (g->scratch.used > 0 || g->overflow)
		allot_leave(g);
}

/* Has call_work(c) run by the next service_work; once. */
void service_queue(struct call *c);

/* Does what is queued, of which there is some. */
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
