/*
 * wire.h - a client's frames by hand, for tests
 *
 * Whatever RFC 9113 forbids can be written with these.  Fields are literals
 * without indexing, so that each header block stands for itself.
 */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

/* The 24 bytes and an empty SETTINGS. */
void wire_preface(struct buffer *to);

void wire_frame(struct buffer *to, uint8_t type, uint8_t flags, uint32_t id,
    const void *payload, size_t len);

/* A frame of one number of 32 bits: RST_STREAM, WINDOW_UPDATE. */
void wire_number(struct buffer *to, uint8_t type, uint32_t id, uint32_t number);

void wire_ping(struct buffer *to, uint8_t flags, const char opaque[8]);

/* One setting, with its number of RFC 9113, 6.5.2. */
void wire_setting(struct buffer *to, uint16_t setting, uint32_t value);

/* One field of a header block. */
void wire_field(struct buffer *block, const char *name, const char *value);

/* HEADERS with these fields, name and value in turn, NULL at the end. */
void wire_headers(struct buffer *to, uint8_t flags, uint32_t id, ...)
    __attribute__((sentinel));

/* HEADERS of a gRPC request; flags as NGHTTP2_FLAG_END_STREAM. */
void wire_request(struct buffer *to, uint8_t flags, uint32_t id);

struct wire_frame {
	uint8_t type, flags;
	uint32_t id;
	const uint8_t *payload; /* in the buffer, until it changes */
	size_t len;
};

/* Takes the next frame; false if there is no whole one. */
bool wire_next(struct buffer *from, struct wire_frame *ret_frame);

/* A GOAWAY's debug data are this text. */
bool wire_tells(const struct wire_frame *goaway, const char *text);

/* The number of 32 bits at payload + at. */
uint32_t wire_u32(const struct wire_frame *frame, size_t at);

#endif
