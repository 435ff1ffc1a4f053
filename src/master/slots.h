/*
 * slots.h - the places of the workers, and the sockets that stay in them
 *
 * A worker comes and goes, its slot stays: the slot holds a duplicate of each
 * listening socket of its worker, by address, so that what waits in the
 * socket's queue outlives the worker.  A Unix socket is one for all slots.
 * Private to the master.
 */
#ifndef MASTER_SLOTS_H
#define MASTER_SLOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "sock/address.h"

/* The most workers there may be; as in directives.def. */
#define SLOTS_MAX 1024

struct slot_socket {
	struct address address;
	int fd;
	bool listens; /* else it is only bound */
};

struct slot {
	struct slot_socket *sockets;
	size_t n_sockets;
	unsigned restarts; /* workers that took the place of a dead one */
};

struct slots {
	struct slot slots[SLOTS_MAX];
	struct slot shared; /* the Unix sockets */
};

/* The slot's socket of that address; NULL if there is none yet. */
struct slot_socket *slots_find(struct slots *s, unsigned slot,
    const struct address *a);

/* Gives the slot a socket, which is its own from now on; false: no memory. */
bool slots_add(struct slots *s, unsigned slot,
    const struct slot_socket *socket);

/* True if some slot has a socket of that address. */
bool slots_know(struct slots *s, const struct address *a);

/* True if the slot has a socket for each listener of the config. */
bool slots_complete(struct slots *s, unsigned slot,
    const struct config *config);

/* Of a walk over the sockets: is this one still needed? */
typedef bool slots_needed_fn(const void *arg, unsigned slot,
    const struct address *a);

/*
 * Closes the sockets that are not needed, and removes the files of the Unix
 * sockets among them.  A Unix socket is asked for with slot 0, which is always
 * there.  needed NULL: none is.
 */
void slots_trim(struct slots *s, slots_needed_fn *needed, const void *arg);

#endif
