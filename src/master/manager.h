/*
 * manager.h - what the service manager hears of the master's life
 */
#ifndef MASTER_MANAGER_H
#define MASTER_MANAGER_H

#include <stdint.h>

#include "config/config.h"

struct master;

struct manager {
	int64_t status_us; /* the next time that the status is told */
	char trouble[256]; /* why the last reload has failed; or empty */
};

/* The server serves: after its start, or a reload that went well. */
void manager_ready(struct master *m);

/* A reload begins. */
void manager_reloading(struct master *m);

/* It has failed. */
void manager_reload_failed(struct master *m,
    const struct config_messages *errors);

/* All workers go, which takes that long at most. */
void manager_stopping(struct master *m, int64_t takes_ms);

/* Keeps the status current, and feeds the watchdog. */
void manager_beat(struct master *m);

/* When manager_beat has something to do, or CLOCK_NEVER. */
int64_t manager_due_us(const struct master *m);

#endif
