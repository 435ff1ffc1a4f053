/*
 * command.c - grpcd -s: finds the running server and sends it a signal
 *
 * Runs in whoever calls it.  The process is the one that holds the lock of the
 * pid file, not the number that the file holds: so a file left over never gets
 * a stranger signalled.
 */
#include <config.h>

#include "master/master.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "master/pidfile.h"
#include "master/signals.h"

/* A config that cannot be read may name another pid file than it seems. */
static void
tell_why_not(const struct config_source *source, const char *path)
{
	struct config_messages errors = { 0 };
	struct config *config = config_load(source, &errors);

	log_error("grpcd is not running: no process holds pid_file %s", path);
	for (size_t i = 0; i < errors.n; i++)
		log_error("%s", errors.text[i]);
	config_messages_free(&errors);
	config_free(&config);
}

static bool
send_to_holder(const struct config_source *source, const char *word, int number)
{
	struct config *config = config_glance(source);
	const char *path = config->main.pid_file;
	pid_t holder = pidfile_holder(path);
	bool sent = false;

	if (holder == -1)
		log_error("cannot read pid_file %s: %s", path, strerror(errno));
	else if (holder == 0)
		tell_why_not(source, path);
	else if (kill(holder, number) == -1)
		log_error("cannot tell process %d to %s: %s", (int)holder, word,
		    strerror(errno));
	else
		sent = true;
	config_free(&config);
	return sent;
}

int
master_command(const char *word, const struct config_source *source)
{
	int number = signals_of_word(word);

	if (number == 0)
		log_error("-s knows no \"%s\", but %s", word, signals_words());
	else if (send_to_holder(source, word, number))
		return EXIT_SUCCESS;
	return EXIT_FAILURE;
}
