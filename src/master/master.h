/*
 * master.h - the life of the master
 */
#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include <stdbool.h>

#include "config/config.h"
#include "proc/heritage.h"

struct master_options {
	struct config_source source; /* read again at each reload */
	worker_main_fn *worker_main;
	checker_main_fn *checker_main;
};

/*
 * Runs the server until it is told to stop; returns the exit status.  Takes
 * the config over.  With daemon = on the caller's process waits for the start
 * and ends with its outcome; the server is the grandchild.
 */
int master_run(const struct master_options *options, struct config *config);

/*
 * -t: everything that a start would meet, touching nothing: the services and
 * modules by the checker, the addresses by a probe.  Errors go to `errors`.
 */
bool master_test(const struct master_options *options,
    const struct config *config, struct config_messages *errors);

/* -s WORD, and what belongs to it. */
struct command {
	const char *word;
	bool dry_run; /* of reload */
	bool json;    /* of status */
	bool watch;   /* of status: again each second */
	bool quiet;   /* of status: the exit status says all */
};

/*
 * Tells or asks the running server, which is found through the pid file that
 * the config names, and waits for the outcome.  Returns the exit status, for
 * status that of LSB; what went wrong has been told.
 */
int master_command(const struct command *command,
    const struct config_source *source);

#endif
