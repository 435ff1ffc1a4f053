/*
 * logs.c - the logs of the generations: opened by the master alone
 *
 * Runs in the master.  A worker has no right to open a log: it is handed the
 * descriptor, by fork and after a reopening over its channel.
 */
#include <config.h>

#include "master/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "master/generation.h"
#include "master/state.h"
#include "proc/channel.h"

/* -1 with an error. */
static int
open_log(const char *target, struct config_messages *errors)
{
	int log = log_open(target);

	if (log == -1)
		config_message(errors, NULL, 0, "cannot open error_log %s: %s",
		    target, strerror(errno));
	return log;
}

bool
logs_open(struct generation *g, struct config_messages *errors)
{
	g->log = open_log(g->config->main.error_log, errors);
	return g->log != -1;
}

bool
logs_use(struct master *m, const struct generation *g,
    struct config_messages *errors)
{
	int log = fcntl(g->log, F_DUPFD_CLOEXEC, 3);

	if (log == -1) {
		config_message(errors, NULL, 0,
		    "cannot duplicate the log's descriptor: %s",
		    strerror(errno));
		return false;
	}
	log_use(log, g->config->main.error_log, g->config->main.log_level);
	if (m->log != -1)
		close(m->log);
	m->log = log;
	/* Nobody else listens to the standard error of a daemon. */
	if (m->phase != MASTER_STARTING && g->config->main.daemon)
		dup2(log, STDERR_FILENO);
	return true;
}

/* The new log takes the place of the old one, in the same descriptor. */
static bool
reopen(struct generation *g, struct config_messages *errors)
{
	int log = open_log(g->config->main.error_log, errors);

	if (log == -1)
		return false;
	if (dup3(log, g->log, O_CLOEXEC) == -1) {
		config_message(errors, NULL, 0,
		    "cannot replace the log's descriptor: %s", strerror(errno));
		close(log);
		return false;
	}
	close(log);
	for (unsigned i = 0; i < g->n_children; i++)
		child_tell(&g->children[i], MESSAGE_LOG, 0, g->log);
	return true;
}

bool
logs_reopen(struct master *m, struct config_messages *errors)
{
	bool good = true;

	for (struct generation *g = m->generations; g != NULL; g = g->older)
		good = reopen(g, errors) && good;
	if (m->serving != NULL)
		good = logs_use(m, m->serving, errors) && good;
	if (good)
		log_notice("logs opened again");
	return good;
}

void
logs_request(struct master *m)
{
	struct config_messages errors = { 0 };

	if (!logs_reopen(m, &errors))
		for (size_t i = 0; i < errors.n; i++)
			log_error("%s; the old one stays in use",
			    errors.text[i]);
	config_messages_free(&errors);
}
