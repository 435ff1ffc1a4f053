/*
 * jitter.h - chance, so that what begins together does not end together
 */
#ifndef BASE_JITTER_H
#define BASE_JITTER_H

#include <stdint.h>

/* Any number, hard to guess for whoever is not this process. */
uint64_t jitter_number(void);

/* value, or up to percent % less or more; percent at most 100. */
int64_t jitter(int64_t value, int percent);

#endif
