/*
 * check.h - the checker, as the master sees it
 *
 * The code of services and modules never runs in the master: a process without
 * privileges loads it, parses the services' sections and answers over a pipe,
 * within start_timeout.
 *
 *	check_start, then check_read, check_due and check_ended as it comes,
 *	check_finish once check_running is false; or check_cancel
 */
#ifndef MASTER_CHECK_H
#define MASTER_CHECK_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "config/config.h"
#include "master/expiry.h"
#include "proc/heritage.h"

struct check {
	pid_t pid;      /* 0: none runs */
	int pipe;       /* its answer; -1: none, or at its end */
	int status;     /* of waitpid, when it has ended */
	int64_t due_us; /* it is killed then */
	int64_t limit_ms;
	bool late;
	size_t n_listeners; /* of the config */
	struct buffer answer;
	struct expiries expiries; /* for whoever finishes it to take */
};

#define CHECK_INIT                                \
	{                                         \
		.pipe = -1, .due_us = CLOCK_NEVER \
	}

struct check_subject {
	checker_main_fn *main;
	const struct config *config;
	const int *modules;
	const sigset_t *mask;
};

/* Forks the checker; false with an error. */
bool check_start(struct check *check, const struct check_subject *subject,
    struct config_messages *errors);

bool check_running(const struct check *check);

/* The pipe is readable. */
void check_read(struct check *check);

/* Its time is over. */
void check_due(struct check *check);

/* Its process, check->pid, has ended. */
void check_ended(struct check *check, int status);

/*
 * True if all is well, with check->expiries; else what it found is in errors.
 * It is as new then.
 */
bool check_finish(struct check *check, struct config_messages *errors);

/* Nobody wants to know any more; its end still goes to check_ended. */
void check_cancel(struct check *check);

#endif
