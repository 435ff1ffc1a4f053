/*
 * frames.c - reads the heads of a client's frames and skips the rest
 *
 * Runs in workers.  Of the newest 64 streams it knows two things that depend on
 * nobody but the client: that it has opened them, and that it has ended them.
 * So what is found here is a fault whatever has become of the stream with us:
 * refused, reset, ignored after a GOAWAY.  Older streams are trusted.
 */
#include <config.h>

#include "http2/frames.h"

#include <stdbool.h>
#include <string.h>

#define FRAMES_KNOWN 64 /* bits of opened and ended */
#define FRAMES_END_STREAM 0x1

enum {
	FRAMES_TYPE_DATA = 0x0,
	FRAMES_TYPE_HEADERS = 0x1,
	FRAMES_TYPE_PRIORITY = 0x2,
	FRAMES_TYPE_RST_STREAM = 0x3,
	FRAMES_TYPE_GOAWAY = 0x7
};

void
frames_init(struct frames *f)
{
	*f = (struct frames){ .left = FRAMES_PREFACE };
}

static uint32_t
frames_u24(const uint8_t *at)
{
	return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}

/* A stream's number, without the bit that is reserved. */
static uint32_t
frames_id(const uint8_t *at)
{
	return (uint32_t)(at[0] & 0x7f) << 24 | frames_u24(at + 1);
}

static void
frames_open(struct frames *f, uint32_t stream)
{
	uint32_t by = stream - f->newest;

	f->newest = stream;
	f->opened = by < FRAMES_KNOWN ? f->opened << by | 1 : 1;
	f->ended = by < FRAMES_KNOWN ? f->ended << by : 0;
}

/* DATA, HEADERS or RST_STREAM on a stream that a client may open. */
static enum frames_fault
frames_on_stream(struct frames *f, uint8_t type, bool end, uint32_t stream)
{
	uint64_t bit;

	if (type == FRAMES_TYPE_HEADERS && stream > f->newest)
		frames_open(f, stream);
	if (stream > f->newest || f->newest - stream >= FRAMES_KNOWN)
		return FRAMES_SOUND;
	bit = UINT64_C(1) << (f->newest - stream);
	if (type == FRAMES_TYPE_HEADERS && !(f->opened & bit))
		return FRAMES_LOWER;
	if (type != FRAMES_TYPE_RST_STREAM && f->ended & bit)
		return FRAMES_CLOSED;
	if (end || type == FRAMES_TYPE_RST_STREAM)
		f->ended |= bit;
	return FRAMES_SOUND;
}

static enum frames_fault
frames_goaway(struct frames *f)
{
	f->last_stream = f->left < FRAMES_FIELD ? f->left : FRAMES_FIELD;
	return FRAMES_GOAWAY;
}

/* look has all of a head, and of PRIORITY the stream that it names, too. */
static enum frames_fault
frames_head(struct frames *f, const uint8_t *look)
{
	uint8_t type = look[3];
	uint32_t id = frames_id(look + 5);

	f->seen++;
	f->left = frames_u24(look);
	if (type == FRAMES_TYPE_GOAWAY)
		return frames_goaway(f);
	if (type > FRAMES_TYPE_RST_STREAM)
		return FRAMES_SOUND;
	if (type == FRAMES_TYPE_PRIORITY)
		return id == 0 || (f->left >= 4 &&
				      id == frames_id(look + FRAMES_HEAD))
			   ? FRAMES_PRIORITY
			   : FRAMES_SOUND;
	if (id % 2 == 0)
		return FRAMES_SOUND;
	return frames_on_stream(f, type, look[4] & FRAMES_END_STREAM,
	    (id + 1) / 2);
}

/* How many bytes tell all that there is to know of the frame in f->look. */
static size_t
frames_wanted(const struct frames *f)
{
	if (f->have < FRAMES_HEAD || f->look[3] != FRAMES_TYPE_PRIORITY ||
	    frames_u24(f->look) < 4)
		return FRAMES_HEAD;
	return FRAMES_LOOK;
}

/* Collects a byte; true once it was the last one wanted. */
static bool
frames_collect(struct frames *f, uint8_t byte)
{
	f->look[f->have++] = byte;
	return f->have == frames_wanted(f);
}

enum frames_fault
frames_walk(struct frames *f, const uint8_t *bytes, size_t len,
    size_t *ret_sound)
{
	enum frames_fault fault = FRAMES_SOUND;
	size_t at = 0, began = 0;

	while (fault == FRAMES_SOUND) {
		if (f->left >= len - at) {
			f->left -= (uint32_t)(len - at);
			began = len;
			break;
		}
		at += f->left;
		f->left = 0;
		if (f->have == 0)
			began = at;
		if (f->have == 0 && len - at >= FRAMES_LOOK) {
			fault = frames_head(f, bytes + at);
			at += FRAMES_HEAD;
		} else if (frames_collect(f, bytes[at++])) {
			fault = frames_head(f, f->look);
			f->left -= (uint32_t)(f->have - FRAMES_HEAD);
			f->have = 0;
		}
	}
	*ret_sound = fault == FRAMES_GOAWAY ? at : began;
	return fault;
}
