/*
 * framing.c - messages out of the bytes of DATA
 *
 * Runs in workers, over a client's bytes: nothing is reserved for a length that
 * was only announced.
 */
#include <config.h>

#include "grpc/framing.h"

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

static enum framing_result
look_at_kept(struct framing *f, size_t max_len)
{
	return framing_look(f, buffer_bytes(&f->kept), buffer_length(&f->kept),
	    max_len);
}

enum framing_result
framing_next_kept(struct framing *f, size_t max_len)
{
	enum framing_result result;

	drop_given(f);
	if (buffer_length(&f->kept) == 0)
		return framing_next_lent(f, max_len);
	if (!top_up(f, FRAMING_PREFIX))
		return FRAMING_NO_MEMORY;
	result = look_at_kept(f, max_len);
	if (result == FRAMING_MORE && f->chunk_len > 0) {
		if (!top_up(f, FRAMING_PREFIX + (size_t)f->len))
			return FRAMING_NO_MEMORY;
		result = look_at_kept(f, max_len);
	}
	if (result == FRAMING_MESSAGE)
		f->given = FRAMING_PREFIX + (size_t)f->len;
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
	buffer_release(&f->kept);
	f->given = 0;
	f->chunk = NULL;
	f->chunk_len = 0;
}
