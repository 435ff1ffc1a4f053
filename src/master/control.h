/*
 * control.h - the socket at which the master answers its operator
 *
 * A Unix stream socket of mode 0600.  A client sends one line, a request, and
 * gets lines back, of which the last is "ok" or "error", with a text behind a
 * space.  An answer may have to wait for the outcome of what was asked for;
 * nothing here makes the master wait.  Private to the master.
 */
#ifndef MASTER_CONTROL_H
#define MASTER_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "config/config.h"

struct control_client;
struct master;

/* Clients served at once; the next wait in the socket's queue. */
#define CONTROL_CLIENTS 64

/* Descriptors that the loop polls for it. */
#define CONTROL_FDS (1 + CONTROL_CLIENTS)

struct control {
	int socket;       /* -1: none */
	const char *path; /* of the socket, ours; NULL: none */
	struct control_client *clients[CONTROL_CLIENTS];
};

#define CONTROL_INIT         \
	{                    \
		.socket = -1 \
	}

/*
 * Opens the socket at main.control_socket, or takes it away if that is "off".
 * One that is at that path already stays.  A socket left over by a dead server
 * is replaced: whoever calls holds the lock of the pid file.  False with an
 * error, and the old one as it was.
 */
bool control_open(struct control *c, const char *path,
    struct config_messages *errors);

/* Takes no more clients, and removes the socket's file. */
void control_hide(struct control *c);

/* The same, and closes the clients. */
void control_close(struct control *c);

/*
 * What to poll for, in fds, which has room for CONTROL_FDS; returns how many.
 * No more than there are: poll(2) refuses a set larger than RLIMIT_NOFILE.
 */
size_t control_prepare(const struct control *c, struct pollfd *fds);

/* The earliest deadline of a client; CLOCK_NEVER if there is none. */
int64_t control_due_us(const struct control *c);

/* Takes what has come to the n of control_prepare, and ends what is overdue. */
void control_step(struct master *m, const struct pollfd *fds, size_t n);

/* What a client may wait for. */
enum control_event {
	CONTROL_RELOADED, /* a reload has ended, well or not */
	CONTROL_STOPPED   /* the server ends */
};

/*
 * What clients wait for has come: each gets `text`, which is lines and the last
 * of them "ok ..." or "error ...".  attempt is the number of the reload that
 * has ended; those who wait for a later one go on waiting.
 */
void control_tell(struct control *c, enum control_event event, unsigned attempt,
    const char *text);

#endif
