/*
 * cost.c - the same unary call again and again, for counting instructions
 *
 * Built and run by hand, twice, so that what is not a call's cancels out:
 *
 *	make t/unit/grpc/cost
 *	valgrind --tool=callgrind t/unit/grpc/cost 1000
 *	valgrind --tool=callgrind t/unit/grpc/cost 2000
 *
 * What this file itself takes stands under main and below in the profile.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "grpc/host.h"
#include "grpc/registry.h"
#include "grpc/server.h"
#include "grpcd.h"
#include "http2/session.h"
#include "services/builtin.h"
#include "stats/stats.h"

/* Streams at once, as in a batch of input. */
#define BATCH 100

struct http2_stream {
	void *call;
	unsigned char body[64];
	bool end;
};

bool
http2_respond(struct http2_stream *s, const struct http2_field *fields,
    size_t n_fields, bool end)
{
	(void)s, (void)fields, (void)n_fields, (void)end;
	return true;
}

void
http2_discount(struct http2_stream *s)
{
	(void)s;
}

void
http2_resume(struct http2_stream *s)
{
	(void)s;
}

bool
http2_trailers(struct http2_stream *s, const struct http2_field *fields,
    size_t n_fields)
{
	(void)s, (void)fields, (void)n_fields;
	return true;
}

void
http2_reset(struct http2_stream *s, uint32_t error)
{
	(void)s, (void)error;
}

void
http2_consume(struct http2_stream *s, size_t n)
{
	(void)s, (void)n;
}

static struct host_timer *
timer_new(void *host, void (*fire)(void *arg), void *arg)
{
	(void)fire, (void)arg;
	return host;
}

static void
timer_set(struct host_timer *timer, int64_t when_us)
{
	(void)timer, (void)when_us;
}

static void
timer_free(struct host_timer **timer)
{
	*timer = NULL;
}

static struct identity *
identify(struct grpc_peer *peer)
{
	(void)peer;
	return NULL;
}

static const struct host host = { timer_new, timer_set, timer_free, identify };

/* What h2load sends. */
static const struct http2_field fields[] = {
	HTTP2_FIELD(":method", "POST"),
	HTTP2_FIELD(":path", "/helloworld.Greeter/SayHello"),
	HTTP2_FIELD(":scheme", "http"),
	HTTP2_FIELD(":authority", "127.0.0.1:50051"),
	HTTP2_FIELD("user-agent", "h2load nghttp2/1.52.0"),
	HTTP2_FIELD("content-type", "application/grpc"),
	HTTP2_FIELD("te", "trailers"),
};
static const uint8_t request[] = "\0\0\0\0\7\12\5world";

static void
begin(struct grpc_peer *peer, struct http2_stream *s)
{
	const struct http2_handler *h = grpc_handler();

	s->end = false;
	s->call = h->open(peer, s);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		h->field(s->call,
		    (struct http2_text){ fields[i].name, fields[i].name_len },
		    (struct http2_text){
			fields[i].value, fields[i].value_len });
	h->headers(s->call, 400);
	h->data(s->call, request, sizeof(request) - 1);
	h->end(s->call);
}

static void
finish(struct http2_stream *s)
{
	const struct http2_handler *h = grpc_handler();
	size_t n = h->pull(s->call, s->body, sizeof(s->body), &s->end);

	if (n != 18 || !s->end || memcmp(s->body + 7, "Hello world", 11) != 0)
		abort();
	h->closed(s->call, HTTP2_NO_ERROR);
}

int
main(int argc, char **argv)
{
	static struct stats_row row;
	static struct http2_stream streams[BATCH];
	struct config_limits limits = { .max_message_size = 4 << 20,
		.max_reply_size = 64 << 20,
		.max_message_memory = 64 << 20,
		.max_call_memory = 64 << 20,
		.max_header_list_size = 8192 };
	struct config_section section = { .name = "helloworld.Greeter",
		.body = "",
		.limits = limits,
		.file = "grpcd.conf",
		.line = 1 };
	struct config_listener listener = { .limits = limits };
	struct config config = { .services = &section,
		.n_services = 1,
		.listeners = &listener,
		.n_listeners = 1,
		.file = "grpcd.conf",
		.prefix = "/" };
	struct registry_source source = { builtin_modules[0], "built-in", NULL,
		0 };
	struct config_messages errors = { NULL, 0 };
	struct registry *registry = registry_new(&config, &source, 1, &errors);
	struct grpc *grpc = grpc_new(registry, &host, &row, &row);
	struct grpc_peer peer = { .grpc = grpc, .limits = &limits };
	int n = argc > 1 ? atoi(argv[1]) : 1000;

	for (int i = 0; i < n; i += BATCH) {
		grpc_set_time(grpc, 1000 + i);
		for (int j = 0; j < BATCH; j++)
			begin(&peer, &streams[j]);
		grpc_settle(grpc);
		for (int j = 0; j < BATCH; j++)
			finish(&streams[j]);
	}
	printf("%llu calls\n", (unsigned long long)row.calls_total);
	grpc_free(&grpc);
	registry_free(&registry);
	return 0;
}
