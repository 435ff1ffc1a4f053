/*
 * listening.h - listening sockets: made, bound, found busy, removed
 *
 * The only place that knows SO_REUSEPORT.  Runs in the master (probes, files of
 * Unix sockets) and in workers before they drop privileges (all else).
 */
#ifndef SOCK_LISTENING_H
#define SOCK_LISTENING_H

#include <stdbool.h>
#include <sys/types.h>

#include "sock/address.h"

struct listening_options {
	int backlog; /* 0: it is bound, but does not listen yet */
	mode_t mode; /* of a Unix socket's file */
	uid_t owner; /* of the file; (uid_t)-1 leaves it */
	gid_t group; /* likewise */
	/*
	 * TCP_USER_TIMEOUT of what is accepted (tcp(7)), which inherits it:
	 * what a peer has neither taken nor acknowledged for so long ends the
	 * connection.  0: when the kernel thinks so, some 15 minutes.
	 */
	int user_timeout_ms;
};

/*
 * Makes, binds and listens: non-blocking, closed on exec.  A TCP socket gets
 * SO_REUSEPORT and SO_REUSEADDR and joins the group of its address; "*" is one
 * dual-stack socket (IPv4 alone where the kernel has no IPv6).  What it accepts
 * inherits TCP_NODELAY.  A Unix socket's stale file has been removed by
 * listening_probe; its mode is set through the umask, so no thread may run.
 * Returns the descriptor, -1 with errno.
 */
int listening_open(const struct address *address,
    const struct listening_options *options);

/*
 * Gives an open socket, and the file of a Unix socket, other options than those
 * it was made with; one that was only bound listens from now on.  0 or -1 with
 * errno.
 */
int listening_adjust(int sock, const struct address *address,
    const struct listening_options *options);

/* Who has an address. */
enum listening_use {
	LISTENING_FREE,
	LISTENING_OURS, /* held by the process `ours` or one of its children */
	LISTENING_BUSY, /* held by somebody else */
	LISTENING_ERROR /* errno tells why it cannot be bound at all */
};

/*
 * Asks before a SO_REUSEPORT group is joined whether the address is in use: a
 * bind without SO_REUSEPORT, again for up to patience_ms while it is busy.  A
 * Unix socket is asked by connect(), and a file that nobody listens on is
 * removed if `clean`; what is there and no socket is an error (ENOTSOCK).
 * ours is a running server's master or 0: if all that listen there are its own
 * (/proc/PID/fd against /proc/net), the answer is LISTENING_OURS.
 */
enum listening_use listening_probe(const struct address *address, bool clean,
    int patience_ms, pid_t ours);

/* Removes the file of a Unix socket, if that is what it is. */
void listening_remove(const struct address *address);

#endif
