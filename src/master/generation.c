/*
 * generation.c - the workers made from one reading of the config
 *
 * Runs in the master.
 */
#include <config.h>

#include "master/generation.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/cpus.h"
#include "base/log.h"
#include "master/adopt.h"
#include "master/limits.h"
#include "master/logs.h"
#include "master/modules.h"
#include "master/slots.h"
#include "master/state.h"

/*
 * The CPUs to pin to; an empty set where cpu_affinity is off.  Those of a list
 * were found to be allowed when the config was read.
 */
static bool
choose_cpus(const struct config *config, cpu_set_t *ret_set,
    struct config_messages *errors)
{
	const struct config_cpus *cpus = &config->main.cpu_affinity;

	CPU_ZERO(ret_set);
	if (cpus->kind == CONFIG_CPUS_LIST)
		*ret_set = cpus->set;
	if (cpus->kind != CONFIG_CPUS_AUTO || cpus_allowed(ret_set))
		return true;
	config_message(errors, NULL, 0, "cannot ask for the CPUs: %s",
	    strerror(errno));
	return false;
}

static bool
generation_make_children(struct generation *g, struct config_messages *errors)
{
	int64_t workers = g->config->main.workers;
	cpu_set_t cpus;

	if (!choose_cpus(g->config, &cpus, errors))
		return false;
	if (workers == 0)
		workers = cpus_usable();
	g->n_children = (unsigned)(workers < SLOTS_MAX ? workers : SLOTS_MAX);
	limits_settle(g->config, g->n_children);
	g->children = calloc(g->n_children, sizeof(*g->children));
	if (g->children == NULL) {
		config_message(errors, NULL, 0, "out of memory");
		return false;
	}
	for (unsigned i = 0; i < g->n_children; i++)
		child_init(&g->children[i], g, i, cpus_of_slot(&cpus, i));
	return true;
}

static void
generation_free(struct generation *g)
{
	if (g->log != -1)
		close(g->log);
	modules_close(g->config, &g->modules);
	free(g->children);
	expiries_free(&g->expiries);
	config_free(&g->config);
	free(g);
}

struct generation *
generation_new(struct master *m, struct config *config,
    struct config_messages *errors)
{
	struct generation *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		config_message(errors, NULL, 0, "out of memory");
		config_free(&config);
		return NULL;
	}
	g->state = GENERATION_STARTING;
	g->config = config;
	g->log = -1;
	if (!logs_open(g, errors) || !generation_make_children(g, errors) ||
	    (g->modules = modules_open(config, errors)) == NULL) {
		generation_free(g);
		return NULL;
	}
	g->number = ++m->last_number;
	g->older = m->generations;
	m->generations = g;
	return g;
}

/* From each state to any that comes after it. */
static void
generation_set_state(struct generation *g, enum generation_state to)
{
	ENSURE(to > g->state);
	g->state = to;
}

bool
generation_advance(struct master *m, struct generation *g,
    struct config_messages *errors)
{
	struct child *c;

	for (unsigned i = 0; i < g->n_begun; i++) {
		c = &g->children[i];
		if (c->state == CHILD_NONE || c->state == CHILD_STOPPING) {
			config_message(errors, NULL, 0, "worker %u %s", i,
			    c->why);
			return false;
		}
	}
	while (g->n_begun < g->n_children) {
		if (g->n_begun > 0 &&
		    g->children[g->n_begun - 1].state == CHILD_BINDING)
			return true;
		c = &g->children[g->n_begun++];
		if (!child_start(m, c)) {
			config_message(errors, NULL, 0, "worker %u %s", c->slot,
			    c->why);
			return false;
		}
	}
	return true;
}

bool
generation_ready(const struct generation *g)
{
	for (unsigned i = 0; i < g->n_children; i++)
		if (g->children[i].state != CHILD_READY)
			return false;
	return true;
}

void
generation_serve(struct generation *g)
{
	generation_set_state(g, GENERATION_SERVING);
	g->served = true;
	for (unsigned i = 0; i < g->n_children; i++)
		child_go(&g->children[i]);
}

