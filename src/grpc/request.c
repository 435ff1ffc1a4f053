/*
 * request.c - the headers of a request
 *
 * Runs in workers, over a client's bytes.  Each field that gRPC knows has a row
 * and a function; all others are metadata.  Every call comes through here some
 * eight times, so what clients usually send is looked for first.
 */
#include <config.h>

#include "grpc/request.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "grpc/registry.h"
#include "grpc/timeout.h"
#include "http2/session.h"

/* Of a value that is told in a refusal. */
#define SENT_MAX 200

/* clang-format off */
#define REFUSAL(name, http, status, text)                                     \
	[REFUSAL_##name] = { HTTP2_FIELD(":status", #http), GRPCD_##status,   \
		text },
/* clang-format on */
const struct refusal_row refusal_rows[REFUSALS] = {
#include "grpc/refusals.def"
};

static enum refusal
gravest(uint32_t wrong)
{
	return wrong ? (enum refusal)__builtin_ctz(wrong) : REFUSALS;
}

/* Takes one field.  Never inlined: request_field then needs no stack frame. */
#define TAKER static __attribute__((noinline)) void

static void
wrong_field(struct request *r, const struct http2_field *field,
    enum refusal what)
{
	request_wrong(r, what, field->value, field->value_len);
}

static inline bool
is_value(const struct http2_field *field, const char *value, size_t len)
{
	return field->value_len == len && memcmp(field->value, value, len) == 0;
}

TAKER
take_method(struct request *r, const struct http2_field *field)
{
	r->missing &= ~(1u << REFUSAL_NOT_POST);
	if (!is_value(field, "POST", 4))
		wrong_field(r, field, REFUSAL_NOT_POST);
}

static void
wrong_path(struct request *r, const struct http2_field *field)
{
	wrong_field(r, field,
	    registry_has_service(r->registry, field->value, field->value_len)
		? REFUSAL_NO_METHOD
		: REFUSAL_NO_SERVICE);
}

TAKER
take_path(struct request *r, const struct http2_field *field)
{
	r->missing &= ~(1u << REFUSAL_NO_SERVICE);
	r->method = registry_find(r->registry, field->value, field->value_len);
	if (!r->method)
		wrong_path(r, field);
}

TAKER
take_authority(struct request *r, const struct http2_field *field)
{
	r->authority = arena_copy(r->arena, field->value, field->value_len);
	if (!r->authority)
		wrong_field(r, field, REFUSAL_NO_MEMORY);
}

/* Takes a prefix from the front of a text; false if it is not there. */
static bool
take_prefix(const char **text, size_t *len, const char *prefix)
{
	size_t n = strlen(prefix);

	if (*len < n || strncasecmp(*text, prefix, n) != 0)
		return false;
	*text += n;
	*len -= n;
	return true;
}

/* The type is named; parameters may follow. */
static bool
is_type_end(const char *text, size_t len)
{
	return len == 0 || *text == ';';
}

static void
check_content_type(struct request *r, const struct http2_field *field)
{
	const char *rest = field->value;
	size_t len = field->value_len;

	if (!take_prefix(&rest, &len, "application/grpc") ||
	    !(is_type_end(rest, len) || *rest == '+'))
		wrong_field(r, field, REFUSAL_NOT_GRPC);
	else if (!is_type_end(rest, len) &&
		 !(take_prefix(&rest, &len, "+proto") &&
		     is_type_end(rest, len)))
		wrong_field(r, field, REFUSAL_NOT_PROTO);
}

TAKER
take_content_type(struct request *r, const struct http2_field *field)
{
	r->missing &= ~(1u << REFUSAL_NOT_GRPC);
	if (!is_value(field, "application/grpc", 16))
		check_content_type(r, field);
}

TAKER
take_te(struct request *r, const struct http2_field *field)
{
	if (!is_value(field, "trailers", 8) &&
	    (field->value_len != 8 ||
		strncasecmp(field->value, "trailers", 8) != 0))
		wrong_field(r, field, REFUSAL_WRONG_TE);
}

TAKER
take_timeout(struct request *r, const struct http2_field *field)
{
	if (!timeout_parse(field->value, field->value_len, &r->timeout_us))
		wrong_field(r, field, REFUSAL_BAD_TIMEOUT);
	else if (r->timeout_us == 0)
		wrong_field(r, field, REFUSAL_EXPIRED);
}

TAKER
take_encoding(struct request *r, const struct http2_field *field)
{
	r->encoding = compress_find(field->value, field->value_len);
	if (r->encoding == ENCODINGS)
		wrong_field(r, field, REFUSAL_UNKNOWN_ENCODING);
}

TAKER
take_accepted(struct request *r, const struct http2_field *field)
{
	r->accepted |= compress_parse(field->value, field->value_len);
}

TAKER
take_metadata(struct request *r, const struct http2_field *field)
{
	enum metadata_result result =
	    metadata_take(&r->metadata, r->arena, field);

	if (result != METADATA_OK)
		request_wrong(r,
		    result == METADATA_MALFORMED ? REFUSAL_BAD_METADATA
						 : REFUSAL_NO_MEMORY,
		    field->name, field->name_len);
}

/*
 * A field that gRPC knows: name, its last character, function.  The length and
 * that character tell all of them apart, so that each costs one comparison.
 */
#define KEY(len, last) ((len) << 8 | (unsigned char)(last))
#define FIELD(text, last, take)                                       \
	case KEY(sizeof(text) - 1, last):                             \
		if (memcmp(field->name, text, sizeof(text) - 1) != 0) \
			break;                                        \
		take(r, field);                                       \
		return;

void
request_init(struct request *r, struct arena *arena, struct registry *registry)
{
	r->arena = arena;
	r->registry = registry;
	r->timeout_us = INT64_MAX;
	r->missing = 1u << REFUSAL_NOT_POST | 1u << REFUSAL_NOT_GRPC |
		     1u << REFUSAL_NO_SERVICE;
}

void
request_field(struct request *r, const struct http2_field *field)
{
	/* clang-format off */
	switch (KEY(field->name_len, field->name[field->name_len - 1])) {
	FIELD(":path", 'h', take_path)
	FIELD(":method", 'd', take_method)
	FIELD(":authority", 'y', take_authority)
	FIELD("content-type", 'e', take_content_type)
	FIELD("te", 'e', take_te)
	FIELD("grpc-timeout", 't', take_timeout)
	FIELD("grpc-encoding", 'g', take_encoding)
	FIELD("grpc-accept-encoding", 'g', take_accepted)
	}
	/* clang-format on */
	if (field->name[0] != ':')
		take_metadata(r, field);
}

void
request_wrong(struct request *r, enum refusal what, const char *value,
    size_t len)
{
	r->wrong |= 1u << what;
	if (gravest(r->wrong) == what)
		r->sent = arena_copy(r->arena, value,
		    len < SENT_MAX ? len : SENT_MAX);
}

enum refusal
request_refusal(const struct request *r, const char **ret_sent)
{
	enum refusal what = gravest(r->wrong | r->missing);

	*ret_sent = what < REFUSALS && r->wrong & 1u << what ? r->sent : NULL;
	return what;
}
