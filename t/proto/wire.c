/*
 * wire.c - a client's frames by hand
 */
#include <config.h>

#include "wire.h"

#include <stdarg.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "base/buffer.h"
#include "base/check.h"

static void
wire_add(struct buffer *to, const void *bytes, size_t len)
{
	ENSURE(buffer_append(to, bytes, len));
}

static void
wire_put(uint8_t *to, size_t n, uint32_t number)
{
	for (; n > 0; n--, number >>= 8)
		to[n - 1] = (uint8_t)number;
}

void
wire_frame(struct buffer *to, uint8_t type, uint8_t flags, uint32_t id,
    const void *payload, size_t len)
{
	uint8_t head[9];

	wire_put(head, 3, (uint32_t)len);
	head[3] = type;
	head[4] = flags;
	wire_put(head + 5, 4, id);
	wire_add(to, head, sizeof(head));
	wire_add(to, payload, len);
}

void
wire_preface(struct buffer *to)
{
	wire_add(to, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
	wire_frame(to, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

void
wire_number(struct buffer *to, uint8_t type, uint32_t id, uint32_t number)
{
	uint8_t payload[4];

	wire_put(payload, 4, number);
	wire_frame(to, type, 0, id, payload, sizeof(payload));
}

void
wire_ping(struct buffer *to, uint8_t flags, const char opaque[8])
{
	wire_frame(to, NGHTTP2_PING, flags, 0, opaque, 8);
}

void
wire_setting(struct buffer *to, uint16_t setting, uint32_t value)
{
	uint8_t payload[6];

	wire_put(payload, 2, setting);
	wire_put(payload + 2, 4, value);
	wire_frame(to, NGHTTP2_SETTINGS, 0, 0, payload, sizeof(payload));
}

/* A string of RFC 7541, 5.2, without Huffman's code. */
static void
wire_string(struct buffer *block, const char *text)
{
	size_t len = strlen(text), rest;
	uint8_t byte = 0x7f;

	if (len < 0x7f) {
		byte = (uint8_t)len;
		wire_add(block, &byte, 1);
	} else {
		wire_add(block, &byte, 1);
		for (rest = len - 0x7f; rest >= 0x80; rest >>= 7) {
			byte = (uint8_t)(0x80 | (rest & 0x7f));
			wire_add(block, &byte, 1);
		}
		byte = (uint8_t)rest;
		wire_add(block, &byte, 1);
	}
	wire_add(block, text, len);
}

void
wire_field(struct buffer *block, const char *name, const char *value)
{
	wire_add(block, "", 1);
	wire_string(block, name);
	wire_string(block, value);
}

void
wire_headers(struct buffer *to, uint8_t flags, uint32_t id, ...)
{
	struct buffer block = BUFFER_INIT;
	const char *name;
	va_list args;

	va_start(args, id);
	while ((name = va_arg(args, const char *)) != NULL)
		wire_field(&block, name, va_arg(args, const char *));
	va_end(args);
	wire_frame(to, NGHTTP2_HEADERS, flags | NGHTTP2_FLAG_END_HEADERS, id,
	    buffer_bytes(&block), buffer_length(&block));
	buffer_release(&block);
}

void
wire_request(struct buffer *to, uint8_t flags, uint32_t id)
{
	wire_headers(to, flags, id, ":method", "POST", ":scheme", "http",
	    ":path", "/helloworld.Greeter/SayHello", ":authority", "localhost",
	    "te", "trailers", "content-type", "application/grpc", NULL);
}

bool
wire_next(struct buffer *from, struct wire_frame *ret_frame)
{
	const uint8_t *head = buffer_bytes(from);
	size_t len;

	if (buffer_length(from) < 9)
		return false;
	len = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
	if (buffer_length(from) - 9 < len)
		return false;
	*ret_frame = (struct wire_frame){
		.type = head[3],
		.flags = head[4],
		.payload = head + 9,
		.len = len,
	};
	ret_frame->id =
	    wire_u32(&(struct wire_frame){ .payload = head, .len = 9 }, 5);
	buffer_consume(from, 9 + len);
	return true;
}

bool
wire_tells(const struct wire_frame *goaway, const char *text)
{
	size_t len = strlen(text);

	return goaway->type == NGHTTP2_GOAWAY && goaway->len == 8 + len &&
	       memcmp(goaway->payload + 8, text, len) == 0;
}

uint32_t
wire_u32(const struct wire_frame *frame, size_t at)
{
	const uint8_t *p = frame->payload + at;

	ENSURE(at + 4 <= frame->len);
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}
