/*
 * fake.c - what lies around src/grpc, played for its tests
 */
#include <config.h>

#include "fake.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/identity.h"
#include "base/log.h"
#include "grpc/framing.h"
#include "grpc/registry.h"
#include "node.h"

volatile int fake_busy;

static void *
get(size_t size)
{
	void *p;

	fake_busy++;
	p = calloc(1, size > 0 ? size : 1);
	fake_busy--;
	ENSURE(p);
	return p;
}

#define START_US INT64_C(1000000000)

const struct config_limits fake_limits = {
	.max_message_size = 4 << 20,
	.max_reply_size = 64 << 20,
	.max_message_memory = 64 << 20,
	.max_call_memory = 64 << 20,
	.max_header_list_size = 8192,
	.max_concurrent_streams = 128,
	.max_deadline = 0,
	.stream_window = 65535,
};

/*
 * The host
 */

struct host_timer {
	struct fake *fake;
	struct host_timer *next;
	void (*fire)(void *arg);
	void *arg;
	int64_t when_us;
};

static struct host_timer *
timer_new(void *host, void (*fire)(void *arg), void *arg)
{
	struct fake *f = host;
	struct host_timer *t;

	if (f->refuse_timers)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	*t = (struct host_timer){ f, f->timers, fire, arg, CLOCK_NEVER };
	f->timers = t;
	f->n_timers++;
	f->timers_made++;
	return t;
}

static void
timer_set(struct host_timer *t, int64_t when_us)
{
	t->when_us = when_us;
}

static void
timer_free(struct host_timer **timer)
{
	struct host_timer *t = *timer, **at;

	*timer = NULL;
	if (!t)
		return;
	for (at = &t->fake->timers; *at != t; at = &(*at)->next)
		ENSURE(*at);
	*at = t->next;
	t->fake->n_timers--;
	free(t);
}

static struct identity *
identify(struct grpc_peer *peer)
{
	struct fake *f =
	    (struct fake *)((char *)peer - offsetof(struct fake, peer));

	f->identified++;
	return identity_ref(f->identity);
}

static const struct host host = { timer_new, timer_set, timer_free, identify };

static struct host_timer *
next_due(struct fake *f)
{
	struct host_timer *first = NULL;

	for (struct host_timer *t = f->timers; t; t = t->next)
		if (t->when_us <= f->now_us &&
		    (!first || t->when_us < first->when_us))
			first = t;
	return first;
}

void
fake_elapse(struct fake *f, int64_t us)
{
	struct host_timer *t;

	f->now_us += us;
	grpc_set_time(f->grpc, f->now_us);
	while ((t = next_due(f)) != NULL) {
		t->when_us = CLOCK_NEVER;
		t->fire(t->arg);
		grpc_settle(f->grpc);
	}
}

/*
 * http2
 */

static void
take_fields(struct fake_fields *to, const struct http2_field *fields, size_t n)
{
	ENSURE(n <= FAKE_FIELDS);
	for (size_t i = 0; i < n; i++) {
		to->all[i] = fields[i];
		ENSURE(fields[i].lasting);
	}
	to->n = n;
}

bool
http2_respond(struct http2_stream *s, const struct http2_field *fields,
    size_t n_fields, bool end)
{
	ENSURE(!s->responded);
	if (s->refuse || s->reset)
		return false;
	s->responded = true;
	s->only = s->ended = end;
	take_fields(&s->headers, fields, n_fields);
	return true;
}

void
http2_resume(struct http2_stream *s)
{
	ENSURE(s->responded && !s->ended && !s->pulling);
	ENSURE(s->starved);
	s->starved = false;
	s->resumes++;
}

void
http2_discount(struct http2_stream *s)
{
	s->discounted = true;
}

bool
http2_trailers(struct http2_stream *s, const struct http2_field *fields,
    size_t n_fields)
{
	ENSURE(s->pulling);
	if (s->refuse)
		return false;
	take_fields(&s->trailers, fields, n_fields);
	return true;
}

void
http2_reset(struct http2_stream *s, uint32_t error)
{
	s->reset = true;
	s->reset_code = error;
}

void
http2_consume(struct http2_stream *s, size_t n)
{
	s->consumed += n;
}

