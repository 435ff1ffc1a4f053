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

struct call;
struct grpc;
struct registry_method;

/*
 * Around each call into a service.  method is for the line in the log should
 * the worker die in there; NULL: none.
 */
void service_enter(struct grpc *g, const struct registry_method *method);
void service_leave(struct grpc *g);

/* Has call_work(c) run by the next service_work; once. */
void service_queue(struct call *c);

/*
 * Does all that is queued.  To be called at the end of whatever may have
 * entered a service, but not from http2's output.
 */
void service_work(struct grpc *g);

/* Has service_work run in the next turn of the loop. */
void service_soon(struct grpc *g);

/* The timer behind service_soon; init: false without memory. */
bool service_init(struct grpc *g);
void service_fini(struct grpc *g);

#endif
