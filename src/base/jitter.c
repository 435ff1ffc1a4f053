/*
 * jitter.c - a generator of numbers for each process
 *
 * A child does not go on where its parent was: two workers that had the same
 * numbers would do at once what jitter is there to spread.
 */
#include <config.h>

#include "base/jitter.h"

#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mix.h"

uint64_t
jitter_number(void)
{
	static uint64_t state;
	static pid_t begun_by;

	if (begun_by != getpid()) {
		begun_by = getpid();
		state += (uint64_t)clock_now_us() << 20 | (uint64_t)begun_by;
		/* Early in a boot there may be nothing; then that must do. */
		(void)!getrandom(&state, sizeof(state), GRND_NONBLOCK);
	}
	state += UINT64_C(0x9e3779b97f4a7c15);
	return mix(state);
}

int64_t
jitter(int64_t value, int percent)
{
	int64_t spread = value / 100 * percent;

	if (spread <= 0)
		return value;
	return value - spread +
	       (int64_t)(jitter_number() % (2 * (uint64_t)spread + 1));
}
