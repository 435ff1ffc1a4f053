/*
 * refuse.c - all that a client hears which is not let in
 *
 * Runs in workers.  No session is made for it: these bytes are the same for
 * every client.
 */
#include <config.h>

#include "http2/session.h"

#include <string.h>

#include "base/buffer.h"

#define GOAWAY 0x7
#define HEAD 9  /* bytes of a frame's head, RFC 9113, 4.1 */
#define FIXED 8 /* of GOAWAY before its debug data, 6.8 */

bool
http2_refuse(const char *why, struct buffer *out)
{
	size_t len = FIXED + strlen(why);
	const uint8_t frame[HEAD + FIXED] = {
		[0] = (uint8_t)(len >> 16),
		[1] = (uint8_t)(len >> 8),
		[2] = (uint8_t)len,
		[3] = GOAWAY,
		[HEAD + FIXED - 1] = HTTP2_ENHANCE_YOUR_CALM,
	};

	return buffer_append(out, frame, sizeof(frame)) &&
	       buffer_append(out, why, strlen(why));
}
