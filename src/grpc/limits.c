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
	CEILING(max_stream_age, least_time)
	CEILING(max_stream_age_grace, least_time)
	INNER(retry_pushback)
	INNER(compression)
	return l;
}

static int64_t
us_of(int64_t ms)
{
	return ms > 0 ? ms * CLOCK_MS : CLOCK_NEVER;
}

void
limits_set(struct limits *l, const struct limits_sources *from)
{
	struct config_limits is = merge(from);

	l->max_message = (size_t)is.max_message_size;
	l->max_reply = (size_t)is.max_reply_size;
	l->max_unpacked = (size_t)is.max_message_memory;
	l->max_memory = (size_t)is.max_call_memory;
	l->max_deadline_us = us_of(is.max_deadline);
	l->default_deadline_us =
	    least(us_of(is.default_deadline), l->max_deadline_us);
	l->max_stream_age_us =
	    from->streams ? us_of(is.max_stream_age) : CLOCK_NEVER;
	l->max_stream_age_grace_us = us_of(is.max_stream_age_grace);
	l->retry_pushback_ms = is.retry_pushback;
	l->compression = is.compression;
	l->more = l->compression || l->default_deadline_us != CLOCK_NEVER ||
		  l->max_stream_age_us != CLOCK_NEVER || l->gates[0];
}
