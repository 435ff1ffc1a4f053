/*
 * rig.h - a master to test: real processes and sockets, but workers of ours
 *
 * The master runs in a child of the test, with functions of the rig for
 * worker_main and checker_main.  What they and the master log comes through one
 * pipe, line by line, and is what the test waits for.
 */
#ifndef T_MASTER_RIG_H
#define T_MASTER_RIG_H

#include <stdbool.h>
#include <sys/types.h>

#include "master/master.h"
#include "tap.h"

/* What a worker of the rig does instead of what it should. */
enum act {
	ACT_WELL,
	ACT_FAIL,      /* says FAILED, and leaves with WORKER_UNFIT */
	ACT_EXIT,      /* leaves with status 3 instead of READY */
	ACT_HANG,      /* never says anything */
	ACT_UNREADY,   /* binds, but never gets READY */
	ACT_DIE_READY, /* is killed right after READY */
	ACT_ORPHAN,    /* dies after GO, and leaves a child behind; once */
	ACT_STUBBORN,  /* ignores DRAIN, STOP and TERM */
	ACT_DEAF,      /* ignores DRAIN and STOP */
	ACT_SLOW,      /* drains until it is told to hurry or stop */
	ACT_STUCK,     /* has no heartbeat after GO */
	ACT_SHORT,     /* leaves after GO */
	ACT_LEAVE,     /* says LEAVING after GO, and stays */
	ACT_REOPEN,    /* asks for the logs to be opened again, after GO */
	ACT_HANG_UP    /* closes its channel after GO, and stays; once */
};

enum {
	CHECKER_WELL,
	CHECKER_ERROR,
	CHECKER_HANG,
	CHECKER_CRASH,
	CHECKER_TALK /* all is well with thousands of services */
};

#define RIG_GENERATIONS 64
#define RIG_SLOTS 8

/* Shared with the workers. */
struct rig_orders {
	enum act acts[RIG_GENERATIONS][RIG_SLOTS];
	int checker;
};

struct rig {
	char dir[64]; /* made by rig_new, removed by rig_free */
	char config[96];
	struct rig_orders *orders;
	pid_t master;
	int log;         /* what comes from the master and its workers */
	char *lines;     /* what came, and was not expected yet */
	size_t n_lines;  /* bytes of it */
	char line[2048]; /* the last that rig_expect found */
};

struct rig *rig_new(void);

/*
 * Stops the master if it still runs, and removes the directory.  True if the
 * log holds no alert that was not expected and no report of a sanitizer.
 */
bool rig_free(struct rig *rig);

/* The end of each test. */
static inline void
rig_end(struct rig *rig)
{
	ok(rig_free(rig), "nothing bad in the log");
}

/* Writes the config: two lines for all tests, then what is given. */
void rig_config(struct rig *rig, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What a master of the rig is started with. */
struct master_options rig_options(const struct rig *rig);

/* Starts a master on the config. */
void rig_start(struct rig *rig);

void rig_signal(struct rig *rig, int number);

/*
 * Waits for a line that holds the text, and takes it: it is rig->line then.
 * Lines of several processes come in any order, so the others stay for later.
 * False after ten seconds or when the log ends, with all that came as comments.
 */
bool rig_expect(struct rig *rig, const char *text);

/* The exit status of the master, -1 if a signal ended it. */
int rig_wait(struct rig *rig);

/* The number behind the text in rig->line; -1 if it is not there. */
long rig_number(const struct rig *rig, const char *text);

/* Descriptors that the master has open. */
int rig_descriptors(const struct rig *rig);

/* A TCP port that is free. */
int rig_port(void);

/* True if something listens there. */
bool rig_connects(int port);

#endif
