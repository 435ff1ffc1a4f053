/*
 * limits.c - are there descriptors enough?
 *
 * Runs in the master.
 */
#include <config.h>

#include "master/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "proc/process.h"

/* For the log, the pid file, signals, the check, the control socket. */
#define MASTER_OTHER 128

/* The sockets of all slots, and the channels of all workers there may be. */
static int64_t
master_needs(const struct config *config, unsigned n_workers)
{
	int64_t generations = config->main.max_old_generations + 2;

	return (int64_t)config->n_listeners * n_workers +
	       (n_workers + (int64_t)config->n_modules + 1) * generations +
	       MASTER_OTHER;
}

/* Once, and not at each reload again. */
static void
warn(const struct config *config, int64_t needed, int64_t limit)
{
	static int64_t told, told_limit;

	if (needed == told && limit == told_limit)
		return;
	told = needed;
	told_limit = limit;
	log_warn("a worker may need %" PRId64 " descriptors, %lld of them for "
		 "max_connections, but the limit is %" PRId64 ": raise "
		 "%s, or lower max_connections",
	    needed, (long long)config->limits.max_connections, limit,
	    config->main.rlimit_nofile != 0
		? "rlimit_nofile"
		: "the hard limit (ulimit -Hn, LimitNOFILE= of systemd)");
}

/* What the soft limit has to be. */
static rlim_t
test(const struct config *config, unsigned n_workers,
    const struct rlimit *limit)
{
	int64_t worker = process_descriptors(config, n_workers);
	int64_t needed = master_needs(config, n_workers);
	rlim_t given = (rlim_t)config->main.rlimit_nofile;

	if (given == 0)
		given = limit->rlim_max;
	if (given < (rlim_t)worker)
		warn(config, worker, (int64_t)given);
	if (limit->rlim_max < (rlim_t)needed)
		log_warn("the master may need %" PRId64 " descriptors, but its "
			 "hard limit is %llu",
		    needed, (unsigned long long)limit->rlim_max);
	if (needed < worker)
		needed = worker;
	return (rlim_t)needed;
}

void
limits_settle(const struct config *config, unsigned n_workers)
{
	struct rlimit limit;
	rlim_t needed;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	needed = test(config, n_workers, &limit);
	if (limit.rlim_cur >= needed || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		log_warn("cannot raise the limit of descriptors to %llu: %s",
		    (unsigned long long)limit.rlim_cur, strerror(errno));
}
