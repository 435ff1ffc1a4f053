/*
 * gate.c - how many calls a worker has open at once, and who waits
 *
 * Runs in workers, each of which counts its own: so nothing is shared on the
 * way of a call.  Queues are first in, first out, and bounded, as is what each
 * call in them may hold: no room of its window is given back meanwhile.
 */
#include <config.h>

#include "grpc/gate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "config/config.h"
#include "grpc/call.h"
#include "grpc/deadline.h"
#include "grpc/limits.h"
#include "grpc/private.h"
#include "grpc/retry.h"
#include "grpc/service.h"
#include "stats/stats.h"

struct gate {
	const struct config_limits *limits; /* of the section it stands for */
	const char *kind, *name; /* "service", "helloworld.Greeter" */
	size_t n;                /* calls that have a place */
	size_t n_waiting;
	TAILQ_HEAD(, call) queue;
};

struct gates {
	const struct config *config;
	size_t n;
	struct gate all[];
};

/*
 * Making
 */

static void
add_gate(struct gates *g, const struct config_limits *limits, const char *kind,
    const char *name)
{
	struct gate *gate = &g->all[g->n];

	if (!config_gives(limits, CONFIG_LIMIT_max_calls) ||
	    limits->max_calls == 0)
		return;
	*gate = (struct gate){ .limits = limits, .kind = kind, .name = name };
	TAILQ_INIT(&gate->queue);
	g->n++;
}

struct gates *
gates_new(const struct config *config)
{
	size_t most =
	    1 + config->n_listeners + config->n_services + config->n_methods;
	struct gates *g = calloc(1, sizeof(*g) + most * sizeof(g->all[0]));

	if (!g)
		return NULL;
	g->config = config;
	add_gate(g, &config->limits, "server", "");
	for (size_t i = 0; i < config->n_listeners; i++)
		add_gate(g, &config->listeners[i].limits, "listener",
		    config->listeners[i].name);
	for (size_t i = 0; i < config->n_services; i++)
		add_gate(g, &config->services[i].limits, "service",
		    config->services[i].name);
	for (size_t i = 0; i < config->n_methods; i++)
		add_gate(g, &config->methods[i].limits, "method",
		    config->methods[i].path);
	return g;
}

void
gates_free(struct gates **gates)
{
	free(*gates);
	*gates = NULL;
}

/* That of a section; NULL: it has none. */
static struct gate *
find_gate(const struct gates *g, const struct config_limits *limits)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->all[i].limits == limits)
			return (struct gate *)(uintptr_t)&g->all[i];
	return NULL;
}

/* The innermost section that sets max_calls, but for the listener. */
static const struct config_limits *
speaker(const struct gates *g, const struct limits_sources *from)
{
	if (config_gives(from->method, CONFIG_LIMIT_max_calls))
		return from->method;
	if (config_gives(from->service, CONFIG_LIMIT_max_calls))
		return from->service;
	if (config_gives(from->listener, CONFIG_LIMIT_max_calls))
		return NULL;
	return &g->config->limits;
}

void
gates_choose(const struct gates *g, const struct limits_sources *from,
    struct gate *ret_gates[GATES_MAX])
{
	struct gate *own = find_gate(g, speaker(g, from));
	struct gate *listeners = find_gate(g, from->listener);

	ret_gates[0] = own ? own : listeners;
	ret_gates[1] = own ? listeners : NULL;
}

/*
 * Passing
 */

static bool
is_full(const struct gate *gate)
{
	return gate->n >= (size_t)gate->limits->max_calls;
}

/* The first of the call's gates that has no place left; NULL: all have. */
static struct gate *
first_full(const struct call *c)
{
	for (size_t i = 0; i < GATES_MAX && c->limits->gates[i]; i++)
		if (is_full(c->limits->gates[i]))
			return c->limits->gates[i];
	return NULL;
}

static void
take_places(struct call *c)
{
	for (size_t i = 0; i < GATES_MAX && c->limits->gates[i]; i++)
		c->limits->gates[i]->n++;
	c->placed = true;
}

