/*
 * expiry.c - when the files of TLS end, as the checker told
 *
 * Runs in the master, and in `grpcd -t`.
 */
#include <config.h>

#include "master/expiry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "master/generation.h"
#include "master/state.h"

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

bool
expiries_take(struct expiries *e, size_t n_listeners, const char *line)
{
	struct expiry one = { .directive = NULL }, *more;
	int at = 0;

	if (sscanf(line, "%zu %" SCNd64 " %" SCNd64 " %ms %n", &one.listener,
		&one.ends_s, &one.warns_s, &one.directive, &at) != 4 ||
	    one.listener >= n_listeners) {
		free(one.directive);
		return false;
	}
	one.path = strdup(line + at);
	more = reallocarray(e->v, e->n + 1, sizeof(*e->v));
	if (one.path == NULL || more == NULL)
		log_fatal("out of memory");
	e->v = more;
	e->v[e->n++] = one;
	return true;
}

void
expiries_free(struct expiries *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->v[i].directive);
		free(e->v[i].path);
	}
	free(e->v);
	*e = (struct expiries){ NULL, 0 };
}

/* What comes of it when that directive's file has ended. */
static const char *
effect_of(const char *directive)
{
	static const struct {
		const char *directive, *effect;
	} effects[] = {
		{ "certificate", "clients refuse it" },
		{ "client_ca", "clients whose certificates are by it are"
			       " refused" },
		{ "crl", "every client of its CA is refused" },
	};

	for (size_t i = 0; i < sizeof(effects) / sizeof(*effects); i++)
		if (strcmp(effects[i].directive, directive) == 0)
			return effects[i].effect;
	return "it is of no use";
}

/* "1 day", "9 days" in the largest unit of which there are two. */
static void
format_span(int64_t s, char out[EXPIRY_TEXT])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { DAY, "day" }, { HOUR, "hour" }, { MINUTE, "minute" },
		{ 1, "second" } };
	size_t i = 0;
	int64_t n;

	while (i < 3 && s < 2 * units[i].seconds)
		i++;
	n = s / units[i].seconds;
	snprintf(out, EXPIRY_TEXT, "%" PRId64 " %s%s", n, units[i].name,
	    n == 1 ? "" : "s");
}

const char *
expiry_format(const struct expiry *e, int64_t now_s, char out[EXPIRY_TEXT])
{
	char span[EXPIRY_TEXT], date[32];
	time_t ends = e->ends_s;
	struct tm tm;

	gmtime_r(&ends, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &tm);
	format_span(e->ends_s - now_s, span);
	if (now_s >= e->ends_s)
		snprintf(out, EXPIRY_TEXT, "has expired at %s", date);
	else
		snprintf(out, EXPIRY_TEXT, "expires in %.30s, at %s", span,
		    date);
	return out;
}

bool
expiry_is_near(const struct expiry *e, int64_t now_s)
{
	return now_s >= e->ends_s || now_s > e->warns_s;
}

static void
warn_of(const struct expiry *e, const struct config *config, int64_t now_s)
{
	const struct config_tls *tls = &config->listeners[e->listener].tls;
	char text[EXPIRY_TEXT];

	if (!expiry_is_near(e, now_s))
		return;
	expiry_format(e, now_s, text);
	if (now_s >= e->ends_s)
		log_warn("%s:%d: %s %s %s: %s", tls->file, tls->line,
		    e->directive, e->path, text, effect_of(e->directive));
	else
		log_warn("%s:%d: %s %s %s (tls_expiry_warning)", tls->file,
		    tls->line, e->directive, e->path, text);
}

int64_t
expiries_warn(const struct expiries *e, const struct config *config,
    int64_t now_s)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < e->n; i++) {
		int64_t times[] = { e->v[i].warns_s + 1, e->v[i].ends_s,
			now_s + DAY };

		warn_of(&e->v[i], config, now_s);
		for (size_t j = 0; j < 3; j++)
			if (times[j] > now_s && times[j] < next)
				next = times[j];
	}
	return next;
}

int64_t
expiry_due_us(const struct master *m)
{
	return m->phase == MASTER_RUNNING ? m->expiry_us : CLOCK_NEVER;
}

void
expiry_begin(struct master *m)
{
	const struct generation *g = m->serving;
	int64_t now_s = time(NULL);
	int64_t next_s = expiries_warn(&g->expiries, g->config, now_s);

	m->expiry_us = next_s == INT64_MAX
			   ? CLOCK_NEVER
			   : clock_now_us() + (next_s - now_s) * CLOCK_SECOND;
}

void
expiry_step(struct master *m)
{
	if (clock_now_us() >= expiry_due_us(m))
		expiry_begin(m);
}
