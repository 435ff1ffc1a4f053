/*
 * poison.h - memory that is ours but must not be touched
 *
 * What rests in a pool is poisoned under AddressSanitizer, so that a use after
 * its end is caught as the heap's own memory would be.  Elsewhere POISON is
 * false and nothing is done.
 */
#ifndef BASE_POISON_H
#define BASE_POISON_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define POISON_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON_ASAN 1
#endif
#endif

#ifdef POISON_ASAN
#include <sanitizer/asan_interface.h>
#define POISON true
#else
#define POISON false
#define ASAN_POISON_MEMORY_REGION(p, len) ((void)(p), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(p, len) ((void)(p), (void)(len))
#endif

static inline void
poison(void *p, size_t len)
{
	ASAN_POISON_MEMORY_REGION(p, len);
}

static inline void
unpoison(void *p, size_t len)
{
	ASAN_UNPOISON_MEMORY_REGION(p, len);
}

#endif
