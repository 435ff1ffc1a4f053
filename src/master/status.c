/*
 * status.c - what the server is doing, for people and for programs
 *
 * Runs in the master.  A walk over generations and their workers; the figures
 * come from the rows that the workers write, and from the totals of the dead.
 */
#include <config.h>

#include "master/status.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "master/generation.h"
#include "master/state.h"
#include "proc/state.h"
#include "stats/stats.h"

/* What there is to say of one worker. */
struct line {
	const struct child *child;
	bool first;
	const char *state;
	uint64_t connections, refused, calls_open, calls_total;
	int64_t state_ends_us; /* of a drain; 0: unknown */
};

static uint64_t
get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static const char *
state_of(const struct child *c)
{
	if (c->stats == NULL)
		return c->due_us == CLOCK_NEVER ? "gone" : "waiting to start";
	if (c->state == CHILD_STOPPING)
		return "stopping";
	return state_word(__atomic_load_n(&c->stats->state, __ATOMIC_RELAXED));
}

/*
 * A slot's dead workers count for the one that serves: the totals of the slots
 * are those of the server.
 */
static struct line
line_of(const struct master *m, const struct child *c)
{
	const struct stats_row *row = c->stats;
	struct line line = { .child = c, .state = state_of(c) };

	if (c->generation == m->serving) {
		const struct stats_row *totals =
		    stats_totals(m->stats, c->slot);

		line.refused = get(&totals->connections_refused);
		line.calls_total = get(&totals->calls_total);
	}
	if (row == NULL)
		return line;
	line.connections = get(&row->connections);
	line.refused += get(&row->connections_refused);
	line.calls_open = get(&row->calls_open);
	line.calls_total += get(&row->calls_total);
	line.state_ends_us =
	    __atomic_load_n(&row->state_ends_us, __ATOMIC_RELAXED);
	return line;
}

static int64_t
uptime_s(const struct master *m)
{
	return (clock_now_us() - m->began_us) / CLOCK_SECOND;
}

/* "1d 2h 3m 4s", from the first that is not 0. */
static void
print_duration(int64_t seconds, FILE *out)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = { { 86400, "d " }, { 3600, "h " }, { 60, "m " } };
	bool begun = false;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		begun |= seconds >= units[i].seconds;
		if (begun)
			fprintf(out, "%" PRId64 "%s",
			    seconds / units[i].seconds, units[i].unit);
		seconds %= units[i].seconds;
	}
	fprintf(out, "%" PRId64 "s", seconds);
}

static void
print_line(const struct master *m, const struct line *line, FILE *out)
{
	const struct child *c = line->child;
	int64_t left_us = line->state_ends_us - clock_now_us();
	char cpu[16] = "-";

	if (c->cpu >= 0)
		snprintf(cpu, sizeof(cpu), "%d", c->cpu);
	fprintf(out,
	    "%6u %8d %4s %10u %11" PRIu64 " %8" PRIu64 " %10" PRIu64
	    " %12" PRIu64 " %8u  %s",
	    c->slot, (int)c->pid, cpu, c->generation->number, line->connections,
	    line->refused, line->calls_open, line->calls_total,
	    m->slots.slots[c->slot].restarts, line->state);
	if (line->state_ends_us != 0 && left_us > 0)
		fprintf(out, ", %" PRId64 " s at most",
		    (left_us + CLOCK_SECOND - 1) / CLOCK_SECOND);
	fputc('\n', out);
}

/* Calls fn for each worker that is, or is to be; newest generation first. */
static void
each_worker(const struct master *m, FILE *out,
    void (*fn)(const struct master *m, const struct line *line, FILE *out))
{
	bool first = true;

	for (struct generation *g = m->generations; g != NULL; g = g->older)
		for (unsigned i = 0; i < g->n_children; i++) {
			const struct child *c = &g->children[i];
			struct line line = line_of(m, c);

			if (c->stats == NULL && g != m->serving)
				continue;
			line.first = first;
			first = false;
			fn(m, &line, out);
		}
}

/* Those that the log warns of. */
static void
print_expiries(const struct master *m, FILE *out)
{
	const struct generation *g = m->serving;
	int64_t now_s = time(NULL);
	char text[EXPIRY_TEXT];

	for (size_t i = 0; g != NULL && i < g->expiries.n; i++) {
		const struct expiry *e = &g->expiries.v[i];

		if (expiry_is_near(e, now_s))
			fprintf(out, "listener \"%s\": %s %s %s\n",
			    g->config->listeners[e->listener].name,
			    e->directive, e->path,
			    expiry_format(e, now_s, text));
	}
}

static unsigned
number_of(const struct master *m)
{
	return m->serving != NULL ? m->serving->number : 0;
}

void
status_print(const struct master *m, FILE *out)
{
	fprintf(out, "grpcd %s, master %d, generation %u, up ", PACKAGE_VERSION,
	    (int)getpid(), number_of(m));
	print_duration(uptime_s(m), out);
	fprintf(out, "\nconfiguration %s\n\n", m->options->source.file);
	fprintf(out, "%6s %8s %4s %10s %11s %8s %10s %12s %8s  %s\n", "worker",
	    "pid", "cpu", "generation", "connections", "refused", "calls open",
	    "calls total", "restarts", "state");
	each_worker(m, out, print_line);
	print_expiries(m, out);
}

static void
print_json_text(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < ' ')
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void
print_json_line(const struct master *m, const struct line *line, FILE *out)
{
	const struct child *c = line->child;

	fprintf(out,
	    "%s{\"slot\":%u,\"pid\":%d,\"cpu\":%d,\"generation\":%u,"
	    "\"state\":\"%s\",\"connections\":%" PRIu64
	    ",\"connections_refused\":%" PRIu64 ",\"calls_open\":%" PRIu64
	    ",\"calls_total\":%" PRIu64 ",\"restarts\":%u}",
	    line->first ? "" : ",", c->slot, (int)c->pid, c->cpu,
	    c->generation->number, line->state, line->connections,
	    line->refused, line->calls_open, line->calls_total,
	    m->slots.slots[c->slot].restarts);
}

static void
print_json_expiries(const struct master *m, FILE *out)
{
	const struct generation *g = m->serving;

	for (size_t i = 0; g != NULL && i < g->expiries.n; i++) {
		const struct expiry *e = &g->expiries.v[i];

		fprintf(out, "%s{\"listener\":", i == 0 ? "" : ",");
		print_json_text(g->config->listeners[e->listener].name, out);
		fputs(",\"directive\":", out);
		print_json_text(e->directive, out);
		fputs(",\"file\":", out);
		print_json_text(e->path, out);
		fprintf(out, ",\"expires_s\":%" PRId64 "}", e->ends_s);
	}
}

void
status_print_json(const struct master *m, FILE *out)
{
	fprintf(out,
	    "{\"generation\":%u,\"master\":%d,\"uptime_s\":%" PRId64
	    ",\"config\":",
	    number_of(m), (int)getpid(), uptime_s(m));
	print_json_text(m->options->source.file, out);
	fputs(",\"workers\":[", out);
	each_worker(m, out, print_json_line);
	fputs("],\"expiries\":[", out);
	print_json_expiries(m, out);
	fputs("]}\n", out);
}
