/*
 * freelist.h - objects of one size that come and go at every call
 *
 * Freed objects are kept for the next, up to a number; under AddressSanitizer
 * they are poisoned meanwhile, so that a use after the free is caught.
 */
#ifndef BASE_FREELIST_H
#define BASE_FREELIST_H

#include <stddef.h>

struct freelist_item {
	struct freelist_item *next;
};

struct freelist {
	size_t size; /* bytes of an object */
	size_t keep; /* idle objects kept at most */
	size_t n_idle, n_live;
	struct freelist_item *idle;
};

void freelist_init(struct freelist *f, size_t size, size_t keep);

/* Frees the idle objects; ENSUREs that none is live. */
void freelist_fini(struct freelist *f);

/* A zeroed object, NULL without memory. */
void *freelist_take(struct freelist *f);

/* Takes the object back. */
void freelist_give(struct freelist *f, void *object);

#endif
