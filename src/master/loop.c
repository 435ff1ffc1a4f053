/*
 * loop.c - the master waits, and goes on
 *
 * Runs in the master.  What it waits for is few and rarely comes, so the set is
 * made anew for each turn, by a walk over what there is.
 */
#include <config.h>

#include "master/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/adopt.h"
#include "master/expiry.h"
#include "master/generation.h"
#include "master/manager.h"
#include "master/pulse.h"
#include "master/signals.h"
#include "master/state.h"
#include "master/tickets.h"

/*
 * What a turn waits for.  children[i] is who speaks in fds[FIXED + i]; behind
 * them come those of the control socket.
 */
struct turn {
	struct pollfd *fds;
	struct child **children;
	size_t n_children, n_control, room;
	int64_t due_us;
};

enum { FD_SIGNALS, FD_CHECK, FIXED };

static void
turn_grow(struct turn *t)
{
	t->room = t->room * 2 + 16;
	t->fds =
	    realloc(t->fds, (FIXED + t->room + CONTROL_FDS) * sizeof(*t->fds));
	t->children = realloc(t->children, t->room * sizeof(*t->children));
	/* A master that cannot even wait must end; its workers then drain. */
	if (t->fds == NULL || t->children == NULL)
		log_fatal("out of memory");
}

static void
turn_add(struct turn *t, struct child *c)
{
	if (c->due_us < t->due_us)
		t->due_us = c->due_us;
	if (c->channel == -1)
		return;
	if (t->n_children == t->room)
		turn_grow(t);
	t->fds[FIXED + t->n_children].fd = c->channel;
	t->fds[FIXED + t->n_children].events = POLLIN;
	t->children[t->n_children++] = c;
}

static int64_t
sooner(int64_t a_us, int64_t b_us)
{
	return a_us < b_us ? a_us : b_us;
}

static void
turn_prepare(struct turn *t, const struct master *m)
{
	t->n_children = 0;
	t->due_us =
	    sooner(sooner(reload_due_us(m), control_due_us(&m->control)),
		sooner(sooner(pulse_due_us(m), manager_due_us(m)),
		    sooner(tickets_due_us(m), expiry_due_us(m))));
	for (struct generation *g = m->generations; g != NULL; g = g->older)
		for (unsigned i = 0; i < g->n_children; i++)
			turn_add(t, &g->children[i]);
	t->fds[FD_SIGNALS].fd = m->signals;
	t->fds[FD_SIGNALS].events = POLLIN;
	t->fds[FD_CHECK].fd = m->reload.check.pipe;
	t->fds[FD_CHECK].events = POLLIN;
	t->n_control =
	    control_prepare(&m->control, t->fds + FIXED + t->n_children);
}

static void
turn_wait(struct turn *t)
{
	int64_t wait_us = t->due_us - clock_now_us();
	struct timespec wait = { .tv_sec = wait_us / CLOCK_SECOND,
		.tv_nsec = wait_us % CLOCK_SECOND * 1000 };

	if (wait_us <= 0)
		wait = (struct timespec){ 0 };
	if (ppoll(t->fds, FIXED + t->n_children + t->n_control,
		t->due_us == CLOCK_NEVER ? NULL : &wait, NULL) == -1 &&
	    errno != EINTR)
		log_fatal("ppoll: %s", strerror(errno));
}

static void
turn_receive(struct turn *t, struct master *m)
{
	if (t->fds[FD_SIGNALS].revents != 0)
		signals_read(m);
	if (t->fds[FD_CHECK].revents != 0)
		check_read(&m->reload.check);
	for (size_t i = 0; i < t->n_children; i++)
		if (t->fds[FIXED + i].revents != 0)
			child_receive(m, t->children[i]);
	control_step(m, t->fds + FIXED + t->n_children, t->n_control);
}

static void
children_due(struct master *m)
{
	int64_t now = clock_now_us();

	for (struct generation *g = m->generations; g != NULL; g = g->older)
		for (unsigned i = 0; i < g->n_children; i++)
			if (g->children[i].due_us <= now)
				child_due(m, &g->children[i]);
}

static bool
ended(const struct master *m)
{
	return (m->phase == MASTER_QUITTING || m->phase == MASTER_STOPPING) &&
	       m->generations == NULL && !check_running(&m->reload.check);
}

void
loop_run(struct master *m)
{
	struct turn t = { 0 };

	turn_grow(&t);
	for (;;) {
		pulse_check(m);
		children_due(m);
		reload_step(m);
		adopt_settle(m);
		generations_sweep(m);
		manager_beat(m);
		tickets_step(m);
		expiry_step(m);
		if (ended(m))
			break;
		turn_prepare(&t, m);
		turn_wait(&t);
		turn_receive(&t, m);
	}
	free(t.fds);
	free(t.children);
}