void
fake_read(struct http2_stream *s, size_t room)
{
	uint8_t *to;
	size_t n;

	while (s->responded && !s->ended && !s->starved && !s->reset &&
	       room > 0) {
		fake_busy++;
		to = buffer_reserve(&s->body, room);
		fake_busy--;
		ENSURE(to);
		s->pulling = true;
		n = grpc_handler()->pull(s->call, to, room, &s->ended);
		s->pulling = false;
		ENSURE(n <= room);
		buffer_added(&s->body, n);
		room -= n;
		s->starved = n == 0 && !s->ended;
	}
	fake_elapse(s->fake, 0);
}

/*
 * Streams
 */

struct http2_stream *
fake_open(struct fake *f)
{
	struct http2_stream *s = get(sizeof(*s));

	s->fake = f;
	s->call = grpc_handler()->open(&f->peer, s);
	if (!s->call) {
		free(s);
		return NULL;
	}
	return s;
}

/* The bytes go when the handler has returned, as those of http2 do. */
static void
field(struct http2_stream *s, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);
	char *bytes = get(name_len + value_len);

	memcpy(bytes, name, name_len);
	memcpy(bytes + name_len, value, value_len);
	grpc_handler()->field(s->call, (struct http2_text){ bytes, name_len },
	    (struct http2_text){ bytes + name_len, value_len });
	free(bytes);
}

void
fake_field(struct http2_stream *s, const char *name, const char *value)
{
	field(s, name, value);
}

void
fake_headers(struct http2_stream *s)
{
	grpc_handler()->headers(s->call, 200);
}

struct http2_stream *
fake_call_with(struct fake *f, const char *path, const char *name,
    const char *value)
{
	struct http2_stream *s = fake_open(f);

	if (!s)
		return NULL;
	fake_field(s, ":method", "POST");
	fake_field(s, ":scheme", "http");
	fake_field(s, ":path", path);
	fake_field(s, ":authority", "localhost:1");
	fake_field(s, "content-type", "application/grpc");
	fake_field(s, "te", "trailers");
	fake_field(s, "user-agent", "fake/1");
	if (name)
		fake_field(s, name, value);
	fake_headers(s);
	return s;
}

struct http2_stream *
fake_call(struct fake *f, const char *path)
{
	return fake_call_with(f, path, NULL, NULL);
}

void
fake_data(struct http2_stream *s, const void *bytes, size_t len)
{
	uint8_t *copy = get(len);

	if (len > 0)
		memcpy(copy, bytes, len);
	grpc_handler()->data(s->call, copy, len);
	free(copy);
	grpc_settle(s->fake->grpc);
}

void
fake_message(struct http2_stream *s, const char *text)
{
	uint8_t *bytes = get(strlen(text) + 32);

	fake_data(s, bytes, node_frame(bytes, text));
	free(bytes);
}

void
fake_end(struct http2_stream *s)
{
	grpc_handler()->end(s->call);
	grpc_settle(s->fake->grpc);
}

void
fake_close(struct http2_stream **stream, uint32_t error)
{
	struct http2_stream *s = *stream;
	struct fake *f = s->fake;

	*stream = NULL;
	grpc_handler()->closed(s->call, error);
	buffer_release(&s->body);
	free(s);
	fake_elapse(f, 0);
}

struct http2_stream *
fake_whole(struct fake *f, const char *path, const char *text)
{
	struct http2_stream *s = fake_call(f, path);

	fake_message(s, text);
	fake_end(s);
	fake_read(s, 1 << 20);
	return s;
}

/* Into one of a few buffers, so that some results live at once. */
static const char *
value_of(const struct fake_fields *fields, const char *name)
{
	static char values[8][16384];
	static unsigned next;
	size_t len = strlen(name);

	for (size_t i = 0; i < fields->n; i++) {
		const struct http2_field *f = &fields->all[i];
		char *to;

		if (f->name_len != len || memcmp(f->name, name, len) != 0)
			continue;
		to = values[next++ % 8];
		ENSURE(f->value_len < sizeof(values[0]));
		memcpy(to, f->value, f->value_len);
		to[f->value_len] = '\0';
		return to;
	}
	return NULL;
}

const char *
fake_header(const struct http2_stream *s, const char *name)
{
	return value_of(&s->headers, name);
}

