/*
 * pass.h - messages with descriptors over a pair of SOCK_SEQPACKET sockets
 */
#ifndef SOCK_PASS_H
#define SOCK_PASS_H

#include <stddef.h>
#include <sys/types.h>

#define PASS_FDS 4 /* descriptors in one message at most */

/* A connected pair, non-blocking and closed on exec; 0 or -1 with errno. */
int pass_pair(int ret_fds[2]);

/* Sends one message with n_fds descriptors, which stay the sender's. */
int pass_send(int sock, const void *message, size_t len, const int *fds,
    size_t n_fds);

/*
 * Receives one message of at most len bytes; descriptors (the receiver's from
 * now on, closed on exec) in fds[0 .. *ret_n_fds - 1].  Returns its length, 0
 * at the end, -1 with errno (EAGAIN: nothing there; EMSGSIZE: it did not fit).
 */
ssize_t pass_receive(int sock, void *message, size_t len, int fds[PASS_FDS],
    size_t *ret_n_fds);

#endif
