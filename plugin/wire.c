/*
 * wire.c - reads protobuf's wire format field by field
 */
#include <config.h>

#include "plugin/wire.h"

/* At most max bytes of seven bits each. */
static bool
take_varint(const uint8_t **bytes, size_t *len, unsigned max, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < max && i < *len; i++) {
		value |= (uint64_t)((*bytes)[i] & 0x7f) << 7 * i;
		if ((*bytes)[i] & 0x80)
			continue;
		*bytes += i + 1;
		*len -= i + 1;
		*ret = value;
		return true;
	}
	return false;
}

static bool
take_value_length(const uint8_t **bytes, size_t *len, unsigned type,
    uint64_t *ret)
{
	const uint8_t *start = *bytes;
	size_t rest = *len;
	uint64_t value;

	switch (type) {
	case PROTOBUF_C_WIRE_TYPE_VARINT:
		if (!take_varint(&start, &rest, 10, &value))
			return false;
		*ret = *len - rest;
		return true;
	case PROTOBUF_C_WIRE_TYPE_64BIT:
		*ret = 8;
		return true;
	case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
		return take_varint(bytes, len, 5, ret);
	case PROTOBUF_C_WIRE_TYPE_32BIT:
		*ret = 4;
		return true;
	default: /* groups, which protobuf-c does not know either */
		return false;
	}
}

bool
wire_next(const uint8_t **bytes, size_t *len, struct wire_field *ret)
{
	uint64_t key, value_len;

	if (!take_varint(bytes, len, 5, &key) || key > UINT32_MAX || key < 8)
		return false;
	ret->number = (uint32_t)key >> 3;
	ret->type = key & 7;
	if (!take_value_length(bytes, len, ret->type, &value_len) ||
	    value_len > *len)
		return false;
	ret->bytes = *bytes;
	ret->len = (size_t)value_len;
	*bytes += value_len;
	*len -= (size_t)value_len;
	return true;
}

bool
wire_sound(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
    size_t len, unsigned depth)
{
	const ProtobufCFieldDescriptor *known;
	struct wire_field field;

	if (depth == 0)
		return false;
	while (len > 0) {
		if (!wire_next(&bytes, &len, &field))
			return false;
		known =
		    protobuf_c_message_descriptor_get_field(type, field.number);
		if (known && known->type == PROTOBUF_C_TYPE_MESSAGE &&
		    field.type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED &&
		    !wire_sound(known->descriptor, field.bytes, field.len,
			depth - 1))
			return false;
	}
	return true;
}
