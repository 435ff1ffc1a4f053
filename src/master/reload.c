/*
 * reload.c - how the master comes to its next generation
 *
 * Runs in the master.  Each phase waits for something; reload_step asks whether
 * it has come.  reload_commit is the point of no return.
 */
#include <config.h>

#include "master/reload.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/daemon.h"
#include "master/expiry.h"
#include "master/generation.h"
#include "master/listeners.h"
#include "master/logs.h"
#include "master/probe.h"
#include "master/state.h"

/*
 * How long a new address may be busy: a predecessor that is just leaving still
 * has it.
 */
#define PATIENCE_US (2500 * CLOCK_MS)
#define PROBE_EVERY_US (50 * CLOCK_MS)

static void
log_errors(const struct config_messages *errors, const char *head)
{
	for (size_t i = 0; i < errors->n; i++)
		log_error("%s%s", head, errors->text[i]);
}

/* The next generation, or what there is of it, goes without a trace. */
static void
reload_undo(struct master *m)
{
	struct reload *r = &m->reload;

	check_cancel(&r->check);
	pidfile_close(&r->pidfile);
	if (r->next != NULL) {
		generation_stop(r->next);
		generations_trim(m);
	}
	r->next = NULL;
	r->phase = RELOAD_IDLE;
	config_messages_free(&r->errors);
}

/*
 * Tells whoever waits at the control socket: the errors, if any, and the last
 * line.
 */
__attribute__((format(printf, 2, 3))) static void
tell_waiting(struct master *m, const char *fmt, ...)
{
	const struct config_messages *errors = &m->reload.errors;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	va_list args;

	if (out == NULL)
		return;
	for (size_t i = 0; i < errors->n; i++)
		fprintf(out, "%s\n", errors->text[i]);
	va_start(args, fmt);
	vfprintf(out, fmt, args);
	va_end(args);
	if (fclose(out) == 0)
		control_tell(&m->control, CONTROL_RELOADED, m->reload.attempt,
		    text);
	free(text);
}

static int
reload_took_ms(const struct reload *r)
{
	return (int)((clock_now_us() - r->began_us) / CLOCK_MS);
}

/* The start has failed: told to whoever started us, and to the log. */
static void
start_fail(struct master *m)
{
	struct reload *r = &m->reload;

	log_errors(&r->errors, "");
	if (r->next != NULL &&
	    strcmp(r->next->config->main.error_log, "stderr") != 0 &&
	    logs_use(m, r->next, &r->errors))
		log_errors(&r->errors, "");
	reload_undo(m);
	m->status = EXIT_FAILURE;
	master_stop(m);
}

static void
reload_fail(struct master *m)
{
	const char *goes_on;

	if (m->phase == MASTER_STARTING) {
		start_fail(m);
		return;
	}
	goes_on = m->serving->state == GENERATION_SERVING
		      ? "serves on"
		      : "has no workers: they were sent away";
	if (!m->reload.rehearsal) {
		log_errors(&m->reload.errors, "reload: ");
		manager_reload_failed(m, &m->reload.errors);
	}
	tell_waiting(m, "error reload %s; generation %u %s\n",
	    m->reload.rehearsal ? "would fail" : "failed", m->serving->number,
	    goes_on);
	reload_undo(m);
	if (!m->reload.rehearsal)
		log_error("reload failed after %d ms; generation %u %s",
		    reload_took_ms(&m->reload), m->serving->number, goes_on);
}

/* Takes the config over. */
static void
reload_with(struct master *m, struct config *config)
{
	struct reload *r = &m->reload;
	struct check_subject subject = { .main = m->options->checker_main,
		.mask = &m->mask };

	r->next = generation_new(m, config, &r->errors);
	if (r->next == NULL) {
		reload_fail(m);
		return;
	}
	subject.config = r->next->config;
	subject.modules = r->next->modules;
	if ((!r->rehearsal && !pidfile_is(&m->pidfile, config->main.pid_file) &&
		!pidfile_open(&r->pidfile, config->main.pid_file,
		    &r->errors)) ||
	    !check_start(&r->check, &subject, &r->errors)) {
		reload_fail(m);
		return;
	}
	r->phase = RELOAD_CHECKING;
}

void
reload_first(struct master *m, struct config *config)
{
	m->reload.began_us = clock_now_us();
	reload_with(m, config);
}

static void
reload_begin(struct master *m)
{
	struct reload *r = &m->reload;
	struct config *config;

	r->attempt++;
	r->began_us = clock_now_us();
	if (!r->rehearsal)
		manager_reloading(m);
	log_notice("reload %s: %s", r->rehearsal ? "is rehearsed" : "begins",
	    m->options->source.file);
	config = config_load(&m->options->source, &r->errors);
	if (config == NULL) {
		reload_fail(m);
		return;
	}
	if (config->main.daemon != m->serving->config->main.daemon)
		log_warn("daemon has changed: that takes a restart");
	reload_with(m, config);
}

void
reload_request(struct master *m)
{
	if (m->phase == MASTER_QUITTING || m->phase == MASTER_STOPPING) {
		log_warn("no reload: the server stops");
	} else if (m->reload.phase != RELOAD_IDLE) {
		m->reload.again = true;
		log_notice("the reload comes when the present one is over");
	} else {
		m->reload.rehearsal = false;
		reload_begin(m);
	}
}

void
reload_rehearse(struct master *m)
{
	m->reload.rehearsal = true;
	reload_begin(m);
}

void
reload_abandon(struct master *m, const char *why)
{
	m->reload.again = false;
	if (m->reload.phase == RELOAD_IDLE)
		return;
	log_notice("%s abandoned: %s",
	    m->phase == MASTER_STARTING ? "start" : "reload", why);
	m->reload.attempt++; /* with those who wait for the next */
	tell_waiting(m, "error reload abandoned: %s\n", why);
	reload_undo(m);
	if (m->phase == MASTER_RUNNING)
		manager_ready(m);
}

