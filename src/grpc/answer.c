/*
 * answer.c - the response of a call
 *
 * Runs in workers.  http2 fetches bytes when the client has room for them;
 * until then they wait in the call's output.
 */
#include <config.h>

#include "grpc/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "grpc/allot.h"
#include "grpc/call.h"
#include "grpc/compress.h"
#include "grpc/percent.h"
#include "grpc/private.h"
#include "grpc/registry.h"
#include "grpc/retry.h"
#include "grpc/service.h"
#include "grpc/status.h"
#include "http2/session.h"
#include "stats/stats.h"

static const struct http2_field content_type =
    HTTP2_FIELD("content-type", "application/grpc");
static const struct http2_field usual_headers[] = {
	HTTP2_FIELD(":status", "200"),
	HTTP2_FIELD("content-type", "application/grpc"),
};
#define N_USUAL (sizeof(usual_headers) / sizeof(*usual_headers))

/* The response cannot go on: its stream ends without a status. */
static void
give_up(struct call *c)
{
	http2_reset(c->stream, HTTP2_INTERNAL_ERROR);
}

static void
respond(struct call *c, const struct http2_field *fields, size_t n, bool end)
{
	c->headers_sent = true;
	if (!http2_respond(c->stream, fields, n, end))
		give_up(c);
}

/* The usual headers, and the service's own; out of line, being rare. */
static __attribute__((noinline)) void
respond_more(struct call *c)
{
	struct metadata_fields all = { NULL, 0, 0, 0 };
	struct arena *arena = allot_reserve(c);
	bool good = true;

	for (size_t i = 0; i < N_USUAL && good; i++)
		good = metadata_append(&all, arena, &usual_headers[i]);
	if (c->encoding != ENCODING_IDENTITY)
		good = good &&
		       metadata_append(&all, arena,
			   &compress_fields[c->encoding]) &&
		       metadata_append(&all, arena, &compress_accepted);
	for (size_t i = 0; i < c->headers.n && good; i++)
		good = metadata_append(&all, arena, &c->headers.fields[i]);
	if (good)
		respond(c, all.fields, all.n, false);
	else
		give_up(c);
}

void
answer_headers(struct call *c)
{
	if (c->headers_sent)
		return;
	if (c->headers.n == 0 && c->encoding == ENCODING_IDENTITY)
		respond(c, usual_headers, N_USUAL, false);
	else
		respond_more(c);
}

void
answer_flush(struct call *c)
{
	if (!c->headers_sent) {
		answer_headers(c);
	} else if (c->starved) {
		c->starved = false;
		http2_resume(c->stream);
	}
}

/* A message that is not sent, and what it is too long for. */
static __attribute__((noinline)) void
refuse_message(struct call *c, size_t len, size_t room)
{
	if (len > c->limits->max_reply)
		retry_never(c,
		    "message of %zu bytes exceeds max_reply_size %zu", len,
		    c->limits->max_reply);
	else if (len + FRAMING_PREFIX > room)
		retry_never(c,
		    "message of %zu bytes exceeds what is left of "
		    "max_call_memory %zu",
		    len, c->max_memory);
	else
		retry_later(c, "no memory for a message of %zu bytes", len);
}

bool
answer_compress(struct call *c, bool compress)
{
	if (compress && !c->headers_sent && c->encoding == ENCODING_IDENTITY)
		c->encoding =
		    compress_choose(c->request.accepted, c->request.encoding);
	c->compress = compress && c->encoding != ENCODING_IDENTITY;
	return c->compress == compress;
}

/* Room for a message and its prefix; NULL: the call was ended for it. */
static inline uint8_t *
add_message(struct call *c, size_t len)
{
	size_t room = allot_room(c);
	uint8_t *to = NULL;

	if (len <= c->limits->max_reply && len + FRAMING_PREFIX <= room) {
		c->arena.cap = c->arena.used + room;
		to = output_add(&c->output, &c->grpc->blocks,
		    c->method->method->server_streams ? NULL : &c->arena,
		    len + FRAMING_PREFIX);
	}
	if (!to)
		refuse_message(c, len, room);
	return to;
}

/* The message compressed, for as long as compress_rest lets it. */
static bool
pack_compressed(struct call *c, const ProtobufCMessage *message, size_t len,
    struct compress_bytes *ret)
{
	uint8_t *packed = malloc(len);
	bool good = packed != NULL;

	if (good) {
		protobuf_c_message_pack(message, packed);
		good = compress_do(c->grpc->compress, c->encoding,
		    (struct compress_bytes){ packed, len }, ret);
	}
	free(packed);
	return good;
}

static bool
send_compressed(struct call *c, struct compress_bytes bytes)
{
	uint8_t *to = add_message(c, bytes.len);

	if (!to)
		return false;
	framing_prefix(to, bytes.len);
	to[0] = 1;
	memcpy(to + FRAMING_PREFIX, bytes.at, bytes.len);
	STATS_ADD(c->grpc->row, messages_sent, 1);
	return true;
}

