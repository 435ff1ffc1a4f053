/*
 * probe.h - are the addresses of a config to be had?
 */
#ifndef MASTER_PROBE_H
#define MASTER_PROBE_H

#include <stdbool.h>
#include <sys/types.h>

#include "config/config.h"
#include "master/slots.h"
#include "sock/listening.h"

struct probe {
	const struct config *config;
	struct slots *known; /* their addresses are not asked for; or NULL */
	bool clean;          /* stale files of Unix sockets are removed */
	pid_t ours;          /* what this process holds counts as free */
};

/*
 * Asks once for each listener, without waiting: LISTENING_FREE if all are to be
 * had; BUSY or ERROR, the worst there is, with an error for each that is not.
 */
enum listening_use probe_listeners(const struct probe *probe,
    struct config_messages *errors);

#endif
