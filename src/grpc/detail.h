/*
 * detail.h - grpc-status-details-bin: a google.rpc.Status
 *
 * Packed by hand, since its three fields are all that is needed of it:
 *
 *	Status { int32 code = 1; string message = 2; repeated Any details = 3; }
 *	Any { string type_url = 1; bytes value = 2; }
 */
#ifndef GRPC_DETAIL_H
#define GRPC_DETAIL_H

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

#include "grpcd.h"

struct arena;
struct detail;
struct http2_field;

struct details {
	struct detail *first, *last;
	size_t size; /* of all, as fields of a Status */
};

/* What all of them may take, packed: they go into a header block. */
#define DETAILS_MAX 32768

/* Adds one; false: they would be too long, or there is no memory. */
bool detail_add(struct details *d, struct arena *arena,
    const ProtobufCMessage *message);

/* The field that says all of them; false without memory. */
bool detail_field(const struct details *d, struct arena *arena,
    enum grpcd_status status, const char *text, struct http2_field *ret_field);

#endif
