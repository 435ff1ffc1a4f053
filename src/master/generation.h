/*
 * generation.h - the workers made from one reading of the config
 *
 *	STARTING -> SERVING -> LEAVING; or STARTING -> LEAVING when its start
 *	fails, SERVING -> RESTING -> LEAVING when its workers are sent away but
 *	not replaced yet; and freed when its last process has gone
 *
 * Private to the master.
 */
#ifndef MASTER_GENERATION_H
#define MASTER_GENERATION_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "master/child.h"
#include "master/expiry.h"

struct master;

enum generation_state {
	GENERATION_STARTING,
	GENERATION_SERVING,
	GENERATION_RESTING, /* its sockets and config stay, its workers go */
	GENERATION_LEAVING
};

struct generation {
	unsigned number;
	enum generation_state state;
	bool served;  /* or serves */
	bool hurried; /* is to end its draining */
	struct config *config;
	int log;
	int *modules;             /* by index of config->modules */
	struct expiries expiries; /* of config's files */
	struct child *children;
	unsigned n_children;
	unsigned n_begun; /* children that were started once */
	struct generation *older;
};

/*
 * A generation with no process yet, the newest of the master; opens its log
 * and its modules.  Takes the config over, even when it fails: NULL then, with
 * errors.
 */
struct generation *generation_new(struct master *m, struct config *config,
    struct config_messages *errors);

/*
 * Starts the next worker if the one before has its sockets, so that they bind
 * one after the other.  False with what hinders, if a worker is lost or cannot
 * be started.
 */
bool generation_advance(struct master *m, struct generation *g,
    struct config_messages *errors);

/* All workers wait for GO. */
bool generation_ready(const struct generation *g);

/* GO to all. */
void generation_serve(struct generation *g);

/* All workers are asked to leave, and nobody comes in their place yet. */
void generation_rest(struct generation *g);

/* All workers are asked to leave; what stays needed is in `next` (or NULL). */
void generation_retire(struct master *m, struct generation *g,
    const struct generation *next);

/*
 * Has those that drain beyond the newest `most` end it now, with a line in the
 * log.
 */
void generations_hurry(struct master *m, int64_t most);

/* All workers are told to leave at once. */
void generation_stop(struct generation *g);

/* Frees the generations whose last process has gone. */
void generations_sweep(struct master *m);

/* Closes the sockets that no generation which starts or serves needs. */
void generations_trim(struct master *m);

#endif
