/*
 * master.c - the life of the master: start, loop, end
 *
 * The loop waits for signals, the workers' channels, the checker's answer and
 * the next deadline; whatever comes, it then goes on as far as it can.  Nothing
 * in it blocks, and nothing comes from a client.
 */
#include <config.h>

#include "master/master.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/keyring.h"
#include "base/log.h"
#include "master/daemon.h"
#include "master/generation.h"
#include "master/loop.h"
#include "master/signals.h"
#include "master/state.h"
#include "proc/notify.h"
#include "proc/title.h"
#include "stats/stats.h"

/* Workers of all slots, of this generation, the next, and those that drain. */
#define STATS_ROWS ((size_t)8 * SLOTS_MAX)

/* What a fast stop takes at most: see child_stop. */
#define STOP_MS 3000

void
master_stop(struct master *m)
{
	reload_abandon(m, "the server stops");
	m->phase = MASTER_STOPPING;
	manager_stopping(m, STOP_MS);
	for (struct generation *g = m->generations; g != NULL; g = g->older)
		generation_stop(g);
	generations_trim(m);
}

void
master_quit(struct master *m)
{
	if (m->phase == MASTER_STARTING) {
		master_stop(m);
		return;
	}
	if (m->phase != MASTER_RUNNING)
		return;
	reload_abandon(m, "the server stops");
	m->phase = MASTER_QUITTING;
	manager_stopping(m, config_drain_ms(&m->serving->config->main));
	generation_retire(m, m->serving, NULL);
}

void
master_rest(struct master *m)
{
	if (m->phase != MASTER_RUNNING) {
		log_warn("the workers stay: the server %s",
		    m->phase == MASTER_STARTING ? "starts" : "stops");
		return;
	}
	reload_abandon(m, "the workers go");
	if (m->serving->state == GENERATION_SERVING)
		generation_rest(m->serving);
	log_notice("the workers of generation %u go, the sockets stay; a reload"
		   " brings new workers",
	    m->serving->number);
}

static struct child *
child_of_pid(const struct master *m, pid_t pid)
{
	for (struct generation *g = m->generations; g != NULL; g = g->older)
		for (unsigned i = 0; i < g->n_children; i++)
			if (g->children[i].pid == pid)
				return &g->children[i];
	return NULL;
}

void
master_reap(struct master *m)
{
	struct child *child;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == m->reload.check.pid) {
			check_ended(&m->reload.check, status);
			continue;
		}
		child = child_of_pid(m, pid);
		if (child != NULL)
			child_ended(m, child, status);
		else /* as process 1 of a container we get the orphans */
			log_debug("process %d, not ours, has ended", (int)pid);
	}
}

/* What a start needs before there is a config to speak of; false, told. */
static bool
master_open(struct master *m)
{
	m->signals = signals_open(&m->mask);
	if (m->signals == -1) {
		log_error("cannot open a signalfd: %s", strerror(errno));
		return false;
	}
	m->tickets = keyring_new();
	m->tickets_us = clock_now_us();
	if (m->tickets == NULL) {
		log_error("cannot make the keys of TLS sessions: %s",
		    strerror(errno));
		return false;
	}
	m->stats = stats_new(SLOTS_MAX, STATS_ROWS);
	if (m->stats == NULL) {
		log_error("cannot make the memory of the counters: %s",
		    strerror(errno));
		return false;
	}
	return true;
}

static void
master_close(struct master *m)
{
	slots_trim(&m->slots, NULL, NULL);
	/*
	 * Files go while we hold the lock; who waits hears of the end once the
	 * next server could have it.
	 */
	control_hide(&m->control);
	pidfile_close(&m->pidfile);
	control_tell(&m->control, CONTROL_STOPPED, 0, "ok stopped\n");
	control_close(&m->control);
	if (m->stats != NULL)
		stats_free(&m->stats);
	keyring_free(&m->tickets);
	if (m->signals != -1) {
		close(m->signals);
		sigprocmask(SIG_SETMASK, &m->mask, NULL);
	}
	if (m->caller != -1)
		close(m->caller);
	free(m);
}

/* The server, be it in the foreground or not; returns the exit status. */
static int
master_live(const struct master_options *options, struct config *config,
    int caller)
{
	struct master *m = calloc(1, sizeof(*m));
	int status;

	if (m == NULL)
		log_fatal("out of memory");
	srandom((unsigned)getpid());
	m->options = options;
	m->caller = caller;
	m->log = -1;
	m->pidfile = (struct pidfile)PIDFILE_INIT;
	m->reload.pidfile = (struct pidfile)PIDFILE_INIT;
	m->reload.check = (struct check)CHECK_INIT;
	m->control = (struct control)CONTROL_INIT;
	m->began_us = clock_now_us();
	m->expiry_us = CLOCK_NEVER;
	log_role("master");
	title_set("grpcd: master process %s", config->file);
	if (master_open(m)) {
		reload_first(m, config);
		loop_run(m);
		if (m->status == EXIT_SUCCESS)
			log_notice("stopped");
	} else {
		config_free(&config);
		m->status = EXIT_FAILURE;
	}
	status = m->status;
	master_close(m);
	return status;
}

int
master_run(const struct master_options *options, struct config *config)
{
	int caller = -1, status;

	notify_init();
	if (config->main.daemon && !daemon_begin(&caller, &status)) {
		config_free(&config);
		return status;
	}
	return master_live(options, config, caller);
}
