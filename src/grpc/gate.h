/*
 * gate.h - how many calls a worker has open at once: max_calls, and the queue
 * of those beyond
 *
 * A section `limits` that sets max_calls has a gate, through which all calls go
 * that it speaks for: of its method, its service, its listener, or, at the top,
 * all that no inner section speaks for.  A call has a place at each of its
 * gates from before its service hears of it until its status is decided; while
 * it waits it has none.
 */
#ifndef GRPC_GATE_H
#define GRPC_GATE_H

#include <stdbool.h>
#include <stddef.h>

struct call;
struct config;
struct gate;
struct gates;
struct limits_sources;

/* The method's, service's or top's, and the listener's. */
#define GATES_MAX 2

/* The gates of a config, which must stay as long; NULL without memory. */
struct gates *gates_new(const struct config *config);
void gates_free(struct gates **gates);

/* Those of the calls that these sections are for; NULL behind the last. */
void gates_choose(const struct gates *gates, const struct limits_sources *from,
    struct gate *ret_gates[GATES_MAX]);

/*
 * A call that is WAITING comes to its gates.  It has its places then
 * (c->placed), or waits for them, or was refused.
 */
void gate_enter(struct call *c);

/*
 * It has waited for queue_timeout, or its deadline has passed while it waited:
 * ends it.
 */
void gate_time_out(struct call *c);
void gate_deadline(struct call *c);

/*
 * Gives back the places of a call, or takes it out of its queue.  Those who
 * have waited for them get them, and their work is queued: see service.h.
 */
void gate_leave(struct call *c);

#endif
