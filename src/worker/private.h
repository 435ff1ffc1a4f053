/*
 * private.h - the one struct that a worker's files share
 */
#ifndef WORKER_PRIVATE_H
#define WORKER_PRIVATE_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/freelist.h"
#include "proc/heritage.h"
#include "proc/state.h"

struct grpc;
struct host;
struct http2;
struct modules;
struct net;
struct registry;

#define WORKER_MAGIC 0x776f726bu

/* The worker.  Made by worker_main and freed by it; there is one a process. */
struct worker {
	uint32_t magic;
	enum worker_state state;
	const struct heritage *heritage;
	const struct config *config;
	int *sockets; /* by listener; -1 once net has them */
	struct modules *modules;
	struct registry *registry;
	size_t n_started; /* services of it, in its order */
	struct event_base *base;
	struct net *net;
	struct http2 *http2;
	struct grpc *grpc;
	struct freelist clients, timers;
	struct event orders;  /* the channel to the master */
	struct event signals; /* a signalfd */
	struct event stage;   /* the end of a stage of draining */
	struct event pulse;   /* turns the loop, for the heartbeat */
	bool take_waiting;    /* see worker_drain */
	int64_t now_us;
	bool turn_timed; /* now_us belongs to this turn of the loop */
};

/* Changes the state; what is not allowed is a broken invariant. */
void worker_set_state(struct worker *w, enum worker_state to);

/* The time, read once a turn of the loop, and told to http2 and grpc. */
int64_t worker_now(struct worker *w);

/* sockets.c: adopts the slot's sockets, or makes, binds and hands them over. */
const char *sockets_open(struct worker *w);
bool sockets_accept(struct worker *w);
void sockets_close(struct worker *w);

/* timers.c: what grpc/host.h asks for; the host is the worker. */
extern const struct host timers_host;
void timers_init(struct worker *w);

/* orders.c: listens to the master and to signals. */
const char *orders_listen(struct worker *w);

/*
 * drain.c: the ways to leave.  worker_drain ends politely, with take_waiting
 * for sockets that nobody accepts on after us; worker_stop at once.
 */
void drain_init(struct worker *w);
void worker_drain(struct worker *w, bool take_waiting);
void worker_stop(struct worker *w);

/* Of a drain: what is left of its stages before the last is skipped. */
void worker_hurry(struct worker *w);

/* Leaves if a drain has nothing left to wait for. */
void worker_check_drained(struct worker *w);

#endif
