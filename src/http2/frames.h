/*
 * frames.h - which frames a client's bytes are made of
 *
 * nghttp2 keeps to itself what it ignores: unknown frames, frames on streams
 * that are gone, PRIORITY.  So the heads of frames are read here too, before it
 * gets the bytes: they are counted, and what it overlooks is found.
 */
#ifndef HTTP2_FRAMES_H
#define HTTP2_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#define FRAMES_PREFACE 24 /* bytes before the first frame, RFC 9113, 3.4 */
#define FRAMES_HEAD 9     /* bytes of a frame's head, 4.1 */
#define FRAMES_LOOK 13    /* a head, and the first field of a payload */
#define FRAMES_FIELD 4    /* bytes of GOAWAY's first field, 6.8 */

/* What RFC 9113 forbids and nghttp2 lets pass. */
enum frames_fault {
	FRAMES_SOUND,
	FRAMES_LOWER,    /* a stream closed by the use of a higher one, 5.1.1 */
	FRAMES_CLOSED,   /* DATA or HEADERS on one that the client ended, 5.1 */
	FRAMES_PRIORITY, /* of stream 0, or of a stream on itself, 6.3 */
	FRAMES_GOAWAY    /* no fault: its last stream comes next */
};

struct frames {
	uint64_t seen;          /* heads read so far */
	uint64_t opened, ended; /* bit n: the n'th stream before the newest */
	uint32_t newest;        /* how many-eth stream of the client: 1, 3, 5 */
	uint32_t left;          /* bytes of the payload under way */
	uint32_t last_stream;   /* and how many of them are GOAWAY's field */
	uint8_t look[FRAMES_LOOK];
	uint8_t have; /* bytes of look, when it came in parts */
};

void frames_init(struct frames *f);

/*
 * Reads over len bytes, up to the first fault.  Only the ret_sound bytes before
 * that frame are to be taken; none after the input in which it was found.  With
 * FRAMES_GOAWAY all up to its payload are, and the walk is to go on there.
 */
enum frames_fault frames_walk(struct frames *f, const uint8_t *bytes,
    size_t len, size_t *ret_sound);

/*
 * How many of the next len bytes, which are walked over by this, are the last
 * stream of a GOAWAY.
 */
static inline size_t
frames_last_stream(struct frames *f, size_t len)
{
	size_t n = f->last_stream < len ? f->last_stream : len;

	f->last_stream -= (uint32_t)n;
	f->left -= (uint32_t)n;
	return n;
}

#endif
