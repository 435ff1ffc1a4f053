/* timeout.c - grpc-timeout */
#include <config.h>

#include "grpc/timeout.h"

#include <tap.h>

static int64_t
parse(const char *text)
{
	int64_t us = -2;

	return timeout_parse(text, strlen(text), &us) ? us : -1;
}

int
main(void)
{
	static const char *const bad[] = { "", "1", "S", "1s", "1 S", " 1S",
		"-1S", "+1S", "1.5S", "123456789S", "1SS", "0x1S", "1h", "1\n",
		"mm", "1U" };

	is_int(3600000000, parse("1H"), "hours");
	is_int(60000000, parse("1M"), "minutes");
	is_int(7000000, parse("7S"), "seconds");
	is_int(20000, parse("20m"), "milliseconds");
	is_int(15, parse("15u"), "microseconds");
	is_int(1, parse("1n"), "nanoseconds are rounded up");
	is_int(1, parse("1000n"), "a thousand of them");
	is_int(2, parse("1001n"), "and one more");
	is_int(0, parse("0S"), "none at all");
	is_int(0, parse("00000000n"), "eight digits of nothing");
	is_int(INT64_C(99999999) * 3600 * 1000000, parse("99999999H"),
	    "the longest");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		is_int(-1, parse(bad[i]), "not text %zu", i);
	return done();
}
