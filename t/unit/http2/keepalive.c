/*
 * keepalive.c - when a client is asked, and when it has asked too often
 */
#include <config.h>

#include "http2/keepalive.h"

#include "base/clock.h"
#include "config/config.h"
#include "tap.h"

#define SECOND CLOCK_SECOND
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define START (100 * HOUR)

static const struct config_limits limits = {
	.keepalive_time = 60 * 1000,
	.keepalive_timeout = 20 * 1000,
	.keepalive_min_time = 5 * 60 * 1000,
};

static void
test_asking(void)
{
	struct keepalive k;

	keepalive_init(&k, START);
	is_int(START + MINUTE, keepalive_due(&k, &limits), "asked in a minute");
	is_int(KEEPALIVE_WELL, keepalive_tick(&k, &limits, START + MINUTE - 1),
	    "not before");
	keepalive_heard(&k, START + 30 * SECOND);
	is_int(KEEPALIVE_WELL, keepalive_tick(&k, &limits, START + MINUTE),
	    "not if it has spoken");
	is_int(KEEPALIVE_ASK, keepalive_tick(&k, &limits, START + 2 * MINUTE),
	    "but then");
	is_int(START + 2 * MINUTE + 20 * SECOND, keepalive_due(&k, &limits),
	    "it has 20 s");
	is_int(KEEPALIVE_WELL, keepalive_tick(&k, &limits, START + 2 * MINUTE),
	    "it is asked once");
	keepalive_heard(&k, START + 2 * MINUTE + SECOND);
	is_int(START + 3 * MINUTE + SECOND, keepalive_due(&k, &limits),
	    "whatever comes is an answer");
	is_int(KEEPALIVE_ASK, keepalive_tick(&k, &limits, START + 4 * MINUTE),
	    "asked again");
	is_int(KEEPALIVE_GONE,
	    keepalive_tick(&k, &limits, START + 4 * MINUTE + 20 * SECOND),
	    "and not there");
}

static void
test_off(void)
{
	struct config_limits off = limits;
	struct keepalive k;

	off.keepalive_time = 0;
	keepalive_init(&k, START);
	is_int(CLOCK_NEVER, keepalive_due(&k, &off), "0 is never");
	is_int(KEEPALIVE_WELL, keepalive_tick(&k, &off, START + 99 * HOUR),
	    "whatever the time");
}

/* How many PINGs `every` so often are taken, of ten. */
static int
taken(struct keepalive *k, const struct config_limits *l, int64_t every,
    bool calls_open)
{
	int n = 0;

	while (n < 10 && keepalive_pinged(k, l, START + n * every, calls_open))
		n++;
	return n;
}

static void
test_pings(void)
{
	struct config_limits permit = limits, none = limits;
	struct keepalive k;

	permit.keepalive_permit_without_calls = true;
	none.keepalive_min_time = 0;
	keepalive_init(&k, START);
	is_int(10, taken(&k, &limits, 5 * MINUTE, true), "one in 5 minutes");
	keepalive_init(&k, START);
	is_int(3, taken(&k, &limits, 5 * MINUTE - 1, true),
	    "the first and two strikes");
	keepalive_init(&k, START);
	is_int(3, taken(&k, &limits, HOUR, false), "without a call");
	keepalive_init(&k, START);
	is_int(10, taken(&k, &limits, 2 * HOUR, false), "but one in 2 hours");
	keepalive_init(&k, START);
	is_int(10, taken(&k, &permit, 5 * MINUTE, false), "or as permitted");
	keepalive_init(&k, START);
	is_int(3, taken(&k, &permit, MINUTE, false), "not more often");
	keepalive_init(&k, START);
	is_int(10, taken(&k, &none, 0, true), "no least time");
}

/* As grpc-go, which measures the path after each answer. */
static void
test_excused(void)
{
	struct keepalive k;
	bool good = true;

	keepalive_init(&k, START);
	for (int i = 0; i < 100; i++) {
		keepalive_sent(&k);
		keepalive_sent(&k);
		good = good && keepalive_pinged(&k, &limits, START, false);
		good = good && keepalive_pinged(&k, &limits, START, false);
		good = good && keepalive_pinged(&k, &limits, START, false);
	}
	ok(good, "what we send excuses a PING and forgives two strikes");
	good = keepalive_pinged(&k, &limits, START, false);
	ok(!good, "not three");
}

int
main(void)
{
	test_asking();
	test_off();
	test_pings();
	test_excused();
	return done();
}
