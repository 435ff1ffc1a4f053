/*
 * metadata.h - custom metadata of a call, both ways
 *
 * All memory is the arena's of the call.
 */
#ifndef GRPC_METADATA_H
#define GRPC_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "grpcd.h"
#include "http2/session.h"

struct arena;

struct metadata_field;

/* What the client sent, in its order. */
struct metadata {
	struct metadata_field *first, *last;
	/* As grpcd_metadata_all() shows it, once metadata_show has run. */
	struct grpcd_metadata *entries;
	size_t n, room;
	bool shown;
};

/* Is the key's value one of bytes, which come as base64? */
static inline bool
metadata_is_binary(const char *key, size_t len)
{
	return len > 4 && memcmp(key + len - 4, "-bin", 4) == 0;
}

/* Is each value of a -bin field base64? */
bool metadata_is_base64(struct http2_text value);

/*
 * Takes a field of the request, whose value is base64 if it must be; no more,
 * since most are never looked at.  Without memory the arena has refused.
 */
void metadata_take(struct metadata *m, struct arena *arena,
    struct http2_text name, struct http2_text value);

/*
 * Makes the entries, if they have not been made; false without memory.  Bytes
 * of -bin are decoded, joined ones split at ",".  What gRPC keeps for itself is
 * left out, and so is what is no metadata in gRPC's sense though HTTP/2 allows
 * it: keys of other characters than 0-9 a-z _ - . and values that are not
 * printable ASCII.
 */
bool metadata_show(struct metadata *m, struct arena *arena);

/* The first value of a key among the entries, NULL where there is none. */
const char *metadata_find(const struct metadata *m, const char *key);

/* The first value of a field as it came, be it gRPC's own; NULL: none. */
const char *metadata_sent(const struct metadata *m, const char *name);

/* What is to be sent; strings are the arena's, or last for ever. */
struct metadata_fields {
	struct http2_field *fields;
	size_t n, room;
	size_t size; /* as RFC 9113, 6.5.2 counts */
};

/* No header block of a service is longer; nghttp2 would take 64 KiB. */
#define METADATA_FIELDS_MAX 32768

/*
 * Adds a field for the client; bytes of -bin are encoded.  False: the key or
 * value is not allowed, it would be too long, or there is no memory.
 */
bool metadata_give(struct metadata_fields *f, struct arena *arena,
    const char *key, const void *value, size_t len);

/* Adds a field as it is, copying the field but not its strings. */
bool metadata_append(struct metadata_fields *f, struct arena *arena,
    const struct http2_field *field);

#endif
