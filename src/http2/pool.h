/*
 * pool.h - the memory that nghttp2 takes and gives back at every call
 *
 * Small pieces come from lists by size, which all sessions of a worker share,
 * so that a steady load takes nothing from the heap; large ones come from the
 * heap.  It must outlive every session that was made with it.
 *
 * A session is made with a buffer as large as a frame, for the frame that it is
 * about to send: three quarters of all its memory, and of no use at rest.  Here
 * all sessions are given the same one, since what it holds is dead once its
 * bytes have been taken, and sessions are emptied one after the other.  A frame
 * that is cut into several has the others in memory of its own.
 */
#ifndef HTTP2_POOL_H
#define HTTP2_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nghttp2/nghttp2.h>

#define POOL_STEP 64             /* sizes are multiples of this */
#define POOL_CLASSES 16          /* and the largest pooled is so many */
#define POOL_KEEP (256u * 1024u) /* bytes that each size keeps at rest */

/* nghttp2's buffer for a frame: its head, a padding's length, 16 KiB. */
#define POOL_FRAME (9 + 1 + 16384)

struct pool_piece;

struct pool {
	struct pool_class {
		struct pool_piece *idle; /* the one given back last is first */
		size_t n_idle, keep;     /* at rest, and at most */
	} classes[POOL_CLASSES];
	nghttp2_mem mem; /* what nghttp2 is given */
	bool making;     /* a session: POOL_FRAME bytes are for its frames */
	_Alignas(max_align_t) uint8_t frame[POOL_FRAME];
};

void pool_init(struct pool *pool);

/* Frees what is at rest.  The rest must have come back. */
void pool_fini(struct pool *pool);

/*
 * To be called once the bytes of a frame have been taken.  Under
 * AddressSanitizer it spoils them, so that the tests find a version of nghttp2
 * which looks at them again.
 */
void pool_frame_taken(struct pool *pool);

#endif
