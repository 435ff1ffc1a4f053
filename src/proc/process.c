/*
 * process.c - what a worker is to the kernel: its limits, and what it may do
 *
 * Runs in workers and in the checker, which so finds out whether they can.
 */
#include <config.h>

#include "proc/process.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"

/*
 * For the log, the channel, signals, epoll, what services open, and clients
 * that are told that they are refused.
 */
#define DESCRIPTORS_OTHER 128

/* Writes what failed; returns it. */
__attribute__((format(printf, 1, 2))) static const char *
failure(const char *fmt, ...)
{
	static char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return text;
}

/* The hard limit goes up with the soft one, if it must and may. */
static const char *
set_limit(unsigned what, const char *name, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(what, &limit) == -1)
		return failure("cannot ask for %s: %s", name, strerror(errno));
	limit.rlim_cur = value;
	if (limit.rlim_max < value)
		limit.rlim_max = value;
	if (setrlimit(what, &limit) == 0)
		return NULL;
	return failure("cannot set %s to %llu: %s; raise the hard limit of "
		       "whoever starts grpcd",
	    name, (unsigned long long)value, strerror(errno));
}

/* "NAME=VALUE" */
static bool
set_variable(const char *variable)
{
	const char *value = strchrnul(variable, '=');
	char *name = strndup(variable, (size_t)(value - variable));
	bool set;

	value += *value == '=';
	set = name != NULL && setenv(name, value, 1) == 0;
	free(name);
	return set;
}

static const char *
set_environment(const struct config_strings *variables)
{
	for (size_t i = 0; i < variables->n; i++) {
		if (!set_variable(variables->v[i]))
			return failure("cannot set the environment: %s",
			    strerror(errno));
	}
	return NULL;
}

const char *
process_prepare(const struct config *config)
{
	const struct config_main *main = &config->main;
	const char *wrong = NULL;

	if (main->rlimit_nofile != 0)
		wrong = set_limit(RLIMIT_NOFILE, "rlimit_nofile",
		    (rlim_t)main->rlimit_nofile);
	if (wrong == NULL)
		wrong = set_limit(RLIMIT_CORE, "rlimit_core",
		    (rlim_t)main->rlimit_core);
	if (wrong == NULL)
		wrong = set_environment(&main->environment);
	umask((mode_t)main->umask);
	return wrong;
}

const char *
process_confine(const struct config *config)
{
	const struct config_main *main = &config->main;

	if (chdir(main->working_directory) == -1)
		return failure("cannot enter working_directory %s: %s",
		    main->working_directory, strerror(errno));
	if (main->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return failure("cannot set no_new_privs: %s", strerror(errno));
	/* What the kernel made of it when the process changed its user. */
	if (prctl(PR_SET_DUMPABLE, main->dumpable, 0, 0, 0) == -1)
		return failure("cannot set dumpable: %s", strerror(errno));
	return NULL;
}

int64_t
process_descriptors(const struct config *config, unsigned n_workers)
{
	/* It may come to accept on the sockets of all other workers. */
	return config->limits.max_connections +
	       (int64_t)config->n_listeners * n_workers +
	       (int64_t)config->n_modules + DESCRIPTORS_OTHER;
}