const char *
fake_trailer(const struct http2_stream *s, const char *name)
{
	return value_of(s->only ? &s->headers : &s->trailers, name);
}

const char *
fake_text(const struct http2_stream *s, size_t i)
{
	static char texts[8][256];
	static unsigned next;
	struct framing f = { .kept = BUFFER_INIT };
	ProtobufCMessage *message;
	char *to = texts[next++ % 8];

	framing_lend(&f, buffer_bytes(&s->body), buffer_length(&s->body));
	do {
		if (framing_next(&f, SIZE_MAX) != FRAMING_MESSAGE)
			return NULL;
	} while (i-- > 0);
	message = protobuf_c_message_unpack(&node_type, NULL, f.len, f.bytes);
	ENSURE(message);
	strncpy(to, ((struct node *)message)->text, sizeof(texts[0]) - 1);
	protobuf_c_message_free_unpacked(message, NULL);
	return to;
}

/*
 * The whole
 */

void
fake_prepare(struct fake *f, const struct grpcd_service *service)
{
	*f = (struct fake){ .now_us = START_US };
	f->services[0] = service;
	f->module =
	    (struct grpcd_module){ GRPCD_MODULE_MAGIC, GRPCD_API, f->services };
	f->section = (struct config_section){ .name = service->descriptor->name,
		.body = "",
		.limits = fake_limits,
		.file = "grpcd.conf",
		.line = 1 };
	f->listeners[0].name = "secure";
	f->listeners[0].tls.on = true;
	f->listeners[0].tls.d.verify = CONFIG_VERIFY_REQUIRE;
	f->listeners[1].name = "plain";
	f->listeners[0].limits = f->listeners[1].limits = fake_limits;
	f->config.listeners = f->listeners;
	f->config.n_listeners = 2;
	f->config.services = &f->section;
	f->config.n_services = 1;
	f->config.file = "grpcd.conf";
	f->config.prefix = "/";
	f->config.limits = fake_limits;
}

void
fake_start(struct fake *f)
{
	struct registry_source source = { &f->module, "test", NULL, 0 };
	struct config_messages errors = { NULL, 0 };

	fake_busy++;
	f->registry = registry_new(&f->config, &source, 1, &errors);
	ENSURE(f->registry);
	config_messages_free(&errors);
	f->grpc = grpc_new(f->registry, &host, f, &f->row);
	ENSURE(f->grpc);
	grpc_set_time(f->grpc, f->now_us);
	f->peer.grpc = f->grpc;
	f->peer.limits = &f->listeners[0].limits;
	f->peer.address = "ipv4:192.0.2.1:40000";
	fake_busy--;
}

void
fake_init(struct fake *f, const struct grpcd_service *service)
{
	fake_prepare(f, service);
	fake_start(f);
}

void
fake_init_section(struct fake *f, const struct grpcd_service *service,
    const char *body)
{
	fake_prepare(f, service);
	f->section.body = body;
	fake_start(f);
}

void
fake_relimit(struct fake *f)
{
	const struct limits_sources from = { &f->section.limits,
		&f->section.limits, &f->listeners[0].limits, false };
	const struct grpcd_descriptor *d = f->services[0]->descriptor;
	struct registry_method *m;
	char path[256];
	int len;

	f->listeners[0].limits.given = UINT64_MAX;
	for (size_t i = 0; i < d->n_methods; i++) {
		len = snprintf(path, sizeof(path), "/%s/%s", d->name,
		    d->methods[i].name);
		m = registry_find(f->registry, path, (size_t)len);
		limits_set((struct limits *)(uintptr_t)m->limits, &from);
	}
}

void
fake_fini(struct fake *f)
{
	ENSURE(grpc_calls(f->grpc) == 0);
	ENSURE(f->row.calls_open == 0);
	grpc_peer_release(&f->peer);
	grpc_free(&f->grpc);
	ENSURE(f->n_timers == 0);
	registry_free(&f->registry);
}

const char *
fake_log(void)
{
	static char lines[16384];
	static int fds[2] = { -1, -1 };
	ssize_t n;

	if (fds[0] == -1) {
		ENSURE(pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
		log_use(fds[1], "stderr", LOG_LEVEL_DEBUG);
	}
	n = read(fds[0], lines, sizeof(lines) - 1);
	lines[n > 0 ? n : 0] = '\0';
	return lines;
}
