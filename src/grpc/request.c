/*
 * request.c - the headers of a request
 *
 * Runs in workers, over a client's bytes.  Each field that gRPC knows has a row
 * and a function; all others are metadata.
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

#define REFUSAL(name, http, status, text) \
	[REFUSAL_##                       \
	    name] = { HTTP2_FIELD(":status", #http), GRPCD_##status, text },
const struct refusal_row refusal_rows[REFUSALS] = {
#include "grpc/refusals.def"
};

struct source {
	struct arena *arena;
	struct registry *registry;
	const struct http2_field *field;
};

static enum refusal
gravest(uint32_t wrong)
{
	return wrong ? (enum refusal)__builtin_ctz(wrong) : REFUSALS;
}

static void
wrong_field(struct request *r, const struct source *s, enum refusal what)
{
	request_wrong(r, s->arena, what, s->field->value, s->field->value_len);
}

static void
take_method(struct request *r, const struct source *s)
{
	r->missing &= ~(1u << REFUSAL_NOT_POST);
	if (s->field->value_len != 4 || memcmp(s->field->value, "POST", 4) != 0)
		wrong_field(r, s, REFUSAL_NOT_POST);
}

static void
take_path(struct request *r, const struct source *s)
{
	bool known = false;

	r->missing &= ~(1u << REFUSAL_NO_SERVICE);
	r->method = registry_find(s->registry, s->field->value,
	    s->field->value_len, &known);
	if (!r->method)
		wrong_field(r, s,
		    known ? REFUSAL_NO_METHOD : REFUSAL_NO_SERVICE);
}

static void
take_authority(struct request *r, const struct source *s)
{
	r->authority =
	    arena_copy(s->arena, s->field->value, s->field->value_len);
	if (!r->authority)
		wrong_field(r, s, REFUSAL_NO_MEMORY);
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
take_content_type(struct request *r, const struct source *s)
{
	const char *rest = s->field->value;
	size_t len = s->field->value_len;

	r->missing &= ~(1u << REFUSAL_NOT_GRPC);
	if (!take_prefix(&rest, &len, "application/grpc") ||
	    !(is_type_end(rest, len) || *rest == '+'))
		wrong_field(r, s, REFUSAL_NOT_GRPC);
	else if (!is_type_end(rest, len) &&
		 !(take_prefix(&rest, &len, "+proto") &&
		     is_type_end(rest, len)))
		wrong_field(r, s, REFUSAL_NOT_PROTO);
}

static void
take_te(struct request *r, const struct source *s)
{
	if (s->field->value_len != 8 ||
	    strncasecmp(s->field->value, "trailers", 8) != 0)
		wrong_field(r, s, REFUSAL_WRONG_TE);
}

static void
take_timeout(struct request *r, const struct source *s)
{
	if (!timeout_parse(s->field->value, s->field->value_len,
		&r->timeout_us))
		wrong_field(r, s, REFUSAL_BAD_TIMEOUT);
	else if (r->timeout_us == 0)
		wrong_field(r, s, REFUSAL_EXPIRED);
}

static void
take_encoding(struct request *r, const struct source *s)
{
	if (s->field->value_len != 8 ||
	    memcmp(s->field->value, "identity", 8) != 0)
		wrong_field(r, s, REFUSAL_UNKNOWN_ENCODING);
}

static void
take_metadata(struct request *r, const struct source *s)
{
	switch (metadata_take(&r->metadata, s->arena, s->field)) {
	case METADATA_OK:
		break;
	case METADATA_MALFORMED:
		request_wrong(r, s->arena, REFUSAL_BAD_METADATA, s->field->name,
		    s->field->name_len);
		break;
	case METADATA_NO_MEMORY:
		request_wrong(r, s->arena, REFUSAL_NO_MEMORY, s->field->name,
		    s->field->name_len);
		break;
	}
}

struct row {
	const char *name;
	size_t len;
	void (*take)(struct request *r, const struct source *s);
};
#define ROW(name, take)                      \
	{                                    \
		name, sizeof(name) - 1, take \
	}

static const struct row rows[] = {
	ROW(":path", take_path),
	ROW(":method", take_method),
	ROW(":authority", take_authority),
	ROW("content-type", take_content_type),
	ROW("te", take_te),
	ROW("grpc-timeout", take_timeout),
	ROW("grpc-encoding", take_encoding),
};

void
request_init(struct request *r)
{
	*r = (struct request){ .timeout_us = INT64_MAX };
	r->missing = 1u << REFUSAL_NOT_POST | 1u << REFUSAL_NOT_GRPC |
		     1u << REFUSAL_NO_SERVICE;
}

void
request_field(struct request *r, struct arena *arena, struct registry *registry,
    const struct http2_field *field)
{
	struct source source = { arena, registry, field };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (field->name_len == rows[i].len &&
		    memcmp(field->name, rows[i].name, rows[i].len) == 0) {
			rows[i].take(r, &source);
			return;
		}
	}
	if (field->name_len > 0 && field->name[0] != ':')
		take_metadata(r, &source);
}

void
request_wrong(struct request *r, struct arena *arena, enum refusal what,
    const char *value, size_t len)
{
	r->wrong |= 1u << what;
	if (gravest(r->wrong) == what)
		r->sent =
		    arena_copy(arena, value, len < SENT_MAX ? len : SENT_MAX);
}

enum refusal
request_refusal(const struct request *r, const char **ret_sent)
{
	enum refusal what = gravest(r->wrong | r->missing);

	*ret_sent = what < REFUSALS && r->wrong & 1u << what ? r->sent : NULL;
	return what;
}
