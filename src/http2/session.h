/*
 * session.h - HTTP/2 of one connection, over nghttp2
 *
 * Bytes in, bytes out, time as an argument: no descriptor, no event, no clock.
 * It knows frames, streams, flow control, GOAWAY and the budgets against
 * floods; what a request means is the handler's.  Runs in workers.
 */
#ifndef HTTP2_SESSION_H
#define HTTP2_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct config_limits;
struct http2; /* what all sessions of a worker share */
struct http2_session;
struct http2_stream;
struct stats_row;

/* Codes of RFC 9113, section 7. */
enum http2_error {
	HTTP2_NO_ERROR = 0x0,
	HTTP2_PROTOCOL_ERROR = 0x1,
	HTTP2_INTERNAL_ERROR = 0x2,
	HTTP2_FLOW_CONTROL_ERROR = 0x3,
	HTTP2_SETTINGS_TIMEOUT = 0x4,
	HTTP2_STREAM_CLOSED = 0x5,
	HTTP2_FRAME_SIZE_ERROR = 0x6,
	HTTP2_REFUSED_STREAM = 0x7,
	HTTP2_CANCEL = 0x8,
	HTTP2_COMPRESSION_ERROR = 0x9,
	HTTP2_CONNECT_ERROR = 0xa,
	HTTP2_ENHANCE_YOUR_CALM = 0xb,
	HTTP2_INADEQUATE_SECURITY = 0xc
};

/* Bytes that are the peer's: no zero byte need follow. */
struct http2_text {
	const char *at;
	size_t len;
};

struct http2_field {
	const char *name, *value;
	size_t name_len, value_len;
	bool lasting; /* stays until the stream is closed: not copied */
};

/* A field of constant strings. */
#define HTTP2_FIELD(n, v)                                \
	{                                                \
		n, v, sizeof(n) - 1, sizeof(v) - 1, true \
	}

/*
 * What http2 calls upwards; grpc fills it in.  All are set.  `call` is what
 * open returned for the stream.
 */
struct http2_handler {
	/* A request begins.  NULL (no memory) refuses the stream. */
	void *(*open)(void *owner, struct http2_stream *stream);
	/*
	 * A field of the request's headers, in order, pseudo-fields too.  A
	 * name is never empty.  Bytes are valid during the call only.  Fields
	 * past max_header_list_size do not come; trailing ones neither.
	 */
	void (*field)(void *call, struct http2_text name,
	    struct http2_text value);
	/* The headers are whole; list_size as RFC 9113, 6.5.2 counts it. */
	void (*headers)(void *call, size_t list_size);
	/*
	 * Bytes of the body.  Their room in the stream's window comes back with
	 * http2_consume; the connection's comes back by itself.
	 */
	void (*data)(void *call, const uint8_t *bytes, size_t len);
	/* The client has sent all (after headers, if there was no body). */
	void (*end)(void *call);
	/*
	 * There is room for `room` bytes of the response's body.  Returns how
	 * many were put at `to`; 0 without ret_end: nothing now, until
	 * http2_resume.  ret_end: that was all; trailers given by
	 * http2_trailers in here follow.
	 */
	size_t (*pull)(void *call, uint8_t *to, size_t room, bool *ret_end);
	/*
	 * Its time is over: a response that says so is to end it.  why is of
	 * constant text.
	 */
	void (*expired)(void *call, const char *why);
	/* The stream is gone, exactly once; it must not be used again. */
	void (*closed)(void *call, uint32_t error);
	/* Output again, or http2_session_due changed; outside of input. */
	void (*wake)(void *owner);
};

/*
 * The shared part: options, callbacks, free lists.  NULL without memory.  row
 * counts streams, floods and protocol errors.
 */
struct http2 *http2_new(const struct http2_handler *handler,
    struct stats_row *row);
void http2_free(struct http2 **http2);

/* Tells the time, once a loop turn, before anything else of that turn. */
void http2_set_time(struct http2 *http2, int64_t now_us);

/*
 * A session for a new connection; owner goes to handler->open and ->wake;
 * limits must stay as long as the session.  NULL without memory.
 */
struct http2_session *http2_session_new(struct http2 *http2, void *owner,
    const struct config_limits *limits);

/* Closes every stream (handler->closed with HTTP2_CANCEL), then frees. */
void http2_session_free(struct http2_session **session);

