/*
 * loop.h - the master waits, and goes on
 */
#ifndef MASTER_LOOP_H
#define MASTER_LOOP_H

struct master;

/* Returns when the server has ended: no process of it is left. */
void loop_run(struct master *m);

#endif
