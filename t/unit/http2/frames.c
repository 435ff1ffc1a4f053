/*
 * frames.c - the heads of frames are found however the bytes are cut
 */
#include <config.h>

#include "http2/frames.h"

#include "tap.h"

struct bytes {
	uint8_t at[4096];
	size_t len;
};

static void
add(struct bytes *b, uint8_t type, uint32_t id, uint16_t len)
{
	const uint8_t head[FRAMES_HEAD] = { 0, (uint8_t)(len >> 8),
		(uint8_t)len, type, 0, (uint8_t)(id >> 24), (uint8_t)(id >> 16),
		(uint8_t)(id >> 8), (uint8_t)id };

	memcpy(b->at + b->len, head, sizeof(head));
	memset(b->at + b->len + sizeof(head), 0xff, len);
	b->len += sizeof(head) + len;
}

/* Walks in pieces; returns how many bytes were sound. */
static size_t
walk(struct frames *f, const struct bytes *b, size_t piece)
{
	size_t at, n, sound;

	frames_init(f);
	for (at = 0; at < b->len; at += n) {
		n = b->len - at < piece ? b->len - at : piece;
		if (!frames_walk(f, b->at + at, n, &sound))
			return at + sound;
	}
	return b->len;
}

static void
test_pieces(void)
{
	struct bytes b = { .len = FRAMES_PREFACE };
	struct frames f;
	size_t piece, wrong = 0;

	add(&b, 4, 0, 0);
	add(&b, 1, 1, 30);
	add(&b, 0, 1, 1);
	add(&b, 0, 1, 0);
	add(&b, 6, 0, 8);
	for (piece = 1; piece <= b.len; piece++)
		wrong += walk(&f, &b, piece) != b.len || f.seen != 5 ||
			 f.newest != 1;
	is_int(0, wrong, "five frames, cut at every length");
	is_int(0, walk(&f, &(struct bytes){ .len = 0 }, 1), "no bytes");
}

static size_t
open_streams(const uint32_t *ids)
{
	struct bytes b = { .len = FRAMES_PREFACE };
	struct frames f;
	size_t sound, n = 0;

	for (; *ids != 0; ids++)
		add(&b, 1, *ids, 0);
	sound = walk(&f, &b, 5);
	if (sound < b.len)
		n = (sound - FRAMES_PREFACE) / FRAMES_HEAD + 1;
	return n;
}

#define OPEN(...) open_streams((const uint32_t[]){ __VA_ARGS__, 0 })

static void
test_order(void)
{
	is_int(0, OPEN(1, 3, 5), "streams in order");
	is_int(0, OPEN(1, 3, 5, 3, 1), "trailers of streams seen before");
	is_int(0, OPEN(1, 7, 9), "a gap alone is no fault");
	is_int(2, OPEN(5, 3), "a stream lower than the first");
	is_int(4, OPEN(1, 7, 9, 5), "a stream in the gap");
	is_int(4, OPEN(1, 7, 9, 3), "at its lower edge");
	is_int(0, OPEN(1, 7, 9, 7, 1), "not the streams beside it");
	is_int(0, OPEN(1, 2, 3), "even numbers are for others to refuse");
	is_int(0, OPEN(0x7fffffff, 0x7fffffff), "the highest");
	is_int(2, OPEN(0x7fffffff, 0x7ffffffd), "and one before it");
}

/* The bad frame's head may have come in parts. */
static void
test_sound(void)
{
	struct bytes b = { .len = FRAMES_PREFACE };
	struct frames f;
	size_t sound = 1;

	add(&b, 1, 5, 3);
	add(&b, 1, 3, 3);
	frames_init(&f);
	ok(frames_walk(&f, b.at, b.len - 8, &sound), "four bytes of the head");
	is_int(b.len - 8, sound, "are sound");
	ok(!frames_walk(&f, b.at + b.len - 8, 8, &sound), "the rest tells");
	is_int(0, sound, "and nothing more is");
}

int
main(void)
{
	test_pieces();
	test_order();
	test_sound();
	return done();
}
