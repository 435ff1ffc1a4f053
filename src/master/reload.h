/*
 * reload.h - how the master comes to its next generation
 *
 * The same steps make the first one: read the config, check the services, ask
 * whether new addresses are free, start the workers one after the other, and
 * when all are ready, commit.  Up to then nothing has changed, and any error
 * ends it with everything undone.  Private to the master.
 */
#ifndef MASTER_RELOAD_H
#define MASTER_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "master/check.h"
#include "master/pidfile.h"

struct generation;
struct master;

enum reload_phase {
	RELOAD_IDLE,
	RELOAD_CHECKING, /* the checker runs */
	RELOAD_PROBING,  /* new addresses are asked for, perhaps again */
	RELOAD_STARTING, /* workers bind and get ready */
	RELOAD_PHASES
};

struct reload {
	enum reload_phase phase;
	bool again;       /* asked for during a reload */
	bool rehearsal;   /* only tells what it would change */
	unsigned attempt; /* reloads begun, rehearsals too */
	struct generation *next;
	struct check check;
	struct pidfile pidfile; /* where the config names another */
	struct config_messages errors;
	int64_t began_us;
	int64_t probe_us;   /* of the next probe */
	int64_t patient_us; /* busy addresses are an error from then on */
};

/* The first generation; takes the config over. */
void reload_first(struct master *m, struct config *config);

/* HUP: begins, or remembers to begin again. */
void reload_request(struct master *m);

/*
 * A reload up to the point where workers would be started; what it would change
 * is told to the clients of the control socket.  None may be under way.
 */
void reload_rehearse(struct master *m);

/* Goes on as far as it can without waiting. */
void reload_step(struct master *m);

/* No next generation any more, since something else was asked for. */
void reload_abandon(struct master *m, const char *why);

/* When reload_step has something to do, if nothing else happens. */
int64_t reload_due_us(const struct master *m);

#endif
