/*
 * request.h - the headers of a request: gathered field by field, then judged
 *
 * Strings are the call's arena's.
 */
#ifndef GRPC_REQUEST_H
#define GRPC_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "grpc/compress.h"
#include "grpc/metadata.h"
#include "grpcd.h"
#include "http2/session.h"

struct registry;
struct registry_method;

enum refusal {
#define REFUSAL(name, http, status, text) REFUSAL_##name,
#include "grpc/refusals.def"
	REFUSALS
};

struct refusal_row {
	struct http2_field http; /* :status */
	enum grpcd_status status;
	const char *text;
};

/* By enum refusal. */
extern const struct refusal_row refusal_rows[REFUSALS];

struct request {
	struct arena *arena; /* the call's */
	struct registry *registry;
	struct registry_method *method; /* NULL while it is not known */
	const char *authority;          /* NULL: none */
	int64_t timeout_us;             /* INT64_MAX: none */
	enum encoding encoding;         /* of its messages */
	unsigned accepted;              /* of ours: bit n is encoding n */
	struct metadata metadata;
	/* Bit n: enum refusal n. */
	uint32_t missing; /* for want of a field that has not come */
	uint32_t wrong;
	const char *sent; /* what the gravest of the wrong is about */
};

/* A request of which nothing has come yet; r is zeroed. */
static inline void
request_init(struct request *r, struct arena *arena, struct registry *registry)
{
	r->arena = arena;
	r->registry = registry;
	r->timeout_us = INT64_MAX;
	r->missing = 1u << REFUSAL_NOT_POST | 1u << REFUSAL_NOT_GRPC |
		     1u << REFUSAL_NO_SERVICE;
}

/*
 * Takes a field, whose name is not empty.  Without memory the arena refuses
 * something, and the request is wrong with REFUSAL_NO_MEMORY.
 */
void request_field(struct request *r, struct http2_text name,
    struct http2_text value);

/*
 * Something is wrong; value is what was sent, and is copied.  Its `at` is NULL
 * if that is not to be told.
 */
void request_wrong(struct request *r, enum refusal what,
    struct http2_text value);

/* Is all well? */
static inline bool
request_is_good(const struct request *r)
{
	return (r->wrong | r->missing) == 0 && !r->arena->refused;
}

/* The gravest of what is wrong, and its value (NULL: there is none). */
enum refusal request_refusal(const struct request *r, const char **ret_sent);

#endif
