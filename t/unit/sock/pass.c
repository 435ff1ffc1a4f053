/*
 * pass.c - messages and descriptors, the end, and what does not fit
 */
#include <config.h>

#include "sock/pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

static int pair[2];

static void
new_pair(void)
{
	if (pass_pair(pair) == -1) {
		perror("pass_pair");
		exit(99);
	}
}

static int
open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
test_messages(void)
{
	char text[8] = "";
	int fds[PASS_FDS];
	size_t n_fds = 99;

	new_pair();
	ok((fcntl(pair[0], F_GETFL) & O_NONBLOCK) != 0, "a pair never blocks");
	ok((fcntl(pair[1], F_GETFD) & FD_CLOEXEC) != 0, "and ends at exec");
	ok(pass_receive(pair[0], text, 8, fds, &n_fds) == -1 && errno == EAGAIN,
	    "nothing there");
	pass_send(pair[1], "one", 3, NULL, 0);
	pass_send(pair[1], "second", 6, NULL, 0);
	is_int(3, pass_receive(pair[0], text, 8, fds, &n_fds), "a message");
	is_int(0, n_fds, "without descriptors");
	is_int(6, pass_receive(pair[0], text, 8, fds, &n_fds), "the next");
	ok(memcmp(text, "second", 6) == 0, "whole");
	ok(pass_send(pair[0], "", 0, NULL, 0) == -1 && errno == EINVAL,
	    "no message of no bytes");
	close(pair[1]);
	is_int(0, pass_receive(pair[0], text, 8, fds, &n_fds), "the end");
	ok(pass_send(pair[0], "x", 1, NULL, 0) == -1 && errno == EPIPE,
	    "sending to nobody is an error, not a signal");
	close(pair[0]);
}

static void
test_descriptors(void)
{
	int files[2], fds[PASS_FDS], before;
	const int many[PASS_FDS + 1] = { 0 };
	char text[8], byte;
	size_t n_fds;

	new_pair();
	if (pipe(files) == -1)
		exit(99);
	is_int(0, pass_send(pair[0], "fd", 2, files, 2), "two descriptors");
	close(files[0]);
	is_int(2, pass_receive(pair[1], text, 8, fds, &n_fds), "arrive");
	is_int(2, n_fds, "both");
	ok((fcntl(fds[0], F_GETFD) & FD_CLOEXEC) != 0, "closed on exec");
	ok(write(files[1], "y", 1) == 1 && read(fds[0], &byte, 1) == 1 &&
		byte == 'y',
	    "and are what was sent");
	close(files[1]);
	close(fds[0]);
	close(fds[1]);

	is_int(0, pass_send(pair[0], "fd", 2, many, PASS_FDS), "the most");
	pass_receive(pair[1], text, 8, fds, &n_fds);
	is_int(PASS_FDS, n_fds, "arrive");
	while (n_fds > 0)
		close(fds[--n_fds]);
	ok(pass_send(pair[0], "fd", 2, many, PASS_FDS + 1) == -1 &&
		errno == EINVAL,
	    "more are refused");

	before = open_descriptors();
	pass_send(pair[0], "too long", 8, many, 2);
	ok(pass_receive(pair[1], text, 4, fds, &n_fds) == -1 &&
		errno == EMSGSIZE,
	    "a message that does not fit");
	is_int(before, open_descriptors(), "leaks no descriptor");
	close(pair[0]);
	close(pair[1]);
}

/* The peer sent, did not read what we sent, and closed. */
static void
test_reset(void)
{
	int fds[PASS_FDS];
	size_t n_fds;
	char text[8];

	new_pair();
	pass_send(pair[0], "unread", 6, NULL, 0);
	pass_send(pair[1], "last", 4, NULL, 0);
	close(pair[1]);
	is_int(4, pass_receive(pair[0], text, 8, fds, &n_fds),
	    "the last words of a peer that did not listen");
	is_int(0, pass_receive(pair[0], text, 8, fds, &n_fds), "then the end");
	close(pair[0]);
}

static void
test_full(void)
{
	size_t sent = 0, received = 0, n_fds;
	int fds[PASS_FDS];
	char text[512] = "";

	new_pair();
	while (pass_send(pair[0], text, sizeof(text), NULL, 0) == 0)
		sent++;
	ok(errno == EAGAIN && sent > 0, "a peer that is slow");
	while (pass_receive(pair[1], text, sizeof(text), fds, &n_fds) > 0)
		received++;
	is_int(sent, received, "finds all that was sent");
	is_int(0, pass_send(pair[0], text, 1, NULL, 0), "then there is room");
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	test_messages();
	test_descriptors();
	test_reset();
	test_full();
	return done();
}
