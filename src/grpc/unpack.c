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

struct cursor {
	const uint8_t *at, *end;
};

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_64BIT = 1,
	WIRE_BYTES = 2,
	WIRE_32BIT = 5
};

/* A varint of at most max bytes; false if it does not end. */
static bool
read_long_varint(struct cursor *c, int max, uint64_t *ret)
{
	uint64_t value = 0;

	for (int i = 0; i < max && c->at < c->end; i++) {
		uint8_t byte = *c->at++;

		value |= (uint64_t)(byte & 0x7f) << i * 7;
		if (!(byte & 0x80)) {
			*ret = value;
			return true;
		}
	}
	return false;
}

/* Most are of one byte. */
static inline bool
read_varint(struct cursor *c, int max, uint64_t *ret)
{
	if (c->at < c->end && *c->at < 0x80) {
		*ret = *c->at++;
		return true;
	}
	return read_long_varint(c, max, ret);
}

static inline bool
skip(struct cursor *c, size_t len)
{
	if ((size_t)(c->end - c->at) < len)
		return false;
	c->at += len;
	return true;
}

static enum unpack_result check_message(const ProtobufCMessageDescriptor *type,
    struct cursor c, int depth);

/* The bytes of a field: text, a message, or neither. */
static enum unpack_result
check_bytes(const ProtobufCFieldDescriptor *field, struct cursor c, int depth)
{
	if (field && field->type == PROTOBUF_C_TYPE_STRING)
		return text_is_utf8(c.at, (size_t)(c.end - c.at))
			   ? UNPACK_OK
			   : UNPACK_NOT_UTF8;
	if (field && field->type == PROTOBUF_C_TYPE_MESSAGE)
		return check_message(field->descriptor, c, depth + 1);
	return UNPACK_OK;
}

static enum unpack_result
check_field(const ProtobufCMessageDescriptor *type, struct cursor *c, int depth)
{
	const ProtobufCFieldDescriptor *field;
	struct cursor inner;
	uint64_t key, len;

	/* Fields have the numbers 1 to 2^29-1; protobuf-c does not look. */
	if (!read_varint(c, 5, &key) || key >> 3 == 0 || key > UINT32_MAX)
		return UNPACK_MALFORMED;
	switch (key & 7) {
	case WIRE_VARINT:
		return read_varint(c, 10, &len) ? UNPACK_OK : UNPACK_MALFORMED;
	case WIRE_64BIT:
		return skip(c, 8) ? UNPACK_OK : UNPACK_MALFORMED;
	case WIRE_32BIT:
		return skip(c, 4) ? UNPACK_OK : UNPACK_MALFORMED;
	case WIRE_BYTES:
		if (!read_varint(c, 5, &len))
			return UNPACK_MALFORMED;
		inner.at = c->at;
		if ((uint32_t)len > INT_MAX || !skip(c, (uint32_t)len))
			return UNPACK_MALFORMED;
		inner.end = c->at;
		field = protobuf_c_message_descriptor_get_field(type,
		    (unsigned)(key >> 3));
		return check_bytes(field, inner, depth);
	default:
		return UNPACK_MALFORMED; /* protobuf-c knows no groups */
	}
}

static enum unpack_result
check_message(const ProtobufCMessageDescriptor *type, struct cursor c,
    int depth)
{
	enum unpack_result result = UNPACK_OK;

	if (depth > UNPACK_DEPTH)
		return UNPACK_TOO_DEEP;
	while (c.at < c.end && result == UNPACK_OK)
		result = check_field(type, &c, depth);
	return result;
}

/* An arena as protobuf-c's allocator. */
struct unpack_memory {
	struct arena *arena;
	bool refused;
};

static void *
memory_alloc(void *data, size_t size)
{
	struct unpack_memory *memory = data;
	void *p = arena_alloc(memory->arena, size);

	if (!p)
		memory->refused = true;
	return p;
}

static void
memory_free(void *data, void *p)
{
	(void)data, (void)p;
}

enum unpack_result
unpack_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
    size_t len, struct arena *arena, ProtobufCMessage **ret_message)
{
	struct cursor c = { bytes, bytes + len };
	struct unpack_memory memory = { arena, false };
	ProtobufCAllocator allocator = { memory_alloc, memory_free, &memory };
	enum unpack_result result = check_message(type, c, 0);
	ProtobufCMessage *message;

	if (result != UNPACK_OK)
		return result;
	message = protobuf_c_message_unpack(type, &allocator, len, bytes);
	if (!message)
		return memory.refused ? UNPACK_NO_MEMORY : UNPACK_MALFORMED;
	*ret_message = message;
	return UNPACK_OK;
}
