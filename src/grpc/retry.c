/*
 * retry.c - what a client is told of trying again
 *
 * Runs in workers.  It is for clients whose service config has a retry policy
 * with the call's status in it; others pass it over.
 */
#include <config.h>

#include "grpc/retry.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/jitter.h"
#include "base/text.h"
#include "config/config.h"
#include "grpc/allot.h"
#include "grpc/call.h"
#include "grpc/limits.h"
#include "grpc/metadata.h"
#include "grpc/server.h"

/* Percent, so that those who were refused at once do not return at once. */
#define SPREAD 20

static const char field_name[] = "grpc-retry-pushback-ms";

/* That among the trailers; NULL: there is none. */
static struct http2_field *
find_field(struct metadata_fields *trailers)
{
	for (size_t i = 0; i < trailers->n; i++)
		if (trailers->fields[i].name == field_name)
			return &trailers->fields[i];
	return NULL;
}

bool
retry_push_back(struct call *c, int64_t ms)
{
	struct arena *arena = allot_reserve(c);
	struct http2_field *field = find_field(&c->trailers);
	struct http2_field new = { .name = field_name,
		.name_len = sizeof(field_name) - 1,
		.lasting = true };
	char text[24];

	new.value_len = (size_t)snprintf(text, sizeof(text), "%" PRId64, ms);
	new.value = arena_copy(arena, text, new.value_len);
	if (!new.value)
		return false;
	if (!field)
		return metadata_append(&c->trailers, arena, &new);
	*field = new;
	return true;
}

static int64_t
later_ms(const struct call *c)
{
	int64_t ms = c->limits ? c->limits->retry_pushback_ms
			       : c->peer->limits->retry_pushback;

	return jitter(ms, SPREAD);
}

void
retry_later(struct call *c, const char *fmt, ...)
{
	va_list args;

	retry_push_back(c, later_ms(c));
	va_start(args, fmt);
	call_vfail(c, GRPCD_RESOURCE_EXHAUSTED, fmt, args);
	va_end(args);
}

void
retry_never(struct call *c, const char *fmt, ...)
{
	va_list args;

	retry_push_back(c, RETRY_NEVER);
	va_start(args, fmt);
	call_vfail(c, GRPCD_RESOURCE_EXHAUSTED, fmt, args);
	va_end(args);
}

unsigned
retry_attempts(const struct call *c)
{
	const char *text =
	    metadata_sent(&c->request.metadata, "grpc-previous-rpc-attempts");
	int64_t n;

	return text && text_parse_int(text, &n) && n > 0 && n <= INT32_MAX
		   ? (unsigned)n
		   : 0;
}
