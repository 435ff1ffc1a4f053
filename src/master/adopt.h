/*
 * adopt.h - while a slot has no worker, another accepts on its sockets
 */
#ifndef MASTER_ADOPT_H
#define MASTER_ADOPT_H

#include <stdbool.h>

struct child;
struct generation;
struct master;

/*
 * Gives each slot whose worker does not serve to one that does, and takes each
 * back whose worker serves again.  Called after whatever may have changed that.
 */
void adopt_settle(struct master *m);

/* True if the child accepts on the sockets of that slot. */
bool adopt_has(const struct child *c, unsigned slot);

#endif
