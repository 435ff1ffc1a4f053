/*
 * limits.h - what holds for the calls of one method that come in on one
 * listener, of all that the config's sections `limits` say
 */
#ifndef GRPC_LIMITS_H
#define GRPC_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grpc/gate.h"

struct config_limits;

/* Times in _us of which there is none are CLOCK_NEVER. */
struct limits {
	size_t max_message, max_reply;
	size_t max_unpacked; /* one message */
	size_t max_memory;   /* the call */
	bool more;           /* there is anything to do for what follows */
	int64_t max_deadline_us;
	int64_t default_deadline_us; /* no longer than that */
	int64_t max_stream_age_us, max_stream_age_grace_us;
	int64_t retry_pushback_ms;
	bool compression;
	struct gate *gates[GATES_MAX]; /* of a worker; NULL behind the last */
};

/*
 * The sections that have a say.  What a method inherits from its service
 * stands in its own limits; what that inherits from the top is in either, and
 * in the listener's.
 */
struct limits_sources {
	const struct config_limits *method; /* the service's if it has none */
	const struct config_limits *service;
	const struct config_limits *listener;
	bool streams; /* the method does, either way */
};

/*
 * Sets all but the gates, which are there.  The inner section wins: method,
 * service, listener, top.  But a maximum that a listener sets itself, service
 * and method may only lower.
 */
void limits_set(struct limits *l, const struct limits_sources *from);

#endif
