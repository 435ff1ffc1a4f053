/*
 * child.h - a worker as the master sees it
 *
 * One for each slot of a generation, for as long as the generation lives; the
 * process in it may be replaced.  Private to the master.
 *
 *	NONE -> BINDING -> STARTING -> READY -> SERVING -> DRAINING -> STOPPING
 *	  ^________|__________|__________|_________|__________|___________|
 */
#ifndef MASTER_CHILD_H
#define MASTER_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "proc/channel.h"

struct generation;
struct master;

enum child_state {
	CHILD_NONE,    /* no process: not yet, not any more, or not again yet */
	CHILD_BINDING, /* makes the sockets that its slot lacks */
	CHILD_STARTING, /* has its sockets, gets ready */
	CHILD_READY,    /* waits for GO */
	CHILD_SERVING,
	CHILD_DRAINING,
	CHILD_STOPPING, /* was told to leave at once, by and by with signals */
	CHILD_STATES
};

#define CHILD_WHY 512

struct child {
	struct generation *generation;
	unsigned slot;
	int cpu; /* -1: not pinned */
	enum child_state state;
	pid_t pid;
	int channel;           /* -1: none, or at its end */
	struct child *adopter; /* accepts for this slot; NULL */
	struct stats_row *stats;
	int64_t started_us;
	int64_t due_us;      /* when child_due is to be called */
	int64_t signal_ms;   /* STOPPING: from the last signal to the next */
	int64_t respawn_ms;  /* the wait before the start after the next end */
	char why[CHILD_WHY]; /* why the last process was of no use */
};

/* No process yet; it is due never. */
void child_init(struct child *c, struct generation *g, unsigned slot, int cpu);

/* Every change of state; one that may not be is a broken invariant. */
void child_set_state(struct child *c, enum child_state to);

/* Starts a process; false with c->why. */
bool child_start(struct master *m, struct child *c);

/* The same, after the end of another, and again later where that fails. */
void child_start_again(struct master *m, struct child *c);

/*
 * Says something to its process, if there is one.  A worker that cannot be told
 * anything is of no use: it is killed, and the rest follows.
 */
void child_tell(struct child *c, enum message_kind kind, int64_t number,
    int fd);

/* From READY: accept. */
void child_go(struct child *c);

/*
 * Asks it to leave: a serving one drains, any other stops.  leaving: sockets
 * of its slot go with it.
 */
void child_retire(struct child *c, bool leaving);

/* One that drains ends what it still has, politely. */
void child_hurry(struct child *c);

/* Tells it to leave at once; signals follow, and in the end KILL. */
void child_stop(struct child *c);

/* It has no heartbeat: ABRT, so that it leaves a core dump, then KILL. */
void child_abort(struct child *c);

/* Takes what has come over the channel. */
void child_receive(struct master *m, struct child *c);

/* What its state asks for when due_us has passed. */
void child_due(struct master *m, struct child *c);

/* For messages of one that hangs or died: ", in METHOD", or "". */
#define CHILD_PLACE 80
const char *child_place(const struct child *c, char out[CHILD_PLACE]);

/* Its process has ended with this status (of waitpid). */
void child_ended(struct master *m, struct child *c, int status);

#endif
