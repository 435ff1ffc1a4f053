/*
 * clock.h - monotonic time in microseconds
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_MS INT64_C(1000)
#define CLOCK_NEVER INT64_MAX

static inline int64_t
clock_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

#endif