/* Of each phase: true if it has come to another. */
typedef bool step_fn(struct master *m);

static bool
step_checking(struct master *m)
{
	struct reload *r = &m->reload;
	int64_t now = clock_now_us();

	if (now >= r->check.due_us)
		check_due(&r->check);
	if (check_running(&r->check))
		return false;
	if (!check_finish(&r->check, &r->errors)) {
		reload_fail(m);
		return true;
	}
	r->next->expiries = r->check.expiries;
	r->check.expiries = (struct expiries){ NULL, 0 };
	r->phase = RELOAD_PROBING;
	r->probe_us = now;
	r->patient_us = now + PATIENCE_US;
	return true;
}

/* The end of a rehearsal that went well. */
static void
tell_changes(struct master *m)
{
	char *text = NULL;
	size_t len, n;
	FILE *out = open_memstream(&text, &len);

	if (out != NULL) {
		n = config_diff(m->serving->config, m->reload.next->config,
		    out);
		if (fclose(out) == 0)
			tell_waiting(m,
			    "%sok a reload would change %zu thing%s\n", text, n,
			    n == 1 ? "" : "s");
		free(text);
	}
	reload_undo(m);
}

static bool
step_probing(struct master *m)
{
	struct reload *r = &m->reload;
	struct probe probe = { .config = r->next->config,
		.known = &m->slots,
		.clean = !r->rehearsal,
		.ours = getpid() };
	int64_t now = clock_now_us();
	enum listening_use use;

	if (now < r->probe_us)
		return false;
	use = probe_listeners(&probe, &r->errors);
	if (use == LISTENING_BUSY && now < r->patient_us) {
		config_messages_free(&r->errors);
		r->probe_us = now + PROBE_EVERY_US;
		return false;
	}
	if (use != LISTENING_FREE)
		reload_fail(m);
	else if (r->rehearsal)
		tell_changes(m);
	else
		r->phase = RELOAD_STARTING;
	return true;
}

/* "127.0.0.1:50051, unix:/run/grpcd/grpcd.sock" */
static void
list_addresses(const struct config *config, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < config->n_listeners && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s",
		    i == 0 ? "" : ", ", config->listeners[i].d.address.text);
}

static void
reload_log_success(const struct master *m)
{
	const struct generation *g = m->serving;
	char addresses[1024];

	list_addresses(g->config, addresses, sizeof(addresses));
	if (m->phase == MASTER_STARTING)
		log_notice("grpcd %s ready: %u worker%s, listening on %s",
		    PACKAGE_VERSION, g->n_children,
		    g->n_children == 1 ? "" : "s", addresses);
	else
		log_notice("reload done in %d ms: generation %u, %u worker%s, "
			   "listening on %s",
		    reload_took_ms(&m->reload), g->number, g->n_children,
		    g->n_children == 1 ? "" : "s", addresses);
}

static void
reload_commit(struct master *m)
{
	struct reload *r = &m->reload;
	struct generation *old = m->serving;

	if (r->pidfile.path != NULL) {
		pidfile_close(&m->pidfile);
		m->pidfile = r->pidfile;
		r->pidfile = (struct pidfile)PIDFILE_INIT;
	}
	m->serving = r->next;
	r->next = NULL;
	r->phase = RELOAD_IDLE;
	if (old != NULL)
		listeners_adjust(&m->slots, m->serving->n_children, old->config,
		    m->serving->config);
	generation_serve(m->serving);
	if (old != NULL) {
		generation_retire(m, old, m->serving);
		generations_hurry(m,
		    m->serving->config->main.max_old_generations);
	}
	reload_log_success(m);
	expiry_begin(m);
	tell_waiting(m, "ok generation %u serves: %u worker%s\n",
	    m->serving->number, m->serving->n_children,
	    m->serving->n_children == 1 ? "" : "s");
	m->phase = MASTER_RUNNING;
	if (m->caller != -1)
		daemon_succeed(&m->caller, m->log);
	manager_ready(m);
}

static bool
step_starting(struct master *m)
{
	struct reload *r = &m->reload;
	struct generation *g = r->next;

	if (!generation_advance(m, g, &r->errors)) {
		reload_fail(m);
		return true;
	}
	if (!generation_ready(g))
		return false;
	if ((r->pidfile.path != NULL &&
		!pidfile_write(&r->pidfile, &r->errors)) ||
	    !listeners_begin(&m->slots, g->n_children, g->config, &r->errors) ||
	    !control_open(&m->control, g->config->main.control_socket,
		&r->errors) ||
	    !logs_use(m, g, &r->errors))
		reload_fail(m);
	else
		reload_commit(m);
	return true;
}

static bool
step_idle(struct master *m)
{
	if (!m->reload.again)
		return false;
	m->reload.again = false;
	m->reload.rehearsal = false;
	reload_begin(m);
	return true;
}

void
reload_step(struct master *m)
{
	static step_fn *const steps[RELOAD_PHASES] = {
		[RELOAD_IDLE] = step_idle,
		[RELOAD_CHECKING] = step_checking,
		[RELOAD_PROBING] = step_probing,
		[RELOAD_STARTING] = step_starting,
	};

	while (steps[m->reload.phase](m))
		;
}

int64_t
reload_due_us(const struct master *m)
{
	const struct reload *r = &m->reload;

	if (r->phase == RELOAD_CHECKING)
		return r->check.due_us;
	return r->phase == RELOAD_PROBING ? r->probe_us : CLOCK_NEVER;
}
