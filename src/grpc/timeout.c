/*
 * timeout.c - grpc-timeout
 *
 * Runs in workers.
 */
#include <config.h>

#include "grpc/timeout.h"

#define MAX_DIGITS 8

/* Nanoseconds of a unit, 0 for what is none. */
static int64_t
unit_ns(char unit)
{
	switch (unit) {
	case 'H':
		return INT64_C(3600000000000);
	case 'M':
		return INT64_C(60000000000);
	case 'S':
		return INT64_C(1000000000);
	case 'm':
		return INT64_C(1000000);
	case 'u':
		return INT64_C(1000);
	case 'n':
		return INT64_C(1);
	default:
		return 0;
	}
}

bool
timeout_parse(const char *text, size_t len, int64_t *ret_us)
{
	int64_t n = 0, ns;

	if (len < 2 || len > MAX_DIGITS + 1)
		return false;
	for (size_t i = 0; i < len - 1; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (text[i] - '0');
	}
	ns = unit_ns(text[len - 1]);
	if (ns == 0)
		return false;
	*ret_us = ns >= 1000 ? n * (ns / 1000) : (n * ns + 999) / 1000;
	return true;
}
