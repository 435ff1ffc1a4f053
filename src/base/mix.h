/*
 * mix.h - numbers that look like chance, from numbers that do not
 */
#ifndef BASE_MIX_H
#define BASE_MIX_H

#include <stdint.h>

/*
 * Every bit of the result depends on every bit of x, and no two x have the same
 * result (the last step of SplitMix64; Steele, Lea, Flood 2014).
 */
static inline uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#endif
