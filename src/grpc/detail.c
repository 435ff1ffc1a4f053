/*
 * detail.c - grpc-status-details-bin
 *
 * Runs in workers.
 */
#include <config.h>

#include "grpc/detail.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "grpc/base64.h"
#include "http2/session.h"

#define TYPE_URL "type.googleapis.com/"
#define FIELD_NAME "grpc-status-details-bin"

/* Keys of the wire format: the field's number, and varint or bytes. */
#define KEY_VARINT(number) ((number) << 3)
#define KEY_BYTES(number) ((number) << 3 | 2)

struct detail {
	struct detail *next;
	const char *type; /* "google.rpc.BadRequest" */
	size_t type_len, value_len;
	uint8_t value[];
};

static size_t
varint_size(size_t n)
{
	size_t size = 1;

	for (; n >= 0x80; n >>= 7)
		size++;
	return size;
}

static uint8_t *
put_varint(uint8_t *to, size_t n)
{
	for (; n >= 0x80; n >>= 7)
		*to++ = (uint8_t)(n | 0x80);
	*to++ = (uint8_t)n;
	return to;
}

static uint8_t *
put_bytes(uint8_t *to, const void *bytes, size_t len)
{
	if (len > 0)
		memcpy(to, bytes, len);
	return to + len;
}

/* A key of one byte, a length, and that many bytes. */
static size_t
bytes_size(size_t len)
{
	return 1 + varint_size(len) + len;
}

static size_t
any_size(const struct detail *one)
{
	return bytes_size(sizeof(TYPE_URL) - 1 + one->type_len) +
	       bytes_size(one->value_len);
}

static uint8_t *
put_detail(uint8_t *to, const struct detail *one)
{
	*to++ = KEY_BYTES(3);
	to = put_varint(to, any_size(one));
	*to++ = KEY_BYTES(1);
	to = put_varint(to, sizeof(TYPE_URL) - 1 + one->type_len);
	to = put_bytes(to, TYPE_URL, sizeof(TYPE_URL) - 1);
	to = put_bytes(to, one->type, one->type_len);
	*to++ = KEY_BYTES(2);
	to = put_varint(to, one->value_len);
	return put_bytes(to, one->value, one->value_len);
}

bool
detail_add(struct details *d, struct arena *arena,
    const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);
	struct detail *one = NULL;

	if (len < DETAILS_MAX)
		one = arena_alloc(arena, sizeof(*one) + len);
	if (!one)
		return false;
	one->next = NULL;
	one->type = message->descriptor->name;
	one->type_len = strlen(one->type);
	one->value_len = protobuf_c_message_pack(message, one->value);
	if (d->size + bytes_size(any_size(one)) > DETAILS_MAX)
		return false;
	if (d->last)
		d->last->next = one;
	else
		d->first = one;
	d->last = one;
	d->size += bytes_size(any_size(one));
	return true;
}

bool
detail_field(const struct details *d, struct arena *arena,
    enum grpcd_status status, const char *text, struct http2_field *ret_field)
{
	size_t text_len = strlen(text);
	size_t room = 2 + bytes_size(text_len) + d->size;
	uint8_t *bytes = arena_alloc(arena, room), *to = bytes;
	char *value = arena_alloc(arena, BASE64_ENCODED(room) + 1);

	if (!bytes || !value)
		return false;
	*to++ = KEY_VARINT(1);
	to = put_varint(to, (size_t)status);
	*to++ = KEY_BYTES(2);
	to = put_varint(to, text_len);
	to = put_bytes(to, text, text_len);
	for (const struct detail *one = d->first; one; one = one->next)
		to = put_detail(to, one);
	*ret_field = (struct http2_field){ .name = FIELD_NAME,
		.name_len = sizeof(FIELD_NAME) - 1,
		.value = value,
		.value_len = base64_encode(bytes, (size_t)(to - bytes), value),
		.lasting = true };
	return true;
}
