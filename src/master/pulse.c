/*
 * pulse.c - whether the workers still turn their loops
 *
 * Runs in the master.  A worker writes the time of each turn into its row of
 * the counters, and has a timer that turns the loop of an idle one.  A method
 * that loops or blocks for ever stops that, and all other calls with it.
 */
#include <config.h>

#include "master/pulse.h"

#include "base/clock.h"
#include "master/child.h"
#include "master/generation.h"
#include "master/state.h"
#include "proc/notify.h"
#include "stats/stats.h"

/* Beats, and looks at them, in the time that may pass without one. */
#define BEATS 4

static int64_t
lesser(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

int64_t
pulse_ms(const struct config *config)
{
	int64_t ms = lesser(config->main.worker_timeout,
	    notify_watchdog_us() / CLOCK_MS);

	return ms == 0 ? 0 : ms / BEATS + 1;
}

/* 0: nobody is looked at. */
static int64_t
interval_us(const struct master *m)
{
	int64_t ms = 0;

	for (struct generation *g = m->generations; g != NULL; g = g->older)
		ms = lesser(ms, g->config->main.worker_timeout);
	return ms * CLOCK_MS / BEATS;
}

int64_t
pulse_due_us(const struct master *m)
{
	return interval_us(m) == 0 ? CLOCK_NEVER : m->pulse_us;
}

static bool
is_in_its_loop(const struct child *c)
{
	return c->state == CHILD_READY || c->state == CHILD_SERVING ||
	       c->state == CHILD_DRAINING;
}

static int64_t
silence_us(const struct child *c, int64_t now)
{
	return now - __atomic_load_n(&c->stats->heartbeat_us, __ATOMIC_RELAXED);
}

static void
check_generation(const struct generation *g, int64_t now)
{
	int64_t limit_us = g->config->main.worker_timeout * CLOCK_MS;

	if (limit_us == 0)
		return;
	for (unsigned i = 0; i < g->n_children; i++)
		if (is_in_its_loop(&g->children[i]) &&
		    silence_us(&g->children[i], now) > limit_us)
			child_abort(&g->children[i]);
}

void
pulse_check(struct master *m)
{
	int64_t every = interval_us(m), now = clock_now_us(), late;

	if (every == 0 || now < m->pulse_us)
		return;
	late = now - m->pulse_us;
	m->pulse_us = now + every;
	/* We were stopped, and our workers perhaps with us: they get a turn. */
	if (late > every)
		return;
	for (struct generation *g = m->generations; g != NULL; g = g->older)
		check_generation(g, now);
}

bool
pulse_is_fresh(const struct master *m, int64_t within_us)
{
	int64_t now = clock_now_us();

	for (struct generation *g = m->generations; g != NULL; g = g->older)
		for (unsigned i = 0; i < g->n_children; i++)
			if (is_in_its_loop(&g->children[i]) &&
			    silence_us(&g->children[i], now) > within_us)
				return false;
	return true;
}
