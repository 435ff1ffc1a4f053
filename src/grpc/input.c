/*
 * input.c - messages of a client, on their way to the service
 *
 * Runs in workers, over a client's bytes.  Where a method takes one message it
 * is kept until the client's end has come, so that the service is never called
 * for none or two.  Room in the window comes back as messages are delivered,
 * and while one grows; not while the service has stopped the delivery.
 */
#include <config.h>

#include "grpc/input.h"

#include "base/arena.h"
#include "base/log.h"
#include "grpc/allot.h"
#include "grpc/call.h"
#include "grpc/compress.h"
#include "grpc/framing.h"
#include "grpc/private.h"
#include "grpc/registry.h"
#include "grpc/retry.h"
#include "grpc/service.h"
#include "grpc/unpack.h"
#include "http2/session.h"
#include "stats/stats.h"

/* Bytes; a fraction of the smallest window there is. */
#define ROOM_PORTION 8192

static const char *const unpack_faults[] = {
	[UNPACK_MALFORMED] = "is malformed",
	[UNPACK_TOO_DEEP] = "is nested too deeply",
	[UNPACK_NOT_UTF8] = "has text that is not UTF-8",
};

/* Each runs a function of the service; false: it has none there. */
static bool
tell_open(struct call *c)
{
	bool there;

	service_enter_call(c);
	there = c->method->method->open(c->handle, c->method->service->ops);
	service_leave_call(c);
	return there;
}

static bool
tell_message(struct call *c, const ProtobufCMessage *message)
{
	bool there;

	service_enter_call(c);
	there = c->method->method->message(c->handle, c->method->service->ops,
	    message);
	service_leave_call(c);
	return there;
}

static bool
tell_close(struct call *c)
{
	bool there;

	service_enter_call(c);
	there = c->method->method->close(c->handle, c->method->service->ops);
	service_leave_call(c);
	return there;
}

static bool
client_streams(const struct call *c)
{
	return c->method->method->client_streams;
}

static void
end_unimplemented(struct call *c)
{
	call_fail(c, GRPCD_UNIMPLEMENTED, "%s is not implemented",
	    c->method->path);
}

/* alone: there was more room for the call than for one message. */
static void
end_unpacked(struct call *c, bool alone, enum unpack_result why)
{
	if (why == UNPACK_NO_MEMORY)
		retry_never(c, "message of %u bytes, unpacked, exceeds %s %zu",
		    c->framing.len,
		    alone ? "max_message_memory" : "max_call_memory",
		    alone ? c->limits->max_unpacked : c->max_memory);
	else
		call_fail(c, GRPCD_INTERNAL, "message of type %s %s",
		    c->method->method->input->name, unpack_faults[why]);
}

/*
 * Undoes the compression of the message; false: the call was ended for it.  It
 * may be as large as the limit, but not take more than is left to the call.
 */
static bool
decompress(struct call *c, struct compress_bytes *bytes)
{
	size_t room = allot_room(c), max = c->limits->max_message;
	size_t most = max < room ? max : room;

	switch (compress_undo(c->grpc->compress, c->request.encoding, *bytes,
	    most, bytes)) {
	case COMPRESS_OK:
		return true;
	case COMPRESS_MALFORMED:
		call_fail(c, GRPCD_INTERNAL, "the message is no %s",
		    compress_fields[c->request.encoding].value);
		break;
	case COMPRESS_TOO_LARGE:
		if (most == max)
			retry_never(c,
			    "message of %u bytes, decompressed, exceeds "
			    "max_message_size %zu",
			    c->framing.len, max);
		else
			retry_later(c,
			    "message of %u bytes, decompressed, exceeds "
			    "max_call_memory %zu",
			    c->framing.len, c->max_memory);
		break;
	case COMPRESS_NO_MEMORY:
		retry_later(c, "no memory to decompress a message of %u bytes",
		    c->framing.len);
		break;
	}
	return false;
}

static bool
unpack_bytes(struct call *c, struct arena *arena, struct compress_bytes bytes)
{
	size_t room = allot_room(c), max = c->limits->max_unpacked;
	enum unpack_result result;

	arena->cap = arena->used + (max < room ? max : room);
	result = unpack_message(c->method->method->input, bytes.at, bytes.len,
	    arena, &c->message);
	if (result == UNPACK_OK)
		return true;
	end_unpacked(c, max < room, result);
	allot_leave(c->grpc);
	return false;
}

static __attribute__((noinline)) bool
unpack_compressed(struct call *c, struct arena *arena)
{
	struct compress_bytes bytes = { c->framing.bytes, c->framing.len };
	bool good = decompress(c, &bytes) && unpack_bytes(c, arena, bytes);

	compress_rest(c->grpc->compress);
	return good;
}

/* Unpacks the message into c->message; false: the call was ended for it. */
static bool
unpack(struct call *c, struct arena *arena)
{
	if (c->compressed)
		return unpack_compressed(c, arena);
	return unpack_bytes(c, arena,
	    (struct compress_bytes){ c->framing.bytes, c->framing.len });
}

static void
end_flags(struct call *c)
{
	call_end(c, GRPCD_INTERNAL,
	    c->framing.flags == 1 ? "compressed message without a grpc-encoding"
				  : "unknown flags of a message");
}

