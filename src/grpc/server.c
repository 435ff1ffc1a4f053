/*
 * server.c - gRPC of one worker: what http2 and the worker call
 *
 * Runs in workers.
 */
#include <config.h>

#include "grpc/server.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/freelist.h"
#include "config/config.h"
#include "grpc/access.h"
#include "grpc/answer.h"
#include "grpc/call.h"
#include "grpc/compress.h"
#include "grpc/deadline.h"
#include "grpc/handle.h"
#include "grpc/input.h"
#include "grpc/private.h"
#include "grpc/registry.h"
#include "grpc/service.h"
#include "http2/session.h"
#include "stats/stats.h"

/* At rest, for the next burst. */
#define KEEP_CALLS 4096
#define KEEP_CHUNKS 4096
#define KEEP_BLOCKS 1024

struct grpc *grpc_here;

struct grpc *
grpc_new(struct registry *registry, const struct host *host, void *host_arg,
    struct stats_row *row)
{
	struct grpc *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->magic = GRPC_MAGIC;
	g->registry = registry;
	g->host = host;
	g->host_arg = host_arg;
	g->row = row;
	g->drained_us = CLOCK_NEVER;
	LIST_INIT(&g->unarmed);
	freelist_init(&g->calls, sizeof(struct call), KEEP_CALLS);
	arena_pool_init(&g->chunks, KEEP_CHUNKS);
	arena_init(&g->scratch, &g->chunks, 0);
	output_pool_init(&g->blocks, KEEP_BLOCKS);
	g->compress = compress_new();
	if (!g->compress || !service_init(g) ||
	    !health_init(&g->health, registry))
		grpc_free(&g);
	grpc_here = g;
	return g;
}

void
grpc_free(struct grpc **grpc)
{
	struct grpc *g = *grpc;

	*grpc = NULL;
	if (!g)
		return;
	service_work(g);
	service_fini(g);
	health_fini(&g->health);
	compress_free(&g->compress);
	grpc_here = NULL;
	freelist_fini(&g->calls);
	arena_pool_fini(&g->chunks);
	output_pool_fini(&g->blocks);
	g->magic = 0;
	free(g);
}

void
grpc_set_time(struct grpc *g, int64_t now_us)
{
	g->now_us = now_us;
}

void
grpc_settle(struct grpc *g)
{
	deadline_settle(g);
	service_work(g);
}

size_t
grpc_calls(const struct grpc *g)
{
	return g->calls.n_live;
}

const struct identity *
grpc_peer_identity(struct grpc_peer *peer)
{
	return access_identity(peer);
}

void
grpc_peer_release(struct grpc_peer *peer)
{
	access_free(&peer->access);
}

/*
 * For http2
 */

static void *
on_open(void *owner, struct http2_stream *stream)
{
	return call_new(owner, stream);
}

static void
on_field(void *call, struct http2_text name, struct http2_text value)
{
	request_field(&call_of(call)->request, name, value);
}

static void
on_headers(void *call, size_t list_size)
{
	struct call *c = call_of(call);
	struct grpc *g = c->grpc;

	call_headers(c, list_size);
	service_work(g);
}

static void
on_data(void *call, const uint8_t *bytes, size_t len)
{
	struct call *c = call_of(call);
	struct grpc *g = c->grpc;

	input_data(c, bytes, len);
	service_work(g);
}

static void
on_end(void *call)
{
	struct call *c = call_of(call);
	struct grpc *g = c->grpc;

	input_end(c);
	service_work(g);
}

static size_t
on_pull(void *call, uint8_t *to, size_t room, bool *ret_end)
{
	return answer_pull(call_of(call), to, room, ret_end);
}

static void
on_expired(void *call, const char *why)
{
	struct call *c = call_of(call);
	struct grpc *g = c->grpc;

	if (c->state <= CALL_OPEN)
		call_shut_down(c, why);
	service_work(g);
}

static void
on_closed(void *call, uint32_t error)
{
	call_closed(call_of(call), error);
}

static void
on_wake(void *owner)
{
	struct grpc_peer *peer = owner;

	peer->wake(peer);
}

const struct http2_handler *
grpc_handler(void)
{
	static const struct http2_handler handler = {
		.open = on_open,
		.field = on_field,
		.headers = on_headers,
		.data = on_data,
		.end = on_end,
		.pull = on_pull,
		.expired = on_expired,
		.closed = on_closed,
		.wake = on_wake,
	};

	return &handler;
}

/*
 * The life of the services
 */

/*
 * Around a function of the service that is about no call.  Should the worker
 * hang or die in there, the master finds its name in the row.
 */
static void
enter_service(struct grpc *g, const struct grpcd_service *s,
    const char *function)
{
	snprintf(g->row->method, sizeof(g->row->method), "%s() of %s", function,
	    s->descriptor->name);
	g->last = NULL;
	service_enter(g);
}

static void
leave_service(struct grpc *g)
{
	service_leave(g);
	g->row->method[0] = '\0';
}

bool
grpc_start(struct grpc *g, size_t i, struct config_messages *errors)
{
	const struct config_section *section = registry_section(g->registry, i);
	const struct grpcd_service *s = registry_service(g->registry, i);
	const char *why;

	if (!s->start)
		return true;
	enter_service(g, s, "start");
	why = s->start();
	leave_service(g);
	if (why)
		config_message(errors, section->file, section->line,
		    "%s does not start: %s", registry_title(g->registry, i),
		    why);
	return !why;
}

void
grpc_stop(struct grpc *g, size_t i)
{
	const struct grpcd_service *s = registry_service(g->registry, i);

	service_work(g);
	if (!s->stop)
		return;
	enter_service(g, s, "stop");
	s->stop();
	leave_service(g);
}

/* The next call in a state. */
static struct call *
next_call(const struct grpc *g, enum call_state state, size_t *at)
{
	struct call *c;

	while ((c = handle_next(at)) != NULL)
		if (c->grpc == g && c->state == state)
			break;
	return c;
}

static void
shut_down_all(struct grpc *g, enum call_state state)
{
	struct call *c;
	size_t at = 0;

	while ((c = next_call(g, state, &at)) != NULL)
		call_shut_down(c, g->ended);
}

static void
drain_services(struct grpc *g, int64_t ms_left)
{
	for (size_t i = 0; i < registry_count(g->registry); i++) {
		const struct grpcd_service *s =
		    registry_service(g->registry, i);

		if (!s->drain)
			continue;
		enter_service(g, s, "drain");
		s->drain(ms_left);
		leave_service(g);
	}
}

void
grpc_warn(struct grpc *g)
{
	health_leave(g);
	service_work_off(g);
}

void
grpc_drain(struct grpc *g, int64_t ms_left)
{
	struct call *c;
	size_t at = 0;

	g->drained_us = g->now_us + ms_left * CLOCK_MS;
	drain_services(g, ms_left);
	while ((c = next_call(g, CALL_OPEN, &at)) != NULL)
		service_queue(c);
	service_work(g);
}

void
grpc_end_calls(struct grpc *g, const char *why)
{
	g->ended = why;
	shut_down_all(g, CALL_WAITING);
	shut_down_all(g, CALL_OPEN);
	service_work(g);
}
