/*
 * call.h - one call of one method, from its first header to its stream's end
 *
 *	NEW -> OPEN -> ANSWERED -> SENDING -> GONE
 *	 |       \        \                    ^
 *	 |        `--------`---> LOST ---------'
 *	 |`-> WAITING -> OPEN, ANSWERED, LOST
 *	 `-> SENDING (refused)
 *
 * A unary call is a streaming one with a message each way.  No function here
 * frees a call but call_closed, and call_work one that was lost; whoever calls
 * another may go on using it.
 */
#ifndef GRPC_CALL_H
#define GRPC_CALL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/check.h"
#include "grpc/detail.h"
#include "grpc/framing.h"
#include "grpc/metadata.h"
#include "grpc/output.h"
#include "grpc/request.h"
#include "grpcd.h"

struct gate;
struct grpc;
struct grpc_peer;
struct host_timer;
struct http2_field;
struct http2_stream;
struct identity;
struct limits;
struct registry_method;

enum call_state {
	CALL_NEW,      /* headers are coming; no service knows of it */
	CALL_WAITING,  /* for max_calls; no service knows of it (gate.h) */
	CALL_OPEN,     /* the service's turn */
	CALL_ANSWERED, /* the status is decided, the service is to hear it */
	CALL_SENDING,  /* the service is done with it, the client is not */
	CALL_LOST,     /* the stream is gone, the service is to hear it */
	CALL_GONE,
	CALL_STATES
};

#define CALL_MAGIC 0x63616c6cu

struct call {
	uint32_t magic;
	enum call_state state;
	enum grpcd_status status; /* decided, from ANSWERED on */

	struct grpc *grpc;
	struct grpc_peer *peer;         /* NULL: lost */
	struct http2_stream *stream;    /* NULL: lost */
	const char *peer_text;          /* of a lost one */
	struct identity *identity;      /* the same, if it was asked for */
	struct registry_method *method; /* from OPEN on */
	struct grpcd_call *handle;      /* from then until the service heard */
	struct request request;

	const struct limits *limits;     /* with it */
	size_t max_memory;               /* of those, before of the listener */
	struct arena arena;              /* as long as the call */
	struct allot_overflow *overflow; /* past its cap, see allot.c */

	/* gate.c */
	bool placed;               /* it has its places */
	struct gate *waits_at;     /* NULL: it does not */
	TAILQ_ENTRY(call) waiting; /* in the queue of that */

	/* From the client: input.c. */
	struct framing framing;
	size_t unconsumed; /* bytes whose room in the window is not back */
	ProtobufCMessage *message; /* unpacked, to be delivered */
	bool compressed;           /* it was */
	bool client_done;          /* it has sent all */
	bool close_told;           /* and the service knows */
	bool paused;

	/* To the client: answer.c. */
	struct output output;
	const struct http2_field *http_status;
	struct metadata_fields headers, trailers; /* the service's */
	const struct http2_field *last;           /* what ends the response */
	size_t n_last;
	struct details details;
	enum encoding encoding; /* told in the headers */
	bool compress;          /* the messages that come now */
	bool headers_sent;
	bool starved;      /* http2 waits for http2_resume */
	bool blocked;      /* the service waits for `writable` */
	bool writable_due; /* and is to hear it */

	/* Kept: api.c; its times: deadline.c. */
	bool kept;
	bool cancelled; /* by the client or its deadline */
	bool drain_told;
	const struct grpcd_events *events;
	void *data;
	bool old;                      /* it has reached max_stream_age */
	int64_t deadline_us, after_us; /* CLOCK_NEVER: none */
	int64_t age_us; /* of a stream: when it is old, or ends */
	struct host_timer *timer;
	LIST_ENTRY(call) unarmed;

	STAILQ_ENTRY(call) work;
	bool queued; /* in grpc->work */
};

/* A call for a new stream; NULL without memory. */
struct call *call_new(struct grpc_peer *peer, struct http2_stream *stream);

/*
 * The headers are whole: opens the call, or refuses it.  One that is of
 * no RPC's client stays NEW, to be refused when all of the request has come.
 */
void call_headers(struct call *c, size_t list_size);

/* Answers a NEW call whose headers are wrong. */
void call_refuse(struct call *c);

/*
 * Decides the status of a call that is NEW or OPEN, and starts to send it; the
 * text, which may be NULL, goes into grpc-message.
 */
void call_end(struct call *c, enum grpcd_status status, const char *text);
void call_fail(struct call *c, enum grpcd_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void call_vfail(struct call *c, enum grpcd_status status, const char *fmt,
    va_list args) __attribute__((format(printf, 3, 0)));

/*
 * Ends it with UNAVAILABLE; the client may try again elsewhere at once.  One
 * that waits is reset with REFUSED_STREAM: so the client knows that no service
 * has heard of it, and does try again by itself.
 */
void call_shut_down(struct call *c, const char *why);

/* The stream is gone; error is why, in HTTP/2's words. */
void call_closed(struct call *c, uint32_t error);

/* Does what was put off for it; see service.h. */
void call_work(struct call *c);

/* Is it to end soon, for it is old or the worker drains? */
bool call_is_leaving(const struct call *c);

/* A void * of http2 or a timer as a call. */
static inline struct call *
call_of(void *arg)
{
	struct call *c = arg;

	CHECK(c, CALL_MAGIC);
	return c;
}

#endif