/* Does the generation have a listener of that address in that slot? */
static bool
generation_needs(const struct generation *g, unsigned slot,
    const struct address *a)
{
	if (slot >= g->n_children)
		return false;
	for (size_t i = 0; i < g->config->n_listeners; i++)
		if (address_equal(&g->config->listeners[i].d.address.address,
			a))
			return true;
	return false;
}

/* Are there sockets of the slot that `next` does not need? */
static bool
slot_leaves(const struct generation *g, unsigned slot,
    const struct generation *next)
{
	for (size_t i = 0; i < g->config->n_listeners; i++)
		if (next == NULL ||
		    !generation_needs(next, slot,
			&g->config->listeners[i].d.address.address))
			return true;
	return false;
}

/* Do sockets on which the child accepts leave with it? */
static bool
sockets_leave(const struct child *c, const struct generation *next)
{
	const struct generation *g = c->generation;

	for (unsigned slot = 0; slot < g->n_children; slot++)
		if ((slot == c->slot || adopt_has(c, slot)) &&
		    slot_leaves(g, slot, next))
			return true;
	return false;
}

void
generation_rest(struct generation *g)
{
	generation_set_state(g, GENERATION_RESTING);
	for (unsigned i = 0; i < g->n_children; i++)
		child_retire(&g->children[i], false);
}

void
generation_retire(struct master *m, struct generation *g,
    const struct generation *next)
{
	generation_set_state(g, GENERATION_LEAVING);
	/*
	 * The master lets go first: what a leaving worker then accepts to the
	 * end and closes is closed, and no client waits where nobody accepts.
	 */
	generations_trim(m);
	for (unsigned i = 0; i < g->n_children; i++)
		child_retire(&g->children[i],
		    sockets_leave(&g->children[i], next));
}

static bool
generation_gone(const struct generation *g)
{
	if (g->state != GENERATION_LEAVING)
		return false;
	for (unsigned i = 0; i < g->n_children; i++)
		if (g->children[i].state != CHILD_NONE)
			return false;
	return true;
}

static void
generation_hurry(struct generation *g, int64_t most)
{
	g->hurried = true;
	log_warn("generation %u has to hurry: %" PRId64 " newer ones drain "
		 "already (max_old_generations)",
	    g->number, most);
	for (unsigned i = 0; i < g->n_children; i++)
		child_hurry(&g->children[i]);
}

void
generations_hurry(struct master *m, int64_t most)
{
	int64_t n = 0;

	for (struct generation *g = m->generations; g != NULL; g = g->older) {
		if (g->state != GENERATION_LEAVING || !g->served ||
		    g->hurried || generation_gone(g))
			continue;
		if (++n > most)
			generation_hurry(g, most);
	}
}

void
generation_stop(struct generation *g)
{
	if (g->state != GENERATION_LEAVING)
		generation_set_state(g, GENERATION_LEAVING);
	for (unsigned i = 0; i < g->n_children; i++)
		child_stop(&g->children[i]);
}

void
generations_sweep(struct master *m)
{
	struct generation **at = &m->generations, *g;
	enum log_level level;
	unsigned number;

	while ((g = *at) != NULL) {
		if (!generation_gone(g)) {
			at = &g->older;
			continue;
		}
		*at = g->older;
		if (m->serving == g)
			m->serving = NULL;
		level = g->served ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
		number = g->number;
		generation_free(g);
		log_write(level, "generation %u has left", number);
	}
}

static bool
is_needed(const void *arg, unsigned slot, const struct address *a)
{
	const struct master *m = arg;

	for (const struct generation *g = m->generations; g != NULL;
	     g = g->older)
		if (g->state != GENERATION_LEAVING &&
		    generation_needs(g, slot, a))
			return true;
	return false;
}

void
generations_trim(struct master *m)
{
	slots_trim(&m->slots, is_needed, m);
}
