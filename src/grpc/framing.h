/*
 * framing.h - messages out of the bytes of DATA
 *
 * A message is one byte of flags, four of length, big-endian, and its bytes
 * (PROTOCOL-HTTP2, Length-Prefixed-Message); DATA boundaries mean nothing.
 *
 * The bytes of a chunk are lent to the reader: a message that is whole in there
 * is never copied.  What is left is copied by framing_keep.
 */
#ifndef GRPC_FRAMING_H
#define GRPC_FRAMING_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"

#define FRAMING_PREFIX 5

struct framing {
	struct buffer kept;   /* begins where a message does */
	const uint8_t *chunk; /* lent, comes after what is kept */
	size_t chunk_len;
	size_t given; /* bytes of `kept` that the last message took */
	/* The last message; its bytes are valid until the next function. */
	const uint8_t *bytes;
	uint32_t len;
	uint8_t flags;
};

enum framing_result {
	FRAMING_MESSAGE,
	FRAMING_MORE,      /* there is no whole message; framing_keep, wait */
	FRAMING_TOO_LARGE, /* len is over the limit */
	FRAMING_NO_MEMORY
};

/* Lends a chunk; the one before must have been kept. */
static inline void
framing_lend(struct framing *f, const uint8_t *bytes, size_t len)
{
	f->chunk = bytes;
	f->chunk_len = len;
}

/* What is at `at`, where len bytes are; for the functions here alone. */
static inline enum framing_result
framing_look(struct framing *f, const uint8_t *at, size_t len, size_t max_len)
{
	uint32_t length;

	if (len < FRAMING_PREFIX)
		return FRAMING_MORE;
	memcpy(&length, at + 1, sizeof(length));
	f->flags = at[0];
	f->len = be32toh(length);
	f->bytes = at + FRAMING_PREFIX;
	if (f->len > max_len)
		return FRAMING_TOO_LARGE;
	return len - FRAMING_PREFIX < f->len ? FRAMING_MORE : FRAMING_MESSAGE;
}

/* The next of a chunk with nothing kept before it. */
static inline enum framing_result
framing_next_lent(struct framing *f, size_t max_len)
{
	enum framing_result result =
	    framing_look(f, f->chunk, f->chunk_len, max_len);

	if (result == FRAMING_MESSAGE) {
		f->chunk = f->bytes + f->len;
		f->chunk_len -= FRAMING_PREFIX + (size_t)f->len;
	}
	return result;
}

/* The next where there is something kept, or was. */
enum framing_result framing_next_kept(struct framing *f, size_t max_len);

/* Looks for the next message, which must not have more than max_len bytes. */
static inline enum framing_result
framing_next(struct framing *f, size_t max_len)
{
	return f->kept.size > 0 ? framing_next_kept(f, max_len)
				: framing_next_lent(f, max_len);
}

/* Nothing is left of any chunk, nor any memory held. */
static inline bool
framing_is_idle(const struct framing *f)
{
	return f->chunk_len == 0 && f->kept.size == 0;
}

/* Copies what is left of the chunk; false without memory. */
bool framing_keep(struct framing *f);

/* Bytes that have come and are in no message yet. */
static inline size_t
framing_left(const struct framing *f)
{
	return buffer_length(&f->kept) - f->given + f->chunk_len;
}

/* Forgets all, frees what is kept. */
void framing_release(struct framing *f);

/* Writes the prefix of a message that is not compressed. */
static inline void
framing_prefix(uint8_t to[FRAMING_PREFIX], size_t len)
{
	uint32_t length = htobe32((uint32_t)len);

	to[0] = 0;
	memcpy(to + 1, &length, sizeof(length));
}

#endif