/*
 * Takes bytes from the client.  False: the session has ended, for the client
 * broke the protocol or a budget; a GOAWAY that says so is in the output.  Send
 * it and close.  What nghttp2 finds wrong by itself shows later: once its
 * GOAWAY has been taken by http2_session_output, the session is done.
 */
bool http2_session_input(struct http2_session *session, const uint8_t *bytes,
    size_t len);

/* What a session had to end for. */
enum http2_cause {
	HTTP2_CAUSE_NONE,
	HTTP2_CAUSE_OTHER, /* such as memory */
	HTTP2_CAUSE_FAULT, /* the client broke the protocol */
	HTTP2_CAUSE_FLOOD, /* it passed a rate or a burst */
	HTTP2_CAUSE_PINGS, /* of its keepalive: the reason has the remedy */
	HTTP2_CAUSE_SILENT /* it left our PING without an answer */
};

/*
 * The same in words, for the log, with the limit, the client's figure and the
 * directive; NULL if nothing was wrong.
 */
enum http2_cause http2_session_cause(const struct http2_session *session);
const char *http2_session_reason(const struct http2_session *session);

/*
 * Appends what is to be sent, until there is nothing more or `out` holds
 * `enough` bytes.  False without memory: close.
 */
bool http2_session_output(struct http2_session *session, struct buffer *out,
    size_t enough);

/* Nothing is to be sent or awaited any more: close. */
bool http2_session_done(const struct http2_session *session);

/* The client's preface and first SETTINGS have come. */
bool http2_session_greeted(const struct http2_session *session);

/*
 * Appends what a client is told, instead of having a session, that there are
 * too many already: GOAWAY ENHANCE_YOUR_CALM with why, to be sent before the
 * connection is closed.  False without memory.
 *
 * There are no SETTINGS before it, on purpose.  A client of gRPC takes a
 * connection for made once these have come, and makes the next at once when it
 * ends: one call had grpcio 1.51 make 2,300 connections a second, grpc-go 1.85
 * 2,800 and grpc-js 1.14 60.  Without them it was not made, and they back off:
 * 3 in 5 seconds.
 */
bool http2_refuse(const char *why, struct buffer *out);

/*
 * Begins the graceful end (RFC 9113, 6.8): GOAWAY with last stream 2^31-1 and a
 * PING; at its ACK, or 5 s later, GOAWAY with the real last one; done once
 * the streams are.  A session without a request yet waits for the first, or
 * until 1 s after it was made, before it begins, since current grpcio hangs a
 * call whose connection is refused before its first request.
 */
void http2_session_drain(struct http2_session *session);

/*
 * Ends now: GOAWAY with code and debug text, and without an error behind it
 * what answers there are, trailers too, as far as the client has room; done
 * once that has been taken.  Streams are left as they are then, for
 * http2_session_free to close.
 */
void http2_session_goaway(struct http2_session *session, uint32_t error,
    const char *debug);

/* When http2_session_tick wants to be called next; CLOCK_NEVER if not. */
int64_t http2_session_due(const struct http2_session *session);
void http2_session_tick(struct http2_session *session);

/*
 * The client is there, although nothing has come: nobody has read from its
 * socket.
 */
void http2_session_excuse(struct http2_session *session);

/*
 * Response headers; with `end` the whole response (Trailers-Only).  False
 * without memory, or if the stream cannot be answered any more.
 */
bool http2_respond(struct http2_stream *stream,
    const struct http2_field *fields, size_t n_fields, bool end);

/* There is a body to pull again. */
void http2_resume(struct http2_stream *stream);

/*
 * The trailers, from within handler->pull as it sets ret_end.  A request that
 * had not ended by then is told RST_STREAM NO_ERROR after them.
 */
bool http2_trailers(struct http2_stream *stream,
    const struct http2_field *fields, size_t n_fields);

/* Ends the stream with RST_STREAM; handler->closed follows, not from here. */
void http2_reset(struct http2_stream *stream, uint32_t error);

/*
 * The stream is no use of its connection, however long it stays open: it waits
 * for what may never come, as health's Watch does.  The connection may be idle
 * in spite of it (max_connection_idle), and when it is drained does not wait
 * for it: handler->expired ends it.  Only keepalive takes it for a call, as
 * clients do, who send PINGs more often while they have one.
 */
void http2_discount(struct http2_stream *stream);

/* n bytes of what came by handler->data have been taken. */
void http2_consume(struct http2_stream *stream, size_t n);

#endif
