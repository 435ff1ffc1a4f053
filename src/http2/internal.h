/*
 * internal.h - the structs behind session.h, and what its files share
 *
 * For the files of this folder alone.
 */
#ifndef HTTP2_INTERNAL_H
#define HTTP2_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <nghttp2/nghttp2.h>

#include "base/freelist.h"
#include "http2/budget.h"
#include "http2/frames.h"
#include "http2/keepalive.h"
#include "http2/pool.h"
#include "http2/session.h"

#define HTTP2_MAGIC 0x48545432u         /* "HTT2" */
#define HTTP2_SESSION_MAGIC 0x48325345u /* "H2SE" */
#define HTTP2_STREAM_MAGIC 0x48325354u  /* "H2ST" */

struct buffer;

struct http2 {
	uint32_t magic;
	const struct http2_handler *handler;
	struct stats_row *row;
	int64_t now_us;
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *option;
	struct pool pool;
	struct freelist sessions, streams;
};

enum session_state {
	SESSION_OPEN,
	SESSION_ENDING,   /* the last GOAWAY is in nghttp2's queue */
	SESSION_FLUSHING, /* it told no error: what answers can go do so yet */
	SESSION_ENDED     /* all is taken, or there was no memory for it */
};

enum drain_state {
	DRAIN_NOT,
	DRAIN_WAITING,  /* for the first request */
	DRAIN_NOTICING, /* the first GOAWAY is in nghttp2's queue */
	DRAIN_NOTICED,  /* it is out: for the PING's ACK */
	DRAIN_DUE,      /* the other is, once all of the input is taken */
	DRAIN_LAST      /* it is in the queue, with the real last stream */
};

/* What the client is told. */
enum drain_why {
	DRAIN_SERVER, /* the server has to go */
	DRAIN_IDLE,   /* max_connection_idle */
	DRAIN_OLD     /* max_connection_age */
};

struct http2_session {
	uint32_t magic;
	enum session_state state;
	enum drain_state drain;
	enum drain_why drain_why;
	bool busy;         /* in input, output or free: no wake */
	bool woken;        /* since the last output */
	bool greeted;      /* the client's SETTINGS have come */
	bool used;         /* there has been a request */
	bool pinched;      /* DATA cut short by a tiny window is under way */
	bool broken;       /* nghttp2 ran out of memory in output */
	bool old;          /* past max_connection_age */
	uint32_t end_code; /* of the last GOAWAY */
	enum http2_cause cause; /* of the end, with the reason */
	struct http2 *http2;
	const struct http2_handler *handler;
	void *owner;
	const struct config_limits *limits;
	nghttp2_session *ng;
	LIST_HEAD(, http2_stream) streams;
	size_t n_streams;
	struct http2_stream *recent;  /* the one that frames were last about */
	struct http2_stream *opening; /* the one whose fields are coming */
	size_t list_size, list_limit; /* of the header block under way */
	struct frames frames;
	uint64_t settled;  /* frames.seen when they were last charged */
	uint64_t progress; /* frames that brought calls forward since */
	uint64_t n_reset;  /* streams, by the client or for its fault */
	struct budget frame_budget, reset_budget;
	struct keepalive keepalive;
	size_t n_discounted; /* of the streams, those that are no activity */
	int64_t idle_us;     /* since when there has been no other */
	int64_t old_us;      /* when its age, and then its grace, is over */
	int64_t made_us;
	int64_t drain_us; /* when the drain goes on by itself; CLOCK_NEVER */
	char *reason;     /* why it had to end; owned */
};

enum stream_state {
	STREAM_HEADERS, /* the request's fields are coming */
	STREAM_OPEN,    /* they are whole; no response yet */
	STREAM_BODY,    /* response headers given, the body is being pulled */
	STREAM_ENDED,   /* all of the response given */
	STREAM_RESET    /* RST_STREAM given */
};

/* From request_begin to the close of the stream; from http2's free list. */
struct http2_stream {
	uint32_t magic;
	int32_t id;
	enum stream_state state;
	bool ended;      /* the client has sent all */
	bool trailers;   /* given, to follow the body */
	bool shared;     /* takes turns with others in sending DATA */
	bool discounted; /* is no activity of the connection */
	struct http2_session *session;
	void *call;
	LIST_ENTRY(http2_stream) link;
};

/*
 * Ends the session for cause: GOAWAY with code and text, which is the reason
 * too.  Only the first call counts.
 */
void session_end(struct http2_session *s, uint32_t code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends it for PINGs: gRPC's clients know this end by its text. */
void session_end_pings(struct http2_session *s);

/* Ends it for a client that is not there, and is told should it come back. */
void session_end_silent(struct http2_session *s);

/* Ends it since nghttp2 has given up, with this error. */
void session_broke(struct http2_session *s, int error);

/* Ends it for what the walk over the frames has found. */
void session_fault(struct http2_session *s, enum frames_fault fault);

/* A stream that the client, or for its fault we, have reset; may end it. */
void session_count_reset(struct http2_session *s);

/* Tells the owner that there is output, unless it is about to ask. */
void session_wake(struct http2_session *s);

/* The open stream with this id, or NULL; sought past `recent`. */
struct http2_stream *session_seek(struct http2_session *s, int32_t id);

static inline struct http2_stream *
session_find(struct http2_session *s, int32_t id)
{
	if (s->recent != NULL && s->recent->id == id)
		return s->recent;
	return session_seek(s, id);
}

/* age.c: how long a session may be idle, and how old it may become. */
void age_init(struct http2_session *s);
int64_t age_due(const struct http2_session *s);
void age_tick(struct http2_session *s);

/* nghttp2's callbacks. */
void receive_callbacks(nghttp2_session_callbacks *callbacks);
void send_callbacks(nghttp2_session_callbacks *callbacks);

/* Pulls the body of the stream that source points to. */
ssize_t send_body(nghttp2_session *ng, int32_t id, uint8_t *to, size_t room,
    uint32_t *flags, nghttp2_data_source *source, void *arg);

/* Tells the handler and forgets the stream. */
void stream_close(struct http2_stream **stream, uint32_t error);
void stream_set_state(struct http2_stream *stream, enum stream_state to);

/* drain.c: begins it; see http2_session_drain. */
void drain_begin(struct http2_session *s, enum drain_why why);

/* A first request; a GOAWAY has gone; a PING's ACK with these 8 bytes. */
void drain_request(struct http2_session *s);
void drain_goaway_sent(struct http2_session *s);
void drain_ack(struct http2_session *s, const uint8_t *opaque);
void drain_tick(struct http2_session *s);

/* Output is about to be taken. */
void drain_output(struct http2_session *s);

/*
 * Of the first GOAWAY, while it is DRAIN_NOTICING: a frame of nghttp2's is that
 * one, and has been appended to out with a text.  False: do that as always.
 */
bool drain_notice_taken(struct http2_session *s, const uint8_t *frame,
    size_t len, struct buffer *out);

#endif
