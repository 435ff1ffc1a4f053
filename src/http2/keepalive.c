/*
 * keepalive.c - PINGs both ways
 *
 * Runs in workers.
 */
#include <config.h>

#include "http2/keepalive.h"

#include "base/clock.h"
#include "config/config.h"

/* PINGs that may come too soon in a row. */
#define KEEPALIVE_STRIKES 2

/*
 * How far apart PINGs must be while no call is open, for which there is no
 * need of any.
 */
#define KEEPALIVE_WITHOUT_CALLS (2 * 3600 * CLOCK_SECOND)

void
keepalive_init(struct keepalive *k, int64_t now_us)
{
	*k = (struct keepalive){
		.heard_us = now_us,
		.asked_us = CLOCK_NEVER,
		.pinged_us = INT64_MIN / 2,
	};
}

void
keepalive_heard(struct keepalive *k, int64_t now_us)
{
	k->heard_us = now_us;
	k->asked_us = CLOCK_NEVER;
}

int64_t
keepalive_due(const struct keepalive *k, const struct config_limits *limits)
{
	if (limits->keepalive_time == 0)
		return CLOCK_NEVER;
	if (k->asked_us == CLOCK_NEVER)
		return k->heard_us + limits->keepalive_time * CLOCK_MS;
	return k->asked_us + limits->keepalive_timeout * CLOCK_MS;
}

enum keepalive_turn
keepalive_tick(struct keepalive *k, const struct config_limits *limits,
    int64_t now_us)
{
	if (now_us < keepalive_due(k, limits))
		return KEEPALIVE_WELL;
	if (k->asked_us != CLOCK_NEVER)
		return KEEPALIVE_GONE;
	k->asked_us = now_us;
	return KEEPALIVE_ASK;
}

bool
keepalive_pinged(struct keepalive *k, const struct config_limits *limits,
    int64_t now_us, bool calls_open)
{
	int64_t least_us = limits->keepalive_min_time * CLOCK_MS;
	int64_t since_us = now_us - k->pinged_us;

	if (!calls_open && !limits->keepalive_permit_without_calls)
		least_us = KEEPALIVE_WITHOUT_CALLS;
	k->pinged_us = now_us;
	if (k->excused) {
		k->excused = false;
		k->strikes = 0;
	} else if (since_us < least_us) {
		k->strikes++;
	}
	return k->strikes <= KEEPALIVE_STRIKES;
}
