/*
 * state.h - all that the master knows
 *
 * Private to the master.  What an operator may ask for is a walk over it: the
 * generations, their children, the slots' totals in the counters.
 */
#ifndef MASTER_STATE_H
#define MASTER_STATE_H

#include <signal.h>

#include "master/control.h"
#include "master/manager.h"
#include "master/master.h"
#include "master/pidfile.h"
#include "master/reload.h"
#include "master/slots.h"

struct generation;
struct keyring;
struct stats;

enum master_phase {
	MASTER_STARTING, /* no generation has served yet */
	MASTER_RUNNING,
	MASTER_QUITTING, /* all workers drain */
	MASTER_STOPPING  /* all workers were told to leave at once */
};

struct master {
	const struct master_options *options;
	enum master_phase phase;
	int status;    /* the exit status it ends with */
	sigset_t mask; /* of whoever started us; the children's */
	int signals;   /* signalfd */
	int caller;    /* of daemon = on: who waits for the start; or -1 */
	int log;       /* a duplicate of the serving generation's; or -1 */
	struct stats *stats;
	struct slots slots;
	struct pidfile pidfile;
	struct reload reload;
	struct control control;
	struct manager manager;
	struct keyring *tickets; /* keys of TLS sessions */
	int64_t tickets_us;      /* when they were last turned */
	int64_t began_us;
	int64_t expiry_us;    /* when files of TLS are to be spoken of */
	int64_t pulse_us;     /* the next look at the workers' heartbeats */
	unsigned last_number; /* of the newest generation */
	struct generation *generations; /* newest first */
	struct generation *serving;     /* or RESTING: one of them, or NULL */
};

/* TERM and INT: every worker leaves at once; so does a start that fails. */
void master_stop(struct master *m);

/* QUIT: every worker drains. */
void master_quit(struct master *m);

/* WINCH: every worker drains, the master stays, HUP brings new ones. */
void master_rest(struct master *m);

/* CHLD: takes the status of every process that has ended. */
void master_reap(struct master *m);

#endif
