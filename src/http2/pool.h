/*
 * pool.h - the memory that nghttp2 takes and gives back at every call
 *
 * Small pieces come from lists by size, which all sessions of a worker share,
 * so that a steady load takes nothing from the heap; large ones come from the
 * heap.  It must outlive every session that was made with it.
 */
#ifndef HTTP2_POOL_H
#define HTTP2_POOL_H

#include <stddef.h>

#include <nghttp2/nghttp2.h>

#define POOL_STEP 64             /* sizes are multiples of this */
#define POOL_CLASSES 16          /* and the largest pooled is so many */
#define POOL_KEEP (256u * 1024u) /* bytes that each size keeps at rest */

struct pool_piece;

struct pool {
	struct pool_class {
		struct pool_piece *idle; /* the one given back last is first */
		size_t n_idle, keep;     /* at rest, and at most */
	} classes[POOL_CLASSES];
	nghttp2_mem mem; /* what nghttp2 is given */
};

void pool_init(struct pool *pool);

/* Frees what is at rest.  The rest must have come back. */
void pool_fini(struct pool *pool);

#endif