/* A call is refused at this gate: counts that, and tells the operator. */
static void
note_refusal(const struct call *c, const struct gate *gate)
{
	STATS_ADD(c->grpc->row, calls_refused, 1);
	log_limited(LOG_LEVEL_WARN,
	    "refuses calls: max_calls %" PRId64 " of the %s%s%s; raise it if"
	    " workers can do more at once, or have calls wait"
	    " (max_queued_calls, queue_timeout)",
	    gate->limits->max_calls, gate->kind, *gate->name ? " " : "",
	    gate->name);
}

static void
refuse(struct call *c, const struct gate *gate)
{
	const struct config_limits *l = gate->limits;

	note_refusal(c, gate);
	if (l->max_queued_calls == 0)
		retry_later(c,
		    "%zu calls exceed max_calls %" PRId64 " of the %s",
		    gate->n + 1, l->max_calls, gate->kind);
	else
		retry_later(c,
		    "%zu calls that wait exceed max_queued_calls %" PRId64
		    " (max_calls %" PRId64 " of the %s)",
		    gate->n_waiting + 1, l->max_queued_calls, l->max_calls,
		    gate->kind);
}

static void
leave_queue(struct call *c)
{
	struct gate *gate = c->waits_at;

	TAILQ_REMOVE(&gate->queue, c, waiting);
	gate->n_waiting--;
	c->waits_at = NULL;
	STATS_SUB(c->grpc->row, calls_waiting, 1);
}

static void
join_queue(struct call *c, struct gate *gate)
{
	TAILQ_INSERT_TAIL(&gate->queue, c, waiting);
	gate->n_waiting++;
	c->waits_at = gate;
	STATS_ADD(c->grpc->row, calls_waiting, 1);
}

/* False: the queue is as long as it may be. */
static bool
try_queue(struct call *c, struct gate *gate)
{
	if (gate->n_waiting >= (size_t)gate->limits->max_queued_calls)
		return false;
	join_queue(c, gate);
	return true;
}

/* Has the call hear of queue_timeout; time counts from its first queue on. */
static void
begin_waiting(struct call *c)
{
	int64_t ms = c->waits_at->limits->queue_timeout;

	STATS_ADD(c->grpc->row, calls_queued, 1);
	if (ms > 0 && !deadline_after(c, c->grpc->now_us + ms * CLOCK_MS))
		retry_later(c, "no memory for the queue of max_calls");
}

void
gate_enter(struct call *c)
{
	struct gate *full = first_full(c);

	if (!full)
		take_places(c);
	else if (try_queue(c, full))
		begin_waiting(c);
	else
		refuse(c, full);
}

/* Lets in those who wait, as long as there are places. */
static void
let_in(struct gate *gate)
{
	struct call *c;

	while (!is_full(gate) && (c = TAILQ_FIRST(&gate->queue)) != NULL) {
		struct gate *full;

		leave_queue(c);
		full = first_full(c);
		if (!full) {
			take_places(c);
			service_queue(c);
		} else if (!try_queue(c, full)) {
			refuse(c, full);
		}
	}
}

void
gate_leave(struct call *c)
{
	if (c->waits_at)
		leave_queue(c);
	if (!c->placed)
		return;
	c->placed = false;
	for (size_t i = 0; i < GATES_MAX && c->limits->gates[i]; i++)
		c->limits->gates[i]->n--;
	for (size_t i = 0; i < GATES_MAX && c->limits->gates[i]; i++)
		let_in(c->limits->gates[i]);
}

void
gate_time_out(struct call *c)
{
	const struct gate *gate = c->waits_at;
	char timeout[TEXT_MAX];

	note_refusal(c, gate);
	retry_later(c,
	    "no place within queue_timeout %s (max_calls %" PRId64
	    " of the %s)",
	    text_format_time(gate->limits->queue_timeout, timeout),
	    gate->limits->max_calls, gate->kind);
}

void
gate_deadline(struct call *c)
{
	const struct gate *gate = c->waits_at;

	call_fail(c, GRPCD_DEADLINE_EXCEEDED,
	    "the deadline has passed in the queue (max_calls %" PRId64
	    " of the %s)",
	    gate->limits->max_calls, gate->kind);
}