static void
take_message(struct call *c)
{
	STATS_ADD(c->grpc->row, messages_received, 1);
	c->compressed = c->framing.flags == 1;
	if (c->framing.flags > 1 ||
	    (c->compressed && c->request.encoding == ENCODING_IDENTITY)) {
		end_flags(c);
	} else if (client_streams(c)) {
		if (unpack(c, &c->grpc->scratch))
			tell_message(c, c->message);
	} else if (c->message) {
		call_fail(c, GRPCD_UNIMPLEMENTED,
		    "more than one message for %s", c->method->path);
	} else {
		unpack(c, &c->arena);
	}
}

/* The client has sent all, and all of it was delivered. */
static void
take_close(struct call *c)
{
	c->close_told = true;
	if (client_streams(c))
		tell_close(c);
	else if (!c->message)
		call_fail(c, GRPCD_UNIMPLEMENTED, "no message for %s",
		    c->method->path);
	else if (!tell_message(c, c->message))
		end_unimplemented(c);
	if (c->state == CALL_OPEN && !c->kept) {
		log_limited(LOG_LEVEL_WARN,
		    "handler of %s returned without an answer",
		    c->method->path);
		call_end(c, GRPCD_UNKNOWN,
		    "the handler returned without an answer");
	}
}

/*
 * Gives back the room of all that need not wait for the service; in portions,
 * since most calls end before they have used up a tenth of theirs.
 */
static void
give_room(struct call *c)
{
	size_t left = c->paused ? framing_left(&c->framing) : 0;
	size_t n;

	if (c->unconsumed < left + ROOM_PORTION)
		return;
	n = c->unconsumed - left;
	c->unconsumed = left;
	http2_consume(c->stream, n);
}

static void
end_no_memory(struct call *c)
{
	retry_never(c, "what came of a message exceeds max_call_memory %zu",
	    c->max_memory);
}

/* Delivers the next message of what there is; false if there is none. */
static bool
take_next(struct call *c)
{
	switch (framing_next(&c->framing, c->limits->max_message)) {
	case FRAMING_MESSAGE:
		take_message(c);
		return true;
	case FRAMING_MORE:
		break;
	case FRAMING_TOO_LARGE:
		retry_never(c,
		    "message of %u bytes exceeds max_message_size %zu",
		    c->framing.len, c->limits->max_message);
		break;
	case FRAMING_NO_MEMORY:
		end_no_memory(c);
		break;
	}
	return false;
}

/* What is no whole message, or has to wait for the service. */
static void
keep_rest(struct call *c)
{
	if (!framing_is_idle(&c->framing) &&
	    (!framing_keep(&c->framing) || allot_room(c) == 0))
		end_no_memory(c);
	else
		give_room(c);
}

/* The client has sent all; what is left of it is no whole message. */
static void
take_end(struct call *c)
{
	if (framing_left(&c->framing) > 0)
		call_fail(c, GRPCD_INTERNAL,
		    "the request ends within a message");
	else if (!c->close_told)
		take_close(c);
}

/* Delivers until the service stops it or ends the call. */
static void
run(struct call *c)
{
	bool more = true;

	while (more && c->state == CALL_OPEN && !c->paused)
		more = framing_left(&c->framing) > 0 && take_next(c);
	if (!more && c->client_done && c->state == CALL_OPEN)
		take_end(c);
	if (c->state == CALL_OPEN)
		keep_rest(c);
}

void
input_open(struct call *c)
{
	if (!tell_open(c))
		end_unimplemented(c);
}

/* A request that is refused at its end; nobody waits for a long one's. */
static void
take_foreign(struct call *c, size_t len)
{
	c->unconsumed += len;
	if (c->unconsumed > ROOM_PORTION)
		call_refuse(c);
}

/* No more comes than the window has room for: none of it is given back. */
static void
take_waiting(struct call *c, const uint8_t *bytes, size_t len)
{
	c->unconsumed += len;
	framing_lend(&c->framing, bytes, len);
	if (!framing_keep(&c->framing) || allot_room(c) == 0)
		end_no_memory(c);
}

/* Bytes that are not for a service, or not yet. */
static __attribute__((noinline)) void
take_early(struct call *c, const uint8_t *bytes, size_t len)
{
	if (c->state == CALL_NEW)
		take_foreign(c, len);
	else if (c->state == CALL_WAITING)
		take_waiting(c, bytes, len);
}

void
input_data(struct call *c, const uint8_t *bytes, size_t len)
{
	if (c->state != CALL_OPEN) {
		take_early(c, bytes, len);
		return;
	}
	c->unconsumed += len;
	framing_lend(&c->framing, bytes, len);
	run(c);
}

void
input_end(struct call *c)
{
	c->client_done = true;
	if (c->state == CALL_NEW)
		call_refuse(c);
	else if (c->state == CALL_OPEN && !c->paused &&
		 framing_is_idle(&c->framing))
		take_close(c);
	else if (c->state == CALL_OPEN)
		run(c);
}

void
input_resume(struct call *c)
{
	if (!c->paused)
		run(c);
}
