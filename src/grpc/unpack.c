/*
 * unpack.c - a message out of a client's bytes
 *
 * Runs in workers.  The walk reads tags and lengths exactly as protobuf-c
 * 1.4's scan does, so that it sees every message that protobuf-c would enter.
 */
#include <config.h>

#include "grpc/unpack.h"

#include <stdbool.h>
#include <limits.h>

#include "base/arena.h"
#include "base/text.h"

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_64BIT = 1,
	WIRE_BYTES = 2,
	WIRE_32BIT = 5
};

/* A number, and where the bytes after it are; NULL: it does not end. */
struct varint {
	const uint8_t *next;
	uint64_t value;
};

static struct varint
read_long_varint(const uint8_t *at, const uint8_t *end, int max)
{
	struct varint v = { NULL, 0 };

	for (int i = 0; i < max && at + i < end; i++) {
		v.value |= (uint64_t)(at[i] & 0x7f) << i * 7;
		if (at[i] < 0x80) {
			v.next = at + i + 1;
			break;
		}
	}
	return v;
}

/* A varint of at most max bytes; most have one. */
static inline struct varint
read_varint(const uint8_t *at, const uint8_t *end, int max)
{
	if (at < end && *at < 0x80)
		return (struct varint){ at + 1, *at };
	return read_long_varint(at, end, max);
}

/* The bytes after these; NULL: there are not so many. */
static inline const uint8_t *
skip(const uint8_t *at, const uint8_t *end, size_t len)
{
	return (size_t)(end - at) < len ? NULL : at + len;
}

static enum unpack_result check_message(const ProtobufCMessageDescriptor *type,
    const uint8_t *at, const uint8_t *end, int depth);

/* The bytes of a field: text, a message, or neither. */
static enum unpack_result
check_bytes(const ProtobufCFieldDescriptor *field, const uint8_t *at,
    const uint8_t *end, int depth)
{
	if (field && field->type == PROTOBUF_C_TYPE_STRING)
		return text_is_utf8(at, (size_t)(end - at)) ? UNPACK_OK
							    : UNPACK_NOT_UTF8;
	if (field && field->type == PROTOBUF_C_TYPE_MESSAGE)
		return check_message(field->descriptor, at, end, depth + 1);
	return UNPACK_OK;
}

/* The bytes after a field that has no bytes to be checked; NULL: malformed. */
static const uint8_t *
skip_number(uint64_t key, const uint8_t *at, const uint8_t *end)
{
	switch (key & 7) {
	case WIRE_VARINT:
		return read_varint(at, end, 10).next;
	case WIRE_64BIT:
		return skip(at, end, 8);
	case WIRE_32BIT:
		return skip(at, end, 4);
	default:
		return NULL; /* protobuf-c knows no groups */
	}
}

static enum unpack_result
check_message(const ProtobufCMessageDescriptor *type, const uint8_t *at,
    const uint8_t *end, int depth)
{
	enum unpack_result result = UNPACK_OK;
	const uint8_t *next;
	struct varint key, len;

	if (depth > UNPACK_DEPTH)
		return UNPACK_TOO_DEEP;
	for (; at < end && result == UNPACK_OK; at = next) {
		key = read_varint(at, end, 5);
		/* Fields have numbers to 2^29-1; protobuf-c does not look. */
		if (!key.next || key.value < 8 || key.value > UINT32_MAX)
			return UNPACK_MALFORMED;
		if ((key.value & 7) != WIRE_BYTES) {
			next = skip_number(key.value, key.next, end);
			if (!next)
				return UNPACK_MALFORMED;
			continue;
		}
		len = read_varint(key.next, end, 5);
		if (!len.next || (uint32_t)len.value > INT_MAX)
			return UNPACK_MALFORMED;
		next = skip(len.next, end, (uint32_t)len.value);
		if (!next)
			return UNPACK_MALFORMED;
		result =
		    check_bytes(protobuf_c_message_descriptor_get_field(type,
				    (unsigned)(key.value >> 3)),
			len.next, next, depth);
	}
	return result;
}

/* An arena as protobuf-c's allocator. */
static void *
memory_alloc(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void
memory_free(void *arena, void *p)
{
	(void)arena, (void)p;
}

/* For one message at a time, and made once: each call comes through here. */
static ProtobufCAllocator allocator = { memory_alloc, memory_free, NULL };

enum unpack_result
unpack_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
    size_t len, struct arena *arena, ProtobufCMessage **ret_message)
{
	enum unpack_result result = check_message(type, bytes, bytes + len, 0);
	ProtobufCMessage *message;

	if (result != UNPACK_OK)
		return result;
	allocator.allocator_data = arena;
	arena->refused = false;
	message = protobuf_c_message_unpack(type, &allocator, len, bytes);
	if (!message)
		return arena->refused ? UNPACK_NO_MEMORY : UNPACK_MALFORMED;
	*ret_message = message;
	return UNPACK_OK;
}
