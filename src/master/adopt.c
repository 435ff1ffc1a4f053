/*
 * adopt.c - while a slot has no worker, another accepts on its sockets
 *
 * Runs in the master.  The kernel goes on to hand connections to the sockets of
 * a worker that died, and there they would wait until it is replaced, which
 * takes up to half a minute where it keeps dying.  So a serving worker gets
 * them too.  It may die as well; where there is but one worker, clients wait.
 */
#include <config.h>

#include "master/adopt.h"

#include <stddef.h>

#include "base/log.h"
#include "master/child.h"
#include "master/generation.h"
#include "master/slots.h"
#include "master/state.h"

/* The next that serves, so that several empty slots go to several workers. */
static struct child *
find_adopter(const struct generation *g, unsigned slot)
{
	for (unsigned i = 1; i < g->n_children; i++) {
		struct child *c = &g->children[(slot + i) % g->n_children];

		if (c->state == CHILD_SERVING)
			return c;
	}
	return NULL;
}

static void
give_away(struct master *m, struct child *c)
{
	const struct generation *g = c->generation;
	const struct slot_socket *socket;
	struct child *adopter = find_adopter(g, c->slot);

	c->adopter = adopter;
	if (adopter == NULL)
		return;
	log_info("worker %u (pid %d) accepts for worker %u meanwhile",
	    adopter->slot, (int)adopter->pid, c->slot);
	for (size_t i = 0; i < g->config->n_listeners; i++) {
		const struct address *a =
		    &g->config->listeners[i].d.address.address;

		if (address_is_unix(a)) /* all workers have that socket */
			continue;
		socket = slots_find(&m->slots, c->slot, a);
		if (socket != NULL)
			child_tell(adopter, MESSAGE_ADOPT,
			    CHANNEL_ADOPT(c->slot, i), socket->fd);
	}
}

static void
take_back(struct child *c)
{
	child_tell(c->adopter, MESSAGE_RELEASE, c->slot, -1);
	c->adopter = NULL;
}

void
adopt_settle(struct master *m)
{
	struct generation *g = m->serving;

	if (g == NULL || g->state != GENERATION_SERVING)
		return;
	for (unsigned i = 0; i < g->n_children; i++) {
		struct child *c = &g->children[i];

		if (c->adopter != NULL && c->adopter->state != CHILD_SERVING)
			c->adopter = NULL;
		if (c->state == CHILD_SERVING && c->adopter != NULL)
			take_back(c);
		else if (c->state != CHILD_SERVING && c->adopter == NULL)
			give_away(m, c);
	}
}

bool
adopt_has(const struct child *c, unsigned slot)
{
	return c->generation->children[slot].adopter == c;
}
