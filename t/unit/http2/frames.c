/*
 * frames.c - heads are found however the bytes are cut, and so are faults
 */
#include <config.h>

#include "http2/frames.h"

#include "tap.h"

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING = 6, GOAWAY };
#define END 0x100 /* with a type: END_STREAM */

struct bytes {
	uint8_t at[8192];
	size_t len;
};

static void
add(struct bytes *b, int type, uint32_t id, const char *payload, size_t len)
{
	const uint8_t head[FRAMES_HEAD] = { 0, (uint8_t)(len >> 8),
		(uint8_t)len, (uint8_t)type, (type & END) != 0,
		(uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
		(uint8_t)id };

	memcpy(b->at + b->len, head, sizeof(head));
	memcpy(b->at + b->len + sizeof(head), payload, len);
	b->len += sizeof(head) + len;
}

/* Walks in pieces; ret_sound is of all the bytes. */
static enum frames_fault
walk(struct frames *f, const struct bytes *b, size_t piece, size_t *ret_sound)
{
	enum frames_fault fault = FRAMES_SOUND;
	size_t at, n, sound = 0;

	frames_init(f);
	*ret_sound = 0;
	for (at = 0; at < b->len && fault == FRAMES_SOUND; at += n) {
		n = b->len - at < piece ? b->len - at : piece;
		fault = frames_walk(f, b->at + at, n, &sound);
		*ret_sound = at + sound;
	}
	return fault;
}

static void
test_pieces(void)
{
	struct bytes b = { .len = FRAMES_PREFACE };
	size_t piece, sound, wrong = 0;
	struct frames f;

	add(&b, SETTINGS, 0, "", 0);
	add(&b, HEADERS, 1, "thirty bytes of rubbish, or so", 30);
	add(&b, PRIORITY, 1, "\0\0\0\3\20", 5);
	add(&b, PRIORITY, 1, "\0\0", 2);
	add(&b, DATA, 1, "x", 1);
	add(&b, DATA | END, 1, "", 0);
	add(&b, PING, 0, "opaque..", 8);
	for (piece = 1; piece <= b.len; piece++)
		wrong += walk(&f, &b, piece, &sound) != FRAMES_SOUND ||
			 sound != b.len || f.seen != 7 || f.left != 0;
	is_int(0, wrong, "seven frames, cut at every length");
	ok(frames_walk(&f, b.at, 0, &sound) == FRAMES_SOUND, "no bytes");
}

/* Bytes of b that are a GOAWAY's last stream, cut into pieces. */
static size_t
walk_goaway(const struct bytes *b, size_t piece, size_t *ret_at)
{
	size_t at, n, len, found = 0;
	struct frames f;

	frames_init(&f);
	for (at = 0; at < b->len; at += n) {
		len = b->len - at < piece ? b->len - at : piece;
		n = frames_last_stream(&f, len);
		if (n > 0 && found == 0)
			*ret_at = at;
		found += n;
		if (n == 0 &&
		    frames_walk(&f, b->at + at, len, &n) != FRAMES_GOAWAY &&
		    n != len)
			return 0;
	}
	return f.seen == 3 && f.left == 0 ? found : 0;
}

static void
test_goaway(void)
{
	struct bytes b = { .len = FRAMES_PREFACE };
	size_t piece, at = 0, wrong = 0;

	add(&b, SETTINGS, 0, "", 0);
	add(&b, GOAWAY, 0, "\0\0\0\1\0\0\0\0bye", 11);
	add(&b, PING, 0, "opaque..", 8);
	for (piece = 1; piece <= b.len; piece++)
		wrong += walk_goaway(&b, piece, &at) != FRAMES_FIELD ||
			 at != FRAMES_PREFACE + 2 * FRAMES_HEAD;
	is_int(0, wrong, "the last stream of a GOAWAY, cut at every length");
	b.len = FRAMES_PREFACE;
	add(&b, SETTINGS, 0, "", 0);
	add(&b, GOAWAY, 0, "\0\0", 2);
	add(&b, GOAWAY, 0, "", 0);
	for (piece = 1; piece <= b.len; piece++)
		wrong += walk_goaway(&b, piece, &at) != 2;
	is_int(0, wrong, "one that is too short for it");
}

/* Where a fault begins, with the bytes cut at every length. */
static void
test_sound(void)
{
	struct bytes b = { .len = FRAMES_PREFACE };
	size_t piece, sound, began, wrong = 0;
	struct frames f;

	add(&b, HEADERS, 5, "abc", 3);
	began = b.len;
	add(&b, PRIORITY, 7, "\0\0\0\7\20", 5);
	add(&b, PING, 0, "opaque..", 8);
	for (piece = 1; piece <= b.len; piece++) {
		wrong += walk(&f, &b, piece, &sound) != FRAMES_PRIORITY;
		wrong += sound < began || sound > began + FRAMES_LOOK;
		wrong += piece == b.len && sound != began;
	}
	is_int(0, wrong, "a fault is found where it is");
}

struct step {
	int type;
	uint32_t id;
};

static const struct {
	const char *what;
	enum frames_fault fault;
	int at; /* which step is at fault, from 1 */
	struct step steps[8];
} cases[] = {
	{ "streams in order", FRAMES_SOUND, 0,
	    { { HEADERS, 1 }, { HEADERS, 3 }, { HEADERS, 5 } } },
	{ "trailers of streams opened before", FRAMES_SOUND, 0,
	    { { HEADERS, 1 }, { HEADERS, 3 }, { HEADERS, 5 },
		{ HEADERS | END, 3 }, { HEADERS | END, 1 } } },
	{ "a gap alone", FRAMES_SOUND, 0,
	    { { HEADERS, 1 }, { HEADERS, 7 }, { HEADERS, 9 } } },
	{ "a stream lower than the first", FRAMES_LOWER, 2,
	    { { HEADERS, 5 }, { HEADERS, 3 } } },
	{ "a stream in the gap", FRAMES_LOWER, 4,
	    { { HEADERS, 1 }, { HEADERS, 7 }, { HEADERS, 9 },
		{ HEADERS, 5 } } },
	{ "the 63rd before the newest", FRAMES_LOWER, 3,
	    { { HEADERS, 3 }, { HEADERS, 127 }, { HEADERS, 1 } } },
	{ "the 64th is trusted", FRAMES_SOUND, 0,
	    { { HEADERS, 3 }, { HEADERS, 129 }, { HEADERS, 1 } } },
	{ "even streams are for others", FRAMES_SOUND, 0,
	    { { HEADERS, 5 }, { HEADERS, 2 }, { DATA, 4 } } },
	{ "the highest", FRAMES_LOWER, 2,
	    { { HEADERS, 0x7fffffff }, { HEADERS, 0x7ffffffd } } },
	{ "a bit that is reserved", FRAMES_LOWER, 3,
	    { { HEADERS, 0x80000005 }, { HEADERS, 5 }, { HEADERS, 3 } } },
	{ "DATA after the end", FRAMES_CLOSED, 3,
	    { { HEADERS, 1 }, { DATA | END, 1 }, { DATA, 1 } } },
	{ "HEADERS after the end", FRAMES_CLOSED, 2,
	    { { HEADERS | END, 1 }, { HEADERS, 1 } } },
	{ "DATA after RST_STREAM", FRAMES_CLOSED, 3,
	    { { HEADERS, 1 }, { RST_STREAM, 1 }, { DATA, 1 } } },
	{ "with others between", FRAMES_CLOSED, 5,
	    { { HEADERS | END, 1 }, { HEADERS | END, 3 }, { HEADERS, 5 },
		{ DATA, 5 }, { DATA | END, 1 } } },
	{ "RST_STREAM after the end", FRAMES_SOUND, 0,
	    { { HEADERS | END, 1 }, { RST_STREAM, 1 }, { RST_STREAM, 1 } } },
	{ "what is too old to be known", FRAMES_SOUND, 0,
	    { { HEADERS | END, 1 }, { HEADERS, 129 }, { DATA, 1 } } },
	{ "what is just known", FRAMES_CLOSED, 3,
	    { { HEADERS | END, 1 }, { HEADERS, 127 }, { DATA, 1 } } },
	{ "idle streams are for others", FRAMES_SOUND, 0,
	    { { DATA, 1 }, { RST_STREAM, 3 }, { HEADERS, 5 }, { DATA, 5 } } },
};

/* The number of the step that is at fault, and the fault. */
static int
play(const struct step *steps, enum frames_fault *ret_fault)
{
	struct bytes b = { .len = FRAMES_PREFACE };
	struct frames f;
	size_t sound;

	for (; steps->id != 0; steps++)
		add(&b, steps->type, steps->id, "", 0);
	*ret_fault = walk(&f, &b, b.len, &sound);
	if (*ret_fault == FRAMES_SOUND)
		return 0;
	return (int)((sound - FRAMES_PREFACE) / FRAMES_HEAD) + 1;
}

static void
test_cases(void)
{
	enum frames_fault fault;
	size_t i;
	int at;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		at = play(cases[i].steps, &fault);
		ok(fault == cases[i].fault && at == cases[i].at,
		    "%s (%d at %d)", cases[i].what, (int)fault, at);
	}
}

int
main(void)
{
	test_pieces();
	test_goaway();
	test_sound();
	test_cases();
	return done();
}
