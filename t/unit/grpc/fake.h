/*
 * fake.h - what lies around src/grpc, played for its tests
 *
 * An http2 that records what it is told and is as strict as session.h; a host
 * whose clock stands still until fake_elapse; a registry of one service.
 *
 *	fake_init(&f, &service, NULL);
 *	s = fake_call(&f, UNARY);
 *	fake_message(s, "text");
 *	fake_end(s);
 *	fake_read(s, 1000);
 *	is_text("0", fake_trailer(s, "grpc-status"), ...);
 *	fake_close(&s, HTTP2_NO_ERROR);
 *	fake_fini(&f);
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "config/config.h"
#include "grpc/host.h"
#include "grpc/server.h"
#include "grpcd.h"
#include "http2/session.h"
#include "stats/stats.h"

#define FAKE_FIELDS 1024

struct fake {
	struct grpc *grpc;
	struct grpc_peer peer;
	struct registry *registry;
	struct config config;
	struct config_section section;
	struct config_listener listeners[2]; /* "secure" and "plain" */
	struct grpcd_module module;
	const struct grpcd_service *services[2];
	struct stats_row row;
	int64_t now_us;
	struct host_timer *timers;
	int n_timers, timers_made;
	bool refuse_timers;
	struct identity *identity; /* of the client; the test's own */
	int identified;            /* times it was asked for */
};

/* A list of fields as it stood when it was handed over. */
struct fake_fields {
	struct http2_field all[FAKE_FIELDS];
	size_t n;
};

struct http2_stream {
	struct fake *fake;
	void *call;
	struct fake_fields headers, trailers;
	bool responded, only; /* only: Trailers-Only */
	bool pulling, ended;
	bool starved; /* waits for http2_resume */
	bool refuse;  /* http2_respond and http2_trailers fail */
	bool discounted;
	unsigned resumes;
	bool reset;
	uint32_t reset_code;
	size_t consumed;
	struct buffer body;
};

/* Above 0 while the fake itself allocates, which may not fail. */
extern volatile int fake_busy;

/* What limits are unless a test sets others. */
extern const struct config_limits fake_limits;

void fake_init(struct fake *f, const struct grpcd_service *service);
/* The same, with a section of the config that has this body. */
void fake_init_section(struct fake *f, const struct grpcd_service *service,
    const char *body);
/* The same in two steps, for a test that changes f->config between them. */
void fake_prepare(struct fake *f, const struct grpcd_service *service);
void fake_start(struct fake *f);
/* Checks that nothing is left: no call, no timer. */
void fake_fini(struct fake *f);

/* Sets a limit of the listener, for calls that begin then. */
#define FAKE_LIMIT(f, name, n) \
	((f)->listeners[0].limits.name = (n), fake_relimit(f))
void fake_relimit(struct fake *f);

/* Moves the clock, and fires what is due. */
void fake_elapse(struct fake *f, int64_t us);

/* A stream without headers. */
struct http2_stream *fake_open(struct fake *f);
void fake_field(struct http2_stream *s, const char *name, const char *value);
void fake_headers(struct http2_stream *s);

/* A stream with the usual headers, which are whole. */
struct http2_stream *fake_call(struct fake *f, const char *path);
/* The same, with one field more. */
struct http2_stream *fake_call_with(struct fake *f, const char *path,
    const char *name, const char *value);

void fake_data(struct http2_stream *s, const void *bytes, size_t len);
/* A node with that text, in one piece. */
void fake_message(struct http2_stream *s, const char *text);
void fake_end(struct http2_stream *s);

/* Reads at most room bytes of the body, and the trailers if it ends. */
void fake_read(struct http2_stream *s, size_t room);

/* The client or the session ends the stream; frees it. */
void fake_close(struct http2_stream **s, uint32_t error);

/* A value, NULL: none. Of a Trailers-Only response both look at the same. */
const char *fake_header(const struct http2_stream *s, const char *name);
const char *fake_trailer(const struct http2_stream *s, const char *name);

/* The text of message i of what was read; NULL if there are fewer. */
const char *fake_text(const struct http2_stream *s, size_t i);

/* Message, end, all read: for calls that answer at once. */
struct http2_stream *fake_whole(struct fake *f, const char *path,
    const char *text);

/* Lines that were logged since the last time, all in one. */
const char *fake_log(void);

#endif
