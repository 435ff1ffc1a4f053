/*
 * heritage.h - everything that a child gets from the master, by fork
 *
 * The child closes every descriptor that is not named here (heritage_keep).
 */
#ifndef PROC_HERITAGE_H
#define PROC_HERITAGE_H

#include <stddef.h>
#include <stdint.h>

struct config;
struct keyring;
struct stats;
struct stats_row;

struct heritage {
	const struct config *config;
	unsigned generation;
	unsigned slot;
	unsigned n_workers;
	int cpu;     /* -1: not pinned */
	int channel; /* to the master */
	int log;
	/* By index of config->listeners: a socket, or what to make of it. */
	int *sockets;
	/* By index of config->modules: the file, opened once a generation. */
	int *modules;
	const struct keyring *tickets; /* shared by all workers */
	struct stats_row *stats;
	const struct stats *all_stats; /* what that is a row of */
	int64_t pulse_ms; /* a heartbeat is due so often; 0: nobody watches */
};

/*
 * In place of a socket: the worker makes and binds it, listens, and hands a
 * duplicate over.  Where older workers serve that address it only binds: the
 * master lets the socket listen before GO, since a reload that fails would take
 * those along who came to it meanwhile.
 */
#define HERITAGE_LISTEN (-1)
#define HERITAGE_BIND (-2)

/*
 * The life of a worker.  Returns the process's exit status: 0 when it has
 * drained or was stopped, WORKER_UNFIT when it cannot start, which it has told
 * with FAILED.
 */
typedef int worker_main_fn(const struct heritage *heritage);

#define WORKER_UNFIT 2

/*
 * The life of the checker: loads modules, parses the sections of all services,
 * runs their check(), start() and stop(); writes one line an error ("FILE:LINE:
 * text") to `answer`, or what the services are, and then CHECKER_DONE, and
 * returns exit status 0 if all is well.  A line that begins with CHECKER_AT
 * says what is looked at next ("FILE:LINE: whose code"), should nothing else be
 * heard of it.  One that begins with CHECKER_EXPIRES has the number of a
 * listener, the time (seconds since 1970) at which something in a file of it
 * ends, that from which on to warn of it, the directive of the tls section that
 * names the file, and the file.  modules is as in struct heritage.
 */
#define CHECKER_AT "at "
#define CHECKER_EXPIRES "expires "
#define CHECKER_DONE "done"

typedef int checker_main_fn(const struct config *config, const int *modules,
    int answer);

/*
 * Closes every descriptor above 2 that is not among these n, which may stand in
 * any order; -1 among them is passed over.
 */
void heritage_keep(const int *fds, size_t n);

/*
 * Gives up root for good: groups, group, user, capabilities.  What exec might
 * bring back is process_confine's (proc/process.h) to prevent.  The user is
 * nobody if the config names none and we are root; without root it does
 * nothing.  NULL, or what failed, in a text that needs no free.
 */
const char *heritage_drop_privileges(const struct config *config);

#endif
