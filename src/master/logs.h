/*
 * logs.h - the logs of the generations: opened by the master alone
 */
#ifndef MASTER_LOGS_H
#define MASTER_LOGS_H

#include <stdbool.h>

#include "config/config.h"

struct generation;
struct master;

/* Opens the log that the generation's config names; false with an error. */
bool logs_open(struct generation *g, struct config_messages *errors);

/* The master logs where the generation does; false with an error. */
bool logs_use(struct master *m, const struct generation *g,
    struct config_messages *errors);

/*
 * Opens the log of each generation again, for itself and for its workers: a
 * file that was renamed is let go.  One that cannot be opened is an error, and
 * what it was stays in use.  True without errors.
 */
bool logs_reopen(struct master *m, struct config_messages *errors);

/* USR1: the same, with the errors in the log. */
void logs_request(struct master *m);

#endif
