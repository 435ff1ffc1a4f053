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

static inline bool
is_text(struct http2_text text, const char *of, size_t len)
{
	return text.len == len && memcmp(text.at, of, len) == 0;
}

TAKER
take_method(struct request *r, struct http2_text value)
{
	r->missing &= ~(1u << REFUSAL_NOT_POST);
	if (!is_text(value, "POST", 4))
		request_wrong(r, REFUSAL_NOT_POST, value);
}

static void
wrong_path(struct request *r, struct http2_text value)
{
	request_wrong(r,
	    registry_has_service(r->registry, value.at, value.len)
		? REFUSAL_NO_METHOD
		: REFUSAL_NO_SERVICE,
	    value);
}

TAKER
take_path(struct request *r, struct http2_text value)
{
	r->missing &= ~(1u << REFUSAL_NO_SERVICE);
	r->method = registry_find(r->registry, value.at, value.len);
	if (!r->method)
		wrong_path(r, value);
}

TAKER
take_authority(struct request *r, struct http2_text value)
{
	r->authority = arena_copy(r->arena, value.at, value.len);
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
check_content_type(struct request *r, struct http2_text value)
{
	const char *rest = value.at;
	size_t len = value.len;

	if (!take_prefix(&rest, &len, "application/grpc") ||
	    !(is_type_end(rest, len) || *rest == '+'))
		request_wrong(r, REFUSAL_NOT_GRPC, value);
	else if (!is_type_end(rest, len) &&
		 !(take_prefix(&rest, &len, "+proto") &&
		     is_type_end(rest, len)))
		request_wrong(r, REFUSAL_NOT_PROTO, value);
}

TAKER
take_content_type(struct request *r, struct http2_text value)
{
	r->missing &= ~(1u << REFUSAL_NOT_GRPC);
	if (!is_text(value, "application/grpc", 16))
		check_content_type(r, value);
}

TAKER
take_te(struct request *r, struct http2_text value)
{
	if (!is_text(value, "trailers", 8) &&
	    (value.len != 8 || strncasecmp(value.at, "trailers", 8) != 0))
		request_wrong(r, REFUSAL_WRONG_TE, value);
}

TAKER
take_timeout(struct request *r, struct http2_text value)
{
	if (!timeout_parse(value.at, value.len, &r->timeout_us))
		request_wrong(r, REFUSAL_BAD_TIMEOUT, value);
	else if (r->timeout_us == 0)
		request_wrong(r, REFUSAL_EXPIRED, value);
}

TAKER
take_encoding(struct request *r, struct http2_text value)
{
	r->encoding = compress_find(value.at, value.len);
	if (r->encoding == ENCODINGS)
		request_wrong(r, REFUSAL_UNKNOWN_ENCODING, value);
}

TAKER
take_accepted(struct request *r, struct http2_text value)
{
	r->accepted |= compress_parse(value.at, value.len);
}

/* What should be base64; out of line, being rare. */
TAKER
take_binary(struct request *r, struct http2_text name, struct http2_text value)
{
	if (metadata_is_base64(value))
		metadata_take(&r->metadata, r->arena, name, value);
	else
		request_wrong(r, REFUSAL_BAD_METADATA, name);
}

TAKER
take_metadata(struct request *r, struct http2_text name,
    struct http2_text value)
{
	if (metadata_is_binary(name.at, name.len))
		take_binary(r, name, value);
	else
		metadata_take(&r->metadata, r->arena, name, value);
}

/* One of the fields that gRPC knows, among those of its length. */
#define FIELD(text, take)                                   \
	if (memcmp(name.at, text, sizeof(text) - 1) == 0) { \
		take(r, value);                             \
		return;                                     \
	}

void
request_field(struct request *r, struct http2_text name,
    struct http2_text value)
{
	/* clang-format off */
	switch (name.len) {
	case 2:
		FIELD("te", take_te)
		break;
	case 5:
		FIELD(":path", take_path)
		break;
	case 7:
		FIELD(":method", take_method)
		break;
	case 10:
		FIELD(":authority", take_authority)
		break;
	case 12:
		FIELD("content-type", take_content_type)
		FIELD("grpc-timeout", take_timeout)
		break;
	case 13:
		FIELD("grpc-encoding", take_encoding)
		break;
	case 20:
		FIELD("grpc-accept-encoding", take_accepted)
		break;
	}
	/* clang-format on */
	if (name.at[0] != ':')
		take_metadata(r, name, value);
}

void
request_wrong(struct request *r, enum refusal what, struct http2_text value)
{
	r->wrong |= 1u << what;
	if (gravest(r->wrong) == what)
		r->sent = value.at
			      ? arena_copy(r->arena, value.at,
				    value.len < SENT_MAX ? value.len : SENT_MAX)
			      : NULL;
}

enum refusal
request_refusal(const struct request *r, const char **ret_sent)
{
	uint32_t memory = r->arena->refused ? 1u << REFUSAL_NO_MEMORY : 0;
	enum refusal what = gravest(r->wrong | r->missing | memory);

	*ret_sent = what < REFUSALS && r->wrong & 1u << what ? r->sent : NULL;
	return what;
}
