/*
 * spawn.c - how the master makes a process
 *
 * Runs in the master up to fork, and in the child from there until worker_main
 * takes over.  The child keeps what its heritage names and nothing else.
 */
#include <config.h>

#include "master/spawn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "master/child.h"
#include "master/daemon.h"
#include "master/generation.h"
#include "master/pulse.h"
#include "master/state.h"
#include "proc/channel.h"
#include "proc/heritage.h"
#include "stats/stats.h"

void
spawn_settle(const sigset_t *mask, const int *fds, size_t n)
{
	heritage_keep(fds, n);
	sigprocmask(SIG_SETMASK, mask, NULL);
}

/* All descriptors of a heritage; the array is the caller's to free. */
static int *
heritage_descriptors(const struct heritage *h, size_t *ret_n)
{
	size_t n = 0;
	int *fds = calloc(2 + h->config->n_listeners + h->config->n_modules,
	    sizeof(*fds));

	if (fds == NULL)
		return NULL;
	fds[n++] = h->channel;
	fds[n++] = h->log;
	for (size_t i = 0; i < h->config->n_listeners; i++)
		if (h->sockets[i] >= 0)
			fds[n++] = h->sockets[i];
	for (size_t i = 0; i < h->config->n_modules; i++)
		fds[n++] = h->modules[i];
	*ret_n = n;
	return fds;
}

/* The life of the new process. */
_Noreturn static void
become_worker(struct master *m, const struct heritage *h)
{
	size_t n = 0;
	int *fds = heritage_descriptors(h, &n);

	if (fds == NULL)
		log_fatal("out of memory");
	spawn_settle(&m->mask, fds, n);
	free(fds);
	if (m->caller != -1)
		daemon_let_go(h->log);
	exit(m->options->worker_main(h));
}

static bool
why_not(struct child *c, const char *what)
{
	snprintf(c->why, sizeof(c->why), "cannot be started: %s: %s", what,
	    strerror(errno));
	return false;
}

bool
spawn_binds_only(struct master *m, const struct address *a)
{
	return m->serving != NULL && slots_know(&m->slots, a);
}

/* The socket of an address, or what the worker does to have one. */
static int
inherit(struct master *m, unsigned slot, const struct address *a)
{
	const struct slot_socket *socket = slots_find(&m->slots, slot, a);

	if (socket != NULL)
		return socket->fd;
	return spawn_binds_only(m, a) ? HERITAGE_BIND : HERITAGE_LISTEN;
}

/* Forks; the pair of channels is open. */
static bool
fork_worker(struct master *m, struct child *c, const int pair[2], int *sockets)
{
	const struct generation *g = c->generation;
	struct heritage h = { .config = g->config,
		.generation = g->number,
		.slot = c->slot,
		.n_workers = g->n_children,
		.cpu = c->cpu,
		.channel = pair[1],
		.log = g->log,
		.sockets = sockets,
		.modules = g->modules,
		.tickets = m->tickets,
		.all_stats = m->stats,
		.pulse_ms = pulse_ms(g->config) };

	for (size_t i = 0; i < g->config->n_listeners; i++)
		sockets[i] = inherit(m, c->slot,
		    &g->config->listeners[i].d.address.address);
	h.stats = stats_take(m->stats, c->slot);
	if (h.stats == NULL) {
		errno = ENOSPC;
		return why_not(c, "too many workers at once");
	}
	c->pid = fork();
	if (c->pid == 0)
		become_worker(m, &h);
	if (c->pid == -1) {
		c->pid = 0;
		stats_give(m->stats, c->slot, h.stats);
		return why_not(c, "fork");
	}
	c->stats = h.stats;
	c->channel = pair[0];
	return true;
}

bool
spawn_worker(struct master *m, struct child *c)
{
	int *sockets =
	    calloc(c->generation->config->n_listeners, sizeof(*sockets));
	int pair[2];
	bool forked;

	if (sockets == NULL)
		return why_not(c, "sockets");
	if (channel_pair(pair) == -1) {
		free(sockets);
		return why_not(c, "socket pair");
	}
	forked = fork_worker(m, c, pair, sockets);
	close(pair[1]);
	if (!forked)
		close(pair[0]);
	free(sockets);
	return forked;
}
