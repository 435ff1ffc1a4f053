/*
 * loop.h - a session of http2 without a socket or a clock, for tests
 *
 * The client's bytes stand in one buffer, the server's in another, and time is
 * what the test says.  The service is a script: a few functions per test.
 */
#ifndef PROTO_LOOP_H
#define PROTO_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buffer.h"
#include "config/config.h"
#include "http2/session.h"
#include "stats/stats.h"
#include "wire.h"

struct loop;

/* A request at the service.  Freed once its stream is closed. */
struct loop_call {
	struct loop *loop;
	struct http2_stream *stream;
	struct buffer body; /* what came and has not been sent back */
	size_t n_fields, list_size;
	bool ended;  /* the request has */
	size_t left; /* for scripts: bytes to give */
	LIST_ENTRY(loop_call) link;
};

/* What the service does; NULL for nothing.  Data is kept in body if no data. */
struct loop_script {
	bool refuse; /* as if there were no memory for a call */
	void (*headers)(struct loop_call *call);
	void (*data)(struct loop_call *call, const uint8_t *bytes, size_t len);
	void (*end)(struct loop_call *call);
	size_t (*pull)(struct loop_call *call, uint8_t *to, size_t room,
	    bool *ret_end);
	void (*expired)(struct loop_call *call, const char *why);
	void (*closed)(struct loop_call *call);
};

/* Answers at the request's end with its body, and with trailers. */
extern const struct loop_script loop_echo;

/* Keeps every request open. */
extern const struct loop_script loop_hold;

/* The steps of loop_echo, for other scripts. */
void loop_answer(struct loop_call *call);
size_t loop_pull_body(struct loop_call *call, uint8_t *to, size_t room,
    bool *ret_end);

struct loop {
	struct http2 *http2;
	struct http2_session *session;
	struct config_limits limits;
	struct stats_row row;
	const struct loop_script *script;
	int64_t now_us;
	struct buffer up, down;       /* the client's bytes, and the server's */
	LIST_HEAD(, loop_call) calls; /* newest first */
	size_t n_opened, n_headers, n_fields, n_ended, n_closed, n_woken;
	size_t n_data;       /* bytes of bodies that came */
	size_t list_size;    /* of the newest request */
	uint32_t last_error; /* of the stream closed last */
	bool good;           /* what the last input said */
};

/* The defaults of directives.def, and a clock that stands at an hour. */
void loop_init(struct loop *loop, const struct loop_script *script);

/* A session with the limits as they are now; the preface is in `up`. */
void loop_open(struct loop *loop);

/* Frees all of it; everything must have been closed. */
void loop_fini(struct loop *loop);

/* Moves the clock. */
void loop_wait(struct loop *loop, int64_t us);

/* Gives the session what stands in `up`, and takes all that it has to say. */
void loop_run(struct loop *loop);

/* Takes frames until one of this type (and stream, unless -1) has come. */
bool loop_expect(struct loop *loop, uint8_t type, int64_t id,
    struct wire_frame *ret_frame);

/* Takes all frames; how many were of this type. */
size_t loop_count(struct loop *loop, uint8_t type);

#endif
