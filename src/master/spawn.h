/*
 * spawn.h - how the master makes a process
 */
#ifndef MASTER_SPAWN_H
#define MASTER_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address;
struct child;
struct master;

/*
 * In a process that was just forked, whatever it is to become: drops the
 * descriptors that are not among these n and lets signals through again.
 */
void spawn_settle(const sigset_t *mask, const int *fds, size_t n);

/*
 * True if a worker that makes a socket of this address only binds it, since
 * others serve the address: see HERITAGE_BIND.
 */
bool spawn_binds_only(struct master *m, const struct address *a);

/*
 * Forks a worker: sets the child's pid, channel and stats, no more.  False with
 * the child's why.
 */
bool spawn_worker(struct master *m, struct child *c);

#endif
