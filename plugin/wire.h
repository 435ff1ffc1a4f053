/*
 * wire.h - protobuf's wire format, as far as protobuf-c leaves it to us
 */
#ifndef PLUGIN_WIRE_H
#define PLUGIN_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

/* Other implementations of protobuf stop at this depth as well. */
#define WIRE_DEPTH 100

struct wire_field {
	uint32_t number;
	unsigned type; /* PROTOBUF_C_WIRE_TYPE_* */
	const uint8_t *bytes;
	size_t len; /* without a length in front */
};

/*
 * Takes the next field off the front of *bytes, *len.  False if what stands
 * there is none.
 */
bool wire_next(const uint8_t **bytes, size_t *len, struct wire_field *ret);

/*
 * True if the bytes are fields through and through, in messages of at most
 * depth levels.  To be asked before an unpack: protobuf-c recurses without a
 * limit, and overflows the stack.
 */
bool wire_sound(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
    size_t len, unsigned depth);

#endif
