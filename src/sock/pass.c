/*
 * pass.c - messages with descriptors over a pair of SOCK_SEQPACKET sockets
 *
 * Runs in the master and its children.  It must never block, and never leak a
 * descriptor that came with a message it refuses.
 */
#include <config.h>

#include "sock/pass.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the descriptors, aligned as cmsg(3) wants it. */
union control {
	char bytes[CMSG_SPACE(PASS_FDS * sizeof(int))];
	struct cmsghdr align;
};

int
pass_pair(int ret_fds[2])
{
	return socketpair(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ret_fds);
}

int
pass_send(int sock, const void *message, size_t len, const int *fds,
    size_t n_fds)
{
	struct iovec part = { .iov_base = (void *)(uintptr_t)message,
		.iov_len = len };
	struct msghdr head = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control = { .bytes = { 0 } };
	struct cmsghdr *c;
	ssize_t n;

	if (len == 0 || n_fds > PASS_FDS) { /* length 0 would be the end */
		errno = EINVAL;
		return -1;
	}
	if (n_fds > 0) {
		head.msg_control = control.bytes;
		head.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&head);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
	}
	do
		n = sendmsg(sock, &head, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

/* Copies the descriptors out of the control data; their number. */
static size_t
take_fds(struct msghdr *head, int fds[PASS_FDS])
{
	struct cmsghdr *c;
	size_t n = 0, bytes;

	for (c = CMSG_FIRSTHDR(head); c != NULL; c = CMSG_NXTHDR(head, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		bytes = c->cmsg_len - CMSG_LEN(0);
		memcpy(fds + n, CMSG_DATA(c), bytes);
		n += bytes / sizeof(int);
	}
	return n;
}

ssize_t
pass_receive(int sock, void *message, size_t len, int fds[PASS_FDS],
    size_t *ret_n_fds)
{
	struct iovec part = { .iov_base = message, .iov_len = len };
	union control control;
	struct msghdr head;
	size_t n_fds;
	ssize_t n;

	/*
	 * A peer that closed with messages of ours unread makes one ECONNRESET,
	 * which stands before what it had sent itself: that comes next, then
	 * the end.
	 */
	do {
		head = (struct msghdr){ .msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = control.bytes,
			.msg_controllen = sizeof(control.bytes) };
		n = recvmsg(sock, &head, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n == -1 && (errno == EINTR || errno == ECONNRESET));
	if (n == -1)
		return -1;
	n_fds = take_fds(&head, fds);
	if (head.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		while (n_fds > 0)
			close(fds[--n_fds]);
		errno = EMSGSIZE;
		return -1;
	}
	*ret_n_fds = n_fds;
	return n;
}