static inline bool
send_packed(struct call *c, const ProtobufCMessage *message, size_t len)
{
	uint8_t *to = add_message(c, len);

	if (!to)
		return false;
	framing_prefix(to, len);
	protobuf_c_message_pack(message, to + FRAMING_PREFIX);
	STATS_ADD(c->grpc->row, messages_sent, 1);
	return true;
}

/*
 * Sends a message compressed if that makes it smaller.  One that is too large
 * to be sent uncompressed is not sent so either: the client would refuse it.
 */
static __attribute__((noinline)) bool
send_smaller(struct call *c, const ProtobufCMessage *message, size_t len)
{
	struct compress_bytes bytes;
	bool good;

	if (len > 0 && len <= c->limits->max_reply &&
	    pack_compressed(c, message, len, &bytes))
		good = send_compressed(c, bytes);
	else
		good = send_packed(c, message, len);
	compress_rest(c->grpc->compress);
	return good;
}

bool
answer_message(struct call *c, const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);

	return c->compress ? send_smaller(c, message, len)
			   : send_packed(c, message, len);
}

/* grpc-message: as long as it is, to agree with the details. */
static bool
add_text(struct metadata_fields *all, struct arena *arena, const char *text)
{
	struct http2_field field = HTTP2_FIELD("grpc-message", "");
	size_t len = strlen(text), room = PERCENT_ENCODED(len);
	char *value = arena_alloc(arena, room);

	if (!value)
		return false;
	field.value = value;
	field.value_len = percent_encode(text, len, value, room);
	return metadata_append(all, arena, &field);
}

static bool
add_details(struct call *c, struct metadata_fields *all, struct arena *arena,
    const char *text)
{
	struct http2_field field;

	return detail_field(&c->details, arena, c->status, text ? text : "",
		   &field) &&
	       metadata_append(all, arena, &field);
}

/* All that ends the response, which is all of it if `only`. */
static bool
gather(struct call *c, struct metadata_fields *all, bool only, const char *text)
{
	struct arena *arena = allot_reserve(c);
	bool good = true;

	if (only)
		good = metadata_append(all, arena, c->http_status) &&
		       metadata_append(all, arena, &content_type);
	good =
	    good && metadata_append(all, arena, &status_rows[c->status].field);
	if (text)
		good = good && add_text(all, arena, text);
	if (c->details.first)
		good = good && add_details(c, all, arena, text);
	for (size_t i = 0; i < c->trailers.n && good; i++)
		good = metadata_append(all, arena, &c->trailers.fields[i]);
	return good;
}

/* Trailers-Only: the status comes before anything else was to be sent. */
static __attribute__((noinline)) void
answer_only_status(struct call *c, const char *text)
{
	struct metadata_fields all = { NULL, 0, 0, 0 };

	if (gather(c, &all, true, text))
		respond(c, all.fields, all.n, true);
	else
		give_up(c);
}

/* A status that is more than a number. */
static __attribute__((noinline)) void
gather_trailers(struct call *c, const char *text)
{
	struct metadata_fields all = { NULL, 0, 0, 0 };

	if (!gather(c, &all, false, text))
		return;
	c->last = all.fields;
	c->n_last = all.n;
}

void
answer_status(struct call *c, const char *text)
{
	if (c->status != GRPCD_OK && !c->headers_sent && c->headers.n == 0 &&
	    c->output.waiting == 0) {
		answer_only_status(c, text);
		return;
	}
	c->last = &status_rows[c->status].field;
	c->n_last = 1;
	if (text || c->trailers.n > 0 || c->details.first)
		gather_trailers(c, text);
	answer_flush(c);
}

void
answer_plain(struct call *c, const char *text)
{
	const struct http2_field fields[] = {
		*c->http_status,
		HTTP2_FIELD("content-type", "text/plain"),
		HTTP2_FIELD("allow", "POST"),
	};
	size_t len = strlen(text);
	uint8_t *to =
	    output_add(&c->output, &c->grpc->blocks, allot_reserve(c), len);

	if (to)
		memcpy(to, text, len);
	respond(c, fields, sizeof(fields) / sizeof(*fields), to == NULL);
}

/* All is fetched: now the trailers, or an end without any. */
static bool
pull_end(struct call *c)
{
	if (c->n_last == 0 || http2_trailers(c->stream, c->last, c->n_last))
		return true;
	give_up(c);
	return false;
}

/* n bytes were fetched, and the service may add more. */
static void
pull_open(struct call *c, size_t n)
{
	if (n == 0)
		c->starved = true;
	if (c->blocked && c->output.waiting < ANSWER_LITTLE) {
		c->blocked = false;
		c->writable_due = true;
		service_queue(c);
		service_soon(c->grpc);
	}
}

size_t
answer_pull(struct call *c, uint8_t *to, size_t room, bool *ret_end)
{
	size_t n = output_take(&c->output, &c->grpc->blocks, to, room);

	if (c->state == CALL_OPEN)
		pull_open(c, n);
	else if (c->output.waiting == 0)
		*ret_end = pull_end(c);
	return n;
}
