/*
 * daemon.c - leaving the foreground
 *
 * Runs in the caller, and in the master up to the end of its start.
 */
#include <config.h>

#include "master/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

/* Whoever leads a session can get a terminal again; its child cannot. */
static void
leave_session(void)
{
	if (setsid() == -1)
		log_fatal("setsid: %s", strerror(errno));
	switch (fork()) {
	case -1:
		log_fatal("fork: %s", strerror(errno));
	case 0:
		break;
	default:
		_exit(EXIT_SUCCESS);
	}
	if (chdir("/") == -1)
		log_fatal("chdir /: %s", strerror(errno));
}

/* The end of the pipe without a word: it has failed, and has said why. */
static int
wait_for_outcome(int server, pid_t child)
{
	char word;
	ssize_t n;

	do
		n = read(server, &word, 1);
	while (n == -1 && errno == EINTR);
	close(server);
	while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
		;
	return n == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool
daemon_begin(int *ret_caller, int *ret_status)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) == -1)
		log_fatal("pipe: %s", strerror(errno));
	child = fork();
	if (child == -1)
		log_fatal("fork: %s", strerror(errno));
	if (child > 0) {
		close(ends[1]);
		*ret_status = wait_for_outcome(ends[0], child);
		return false;
	}
	close(ends[0]);
	leave_session();
	*ret_caller = ends[1];
	return true;
}

void
daemon_let_go(int log)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null == -1) {
		log_warn("cannot open /dev/null: %s", strerror(errno));
	} else {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		close(null);
	}
	/* With error_log = "stderr" this leaves it as it is. */
	dup2(log, STDERR_FILENO);
}

void
daemon_succeed(int *caller, int log)
{
	daemon_let_go(log);
	if (write(*caller, "", 1) == -1)
		log_warn("whoever started grpcd has not waited for it");
	close(*caller);
	*caller = -1;
}
