/*
 * frames.h - which frames a client's bytes are made of
 *
 * nghttp2 keeps to itself what it ignores: unknown frames, frames on closed
 * streams, and a stream whose number goes backwards.  So the heads of frames
 * are read here too, before it gets the bytes.
 */
#ifndef HTTP2_FRAMES_H
#define HTTP2_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMES_HEAD 9     /* bytes of a frame's head, RFC 9113, 4.1 */
#define FRAMES_PREFACE 24 /* bytes before the first frame, 3.4 */

struct frames {
	uint64_t seen; /* heads read so far */
	uint32_t left; /* bytes of the payload under way */
	uint8_t head[FRAMES_HEAD];
	uint8_t have;    /* bytes of head, when it came in parts */
	uint32_t newest; /* the highest stream opened */
	uint32_t gap_low,
	    gap_high; /* streams between that the last jump left out */
};

void frames_init(struct frames *f);

/*
 * Reads over len bytes.  False if they open a stream that an earlier one has
 * closed by being higher (RFC 9113, 5.1.1): then only the ret_sound bytes
 * before that frame are to be taken.
 */
bool frames_walk(struct frames *f, const uint8_t *bytes, size_t len,
    size_t *ret_sound);

#endif
