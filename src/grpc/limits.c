/*
 * limits.c - what holds for the calls of one method on one listener
 *
 * Worked out when the registry is made, in the checker and in workers, so that
 * a call finds it ready.
 */
#include <config.h>

#include "grpc/limits.h"

#include "base/clock.h"
#include "config/config.h"

/* The least of two numbers. */
static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The least of two times, of which 0 is none. */
static int64_t
least_time(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* The inner one wins: the listener's where method and service say nothing. */
#define INNER(name)                                             \
	if (!config_gives(from->method, CONFIG_LIMIT_##name) && \
	    !config_gives(from->service, CONFIG_LIMIT_##name))  \
		l.name = from->listener->name;

/* The same, but no more than what the listener sets. */
#define CEILING(name, least)                                   \
	INNER(name)                                            \
	if (config_gives(from->listener, CONFIG_LIMIT_##name)) \
		l.name = least(l.name, from->listener->name);

static struct config_limits
merge(const struct limits_sources *from)
{
	struct config_limits l = *from->method;

	CEILING(max_message_size, least)
	CEILING(max_reply_size, least)
	CEILING(max_message_memory, least)
	CEILING(max_call_memory, least)
	CEILING(max_deadline, least_time)
	INNER(default_deadline)
	INNER(retry_pushback)
	INNER(compression)
	return l;
}

static int64_t
us_of(int64_t ms)
{
	return ms > 0 ? ms * CLOCK_MS : CLOCK_NEVER;
}

struct limits
limits_of(const struct limits_sources *from)
{
	struct config_limits l = merge(from);

	return (struct limits){
		.max_message = (size_t)l.max_message_size,
		.max_reply = (size_t)l.max_reply_size,
		.max_unpacked = (size_t)l.max_message_memory,
		.max_memory = (size_t)l.max_call_memory,
		.max_deadline_us = us_of(l.max_deadline),
		.default_deadline_us =
		    least(us_of(l.default_deadline), us_of(l.max_deadline)),
		.retry_pushback_ms = l.retry_pushback,
		.compression = l.compression,
	};
}
