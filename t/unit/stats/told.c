/*
 * told.c - what is said once a day and client
 */
#include <config.h>

#include "stats/told.h"

#include "base/clock.h"
#include "base/mix.h"
#include "tap.h"

#define HOUR (3600 * CLOCK_SECOND)
#define START (1000 * 24 * HOUR)

static struct told told;

int
main(void)
{
	const uint64_t key = mix(1);
	size_t again = 0;

	ok(told_first(&told, key, START), "the first time");
	ok(!told_first(&told, key, START), "the second");
	ok(!told_first(&told, key, START + 23 * HOUR), "the same day");
	ok(told_first(&told, key, START + 24 * HOUR), "the next");
	ok(!told_first(&told, key, START + 24 * HOUR), "once again");
	ok(told_first(&told, key ^ UINT64_C(1) << 63, START + 24 * HOUR),
	    "another that has the same cell");
	ok(told_first(&told, key, START + 24 * HOUR), "makes it forget");
	for (uint64_t i = 2; i < 102; i++)
		again += !told_first(&told, mix(i), START);
	for (uint64_t i = 2; i < 102; i++)
		again += told_first(&told, mix(i), START);
	ok(again <= 10, "a hundred clients at once (%zu of 200 wrong)", again);
	return done();
}
