/*
 * frames.c - reads the heads of a client's frames and skips the rest
 *
 * Runs in workers.  It remembers no stream: a number that was never used can
 * only lie in a gap that the client left, and clients leave none, so the newest
 * gap is all that is kept.  That way trailers, and frames on streams that we
 * have refused or reset, never look wrong.
 */
#include <config.h>

#include "http2/frames.h"

#include <string.h>

#define FRAMES_TYPE_HEADERS 0x1

void
frames_init(struct frames *f)
{
	*f = (struct frames){ .left = FRAMES_PREFACE };
}

/* A HEADERS frame on stream id; false if the stream may not be opened. */
static bool
frames_open(struct frames *f, uint32_t id)
{
	if (id > f->newest) {
		if (id - f->newest > 2) {
			f->gap_low = f->newest + 1;
			f->gap_high = id - 1;
		}
		f->newest = id;
		return true;
	}
	return id < f->gap_low || id > f->gap_high;
}

static bool
frames_head(struct frames *f, const uint8_t *h)
{
	uint32_t id = (uint32_t)(h[5] & 0x7f) << 24 | (uint32_t)h[6] << 16 |
		      (uint32_t)h[7] << 8 | h[8];

	f->seen++;
	f->left = (uint32_t)h[0] << 16 | (uint32_t)h[1] << 8 | h[2];
	if (h[3] != FRAMES_TYPE_HEADERS || id % 2 == 0)
		return true;
	return frames_open(f, id);
}

/* Collects a head that comes in parts; returns how many bytes it took. */
static size_t
frames_collect(struct frames *f, const uint8_t *bytes, size_t len)
{
	size_t n = sizeof(f->head) - f->have;

	if (n > len)
		n = len;
	memcpy(f->head + f->have, bytes, n);
	f->have = (uint8_t)(f->have + n);
	return n;
}

bool
frames_walk(struct frames *f, const uint8_t *bytes, size_t len,
    size_t *ret_sound)
{
	size_t at = 0, start;
	const uint8_t *head;

	while (at < len) {
		if (f->left >= len - at) {
			f->left -= (uint32_t)(len - at);
			break;
		}
		at += f->left;
		f->left = 0;
		start = at;
		if (f->have == 0 && len - at >= FRAMES_HEAD) {
			head = bytes + at;
			at += FRAMES_HEAD;
		} else {
			at += frames_collect(f, bytes + at, len - at);
			if (f->have < FRAMES_HEAD)
				break;
			head = f->head;
			f->have = 0;
		}
		if (!frames_head(f, head)) {
			*ret_sound = start;
			return false;
		}
	}
	*ret_sound = len;
	return true;
}
