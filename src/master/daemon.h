/*
 * daemon.h - leaving the foreground
 *
 * With daemon = on the server is a grandchild in a session of its own.  Its
 * start writes to the caller's standard error; the caller waits, and ends with
 * the outcome.
 */
#ifndef MASTER_DAEMON_H
#define MASTER_DAEMON_H

#include <stdbool.h>

/*
 * True in the server, with the descriptor of the caller who waits.  False in
 * the caller, when the outcome is known, with its exit status.
 */
bool daemon_begin(int *ret_caller, int *ret_status);

/*
 * Lets go of the caller's terminal or pipes; standard error goes to the log
 * from now on.  Workers do so by themselves: the first are made before the
 * master may, and whoever reads those pipes would wait for their end.
 */
void daemon_let_go(int log);

/* The start has succeeded: lets the caller go, and everything that was his. */
void daemon_succeed(int *caller, int log);

#endif
