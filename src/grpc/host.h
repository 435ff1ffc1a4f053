/*
 * host.h - what the worker lends to the calls
 *
 * A table, so that calls can be driven by a test with a clock of its own.
 */
#ifndef GRPC_HOST_H
#define GRPC_HOST_H

#include <stdint.h>

struct grpc_peer;
struct host_timer;
struct identity;

struct host {
	/* A timer at rest, for fire(arg); NULL without memory. */
	struct host_timer *(*timer_new)(void *host, void (*fire)(void *arg),
	    void *arg);
	/* Goes off once at when_us of the monotonic clock; CLOCK_NEVER: not. */
	void (*timer_set)(struct host_timer *timer, int64_t when_us);
	void (*timer_free)(struct host_timer **timer);
	/*
	 * Who the client of a connection is: a reference for the caller, who
	 * keeps it.  NULL: the connection is not TLS, or there is no memory.
	 */
	struct identity *(*identify)(struct grpc_peer *peer);
};

#endif
