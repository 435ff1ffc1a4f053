/*
 * channel.c - messages between master and worker, and what is none
 */
#include <config.h>

#include "proc/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "sock/pass.h"
#include "tap.h"

static int pair[2];

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
	struct message m;
	char big[1000];
	int fd = 99;

	ok(channel_receive(pair[0], &m, &fd) == -1 && errno == EAGAIN,
	    "nothing there");
	channel_send(pair[1], MESSAGE_READY, -7, -1, NULL);
	is_int(1, channel_receive(pair[0], &m, &fd), "a message");
	is_int(MESSAGE_READY, m.kind, "its kind");
	is_int(-7, m.number, "its number");
	is_text("", m.text, "no text");
	is_int(-1, fd, "no descriptor");

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	channel_send(pair[1], MESSAGE_FAILED, 0, STDOUT_FILENO, big);
	is_int(1, channel_receive(pair[0], &m, &fd), "with a descriptor");
	ok(fd > STDERR_FILENO && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0,
	    "that is closed on exec");
	is_int(MESSAGE_TEXT - 1, strlen(m.text), "text is cut to fit");
	close(fd);
	is_text("LISTENING", message_name(MESSAGE_LISTENING), "a name");
	is_text("unknown", message_name(MESSAGE_KINDS), "no name");
}

/* Sends what a worker gone mad might, and expects that it is refused. */
static void
refused(const char *what, const struct message *m, size_t len, size_t n_fds)
{
	const int fds[PASS_FDS] = { 0 };
	int before = open_descriptors(), fd = 99;
	struct message received;

	pass_send(pair[1], m, len, fds, n_fds);
	ok(channel_receive(pair[0], &received, &fd) == -1 && errno == EPROTO,
	    "%s is no message", what);
	is_int(before, open_descriptors(), "and leaks no descriptor");
}

static void
test_refused(void)
{
	struct message good, bad;
	struct {
		struct message m;
		char more;
	} longer = { .more = 0 };
	int fd;

	channel_send(pair[1], MESSAGE_GO, 1, -1, "text");
	channel_receive(pair[0], &good, &fd);
	refused("a short one", &good, sizeof(good) - 1, 1);
	longer.m = good;
	refused("a long one", &longer.m, sizeof(longer), 1);
	refused("one with two descriptors", &good, sizeof(good), 2);
	bad = good;
	bad.magic++;
	refused("one without the magic", &bad, sizeof(bad), 1);
	bad = good;
	bad.kind = MESSAGE_KINDS;
	refused("one of no kind", &bad, sizeof(bad), 1);
	bad = good;
	memset(bad.text, 'x', sizeof(bad.text));
	refused("one whose text does not end", &bad, sizeof(bad), 1);
	pass_send(pair[1], &good, sizeof(good), NULL, 0);
	is_int(1, channel_receive(pair[0], &good, &fd), "a good one after it");
}

static void
test_end(void)
{
	struct message m;
	int fd = 99;

	channel_send(pair[1], MESSAGE_REOPEN, 0, -1, NULL);
	channel_send(pair[0], MESSAGE_STOP, 0, -1, NULL);
	close(pair[1]);
	ok(channel_receive(pair[0], &m, &fd) == 1 && m.kind == MESSAGE_REOPEN,
	    "the last words of a worker that did not listen");
	is_int(0, channel_receive(pair[0], &m, &fd), "then the end");
	ok(channel_send(pair[0], MESSAGE_GO, 0, -1, NULL) == -1 &&
		errno == EPIPE,
	    "nobody to send to");
	close(pair[0]);
}

int
main(void)
{
	if (channel_pair(pair) == -1) {
		perror("channel_pair");
		return 99;
	}
	test_messages();
	test_refused();
	test_end();
	return done();
}
