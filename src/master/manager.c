/*
 * manager.c - what the service manager hears of the master's life
 *
 * Runs in the master.  Where no manager listens none of it costs anything.
 */
#include <config.h>

#include "master/manager.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "master/generation.h"
#include "master/pulse.h"
#include "master/state.h"
#include "proc/notify.h"
#include "stats/stats.h"

#define STATUS_MAX 480
#define STATUS_US (10 * CLOCK_SECOND)

struct line {
	char text[STATUS_MAX];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void
line_add(struct line *line, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line->text + line->len, sizeof(line->text) - line->len,
	    fmt, args);
	va_end(args);
	line->len += (size_t)n;
	if (line->len >= sizeof(line->text))
		line->len = sizeof(line->text) - 1;
}

struct sums {
	unsigned serve, drain; /* workers; generations */
	uint64_t connections, calls_open, calls_total;
};

static void
sum_generation(const struct generation *g, struct sums *sums)
{
	bool drains = false;

	for (unsigned i = 0; i < g->n_children; i++) {
		const struct child *c = &g->children[i];

		sums->serve += c->state == CHILD_SERVING;
		drains = drains || c->state == CHILD_DRAINING;
		if (c->stats == NULL)
			continue;
		sums->connections += c->stats->connections;
		sums->calls_open += c->stats->calls_open;
		sums->calls_total += c->stats->calls_total;
	}
	sums->drain += drains && g->state == GENERATION_LEAVING;
}

static struct sums
sum_all(const struct master *m)
{
	struct sums sums = { 0 };

	for (struct generation *g = m->generations; g != NULL; g = g->older)
		sum_generation(g, &sums);
	for (unsigned slot = 0; slot < SLOTS_MAX; slot++)
		sums.calls_total += stats_totals(m->stats, slot)->calls_total;
	return sums;
}

/* "generation 3: 4 of 4 workers serve; 12 connections, 3 calls open, ..." */
static void
line_fill(struct line *line, const struct master *m)
{
	struct sums sums = sum_all(m);

	line->len = 0;
	if (m->serving->state == GENERATION_RESTING)
		line_add(line, "generation %u: its workers were sent away",
		    m->serving->number);
	else
		line_add(line, "generation %u: %u of %u workers serve",
		    m->serving->number, sums.serve, m->serving->n_children);
	line_add(line,
	    "; %" PRIu64 " connections, %" PRIu64 " calls open, %" PRIu64
	    " calls so far",
	    sums.connections, sums.calls_open, sums.calls_total);
	if (sums.drain > 0)
		line_add(line, "; %u old generation%s drain%s", sums.drain,
		    sums.drain == 1 ? "" : "s", sums.drain == 1 ? "s" : "");
	if (m->manager.trouble[0] != '\0')
		line_add(line, "; reload failed: %s", m->manager.trouble);
}

static void
tell_ready(struct master *m)
{
	struct line line;

	if (!notify_is_wanted())
		return;
	line_fill(&line, m);
	notify_ready(line.text);
	m->manager.status_us = clock_now_us() + STATUS_US;
}

void
manager_ready(struct master *m)
{
	m->manager.trouble[0] = '\0';
	tell_ready(m);
}

void
manager_reloading(struct master *m)
{
	(void)m;
	notify_reloading("reloading");
}

void
manager_reload_failed(struct master *m, const struct config_messages *errors)
{
	snprintf(m->manager.trouble, sizeof(m->manager.trouble), "%s",
	    errors->n > 0 ? errors->text[0] : "see the log");
	tell_ready(m);
}

void
manager_stopping(struct master *m, int64_t takes_ms)
{
	m->manager.status_us = CLOCK_NEVER;
	notify_stopping("stopping", takes_ms);
}

static bool
has_status(const struct master *m)
{
	return m->phase == MASTER_RUNNING && m->reload.phase == RELOAD_IDLE &&
	       notify_is_wanted();
}

void
manager_beat(struct master *m)
{
	int64_t now = clock_now_us();
	struct line line;

	if (has_status(m) && now >= m->manager.status_us) {
		line_fill(&line, m);
		notify_status(line.text);
		m->manager.status_us = now + STATUS_US;
	}
	if (now >= notify_due_us())
		notify_beat(now, pulse_is_fresh(m, notify_watchdog_us()));
}

int64_t
manager_due_us(const struct master *m)
{
	int64_t due = notify_due_us();

	if (has_status(m) && m->manager.status_us < due)
		due = m->manager.status_us;
	return due;
}
