/*
 * framing.c - messages out of the bytes of DATA
 *
 * Runs in workers, over a client's bytes: nothing is reserved for a length that
 * was only announced.
 */
#include <config.h>

#include "grpc/framing.h"

#include "base/check.h"

void
framing_lend(struct framing *f, const uint8_t *bytes, size_t len)
{
	ENSURE(f->chunk_len == 0);
	f->chunk = bytes;
	f->chunk_len = len;
}

static uint32_t
read_length(const uint8_t *prefix)
{
	return (uint32_t)prefix[1] << 24 | (uint32_t)prefix[2] << 16 |
	       (uint32_t)prefix[3] << 8 | prefix[4];
}

/* Has `kept` hold at least `wanted` bytes, if the chunk has them. */
static bool
top_up(struct framing *f, size_t wanted)
{
	size_t n, held = buffer_length(&f->kept);

	if (held >= wanted)
		return true;
	n = wanted - held < f->chunk_len ? wanted - held : f->chunk_len;
	if (n == 0)
		return true;
	if (!buffer_append(&f->kept, f->chunk, n))
		return false;
	f->chunk += n;
	f->chunk_len -= n;
	return true;
}

/* Gives the bytes of the last message back. */
static void
drop_given(struct framing *f)
{
	if (f->given == 0)
		return;
	buffer_consume(&f->kept, f->given);
	f->given = 0;
	if (buffer_length(&f->kept) == 0)
		buffer_release(&f->kept);
}

/* The message at `at`, of which len bytes are there. */
static enum framing_result
look(const uint8_t *at, size_t len, size_t max_len, struct framing_message *m)
{
	if (len < FRAMING_PREFIX)
		return FRAMING_MORE;
	m->flags = at[0];
	m->len = read_length(at);
	m->bytes = at + FRAMING_PREFIX;
	if (m->len > max_len)
		return FRAMING_TOO_LARGE;
	return len - FRAMING_PREFIX < m->len ? FRAMING_MORE : FRAMING_MESSAGE;
}

static enum framing_result
next_kept(struct framing *f, size_t max_len, struct framing_message *m)
{
	enum framing_result result;

	if (!top_up(f, FRAMING_PREFIX))
		return FRAMING_NO_MEMORY;
	result =
	    look(buffer_bytes(&f->kept), buffer_length(&f->kept), max_len, m);
	if (result == FRAMING_MORE && f->chunk_len > 0) {
		if (!top_up(f, FRAMING_PREFIX + (size_t)m->len))
			return FRAMING_NO_MEMORY;
		result = look(buffer_bytes(&f->kept), buffer_length(&f->kept),
		    max_len, m);
	}
	if (result == FRAMING_MESSAGE)
		f->given = FRAMING_PREFIX + (size_t)m->len;
	return result;
}

enum framing_result
framing_next(struct framing *f, size_t max_len, struct framing_message *m)
{
	enum framing_result result;
	size_t taken;

	drop_given(f);
	if (buffer_length(&f->kept) > 0)
		return next_kept(f, max_len, m);
	result = look(f->chunk, f->chunk_len, max_len, m);
	if (result == FRAMING_MESSAGE) {
		taken = FRAMING_PREFIX + (size_t)m->len;
		f->chunk += taken;
		f->chunk_len -= taken;
	}
	return result;
}

bool
framing_keep(struct framing *f)
{
	bool kept;

	drop_given(f);
	kept = f->chunk_len == 0 ||
	       buffer_append(&f->kept, f->chunk, f->chunk_len);
	f->chunk = NULL;
	f->chunk_len = 0;
	return kept;
}

void
framing_release(struct framing *f)
{
	if (f->kept.size > 0)
		buffer_release(&f->kept);
	f->given = 0;
	f->chunk = NULL;
	f->chunk_len = 0;
}

void
framing_prefix(uint8_t to[FRAMING_PREFIX], size_t len)
{
	to[0] = 0;
	to[1] = (uint8_t)(len >> 24);
	to[2] = (uint8_t)(len >> 16);
	to[3] = (uint8_t)(len >> 8);
	to[4] = (uint8_t)len;
}
