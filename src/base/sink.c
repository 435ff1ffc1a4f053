/*
 * sink.c - where lines of a log go: a descriptor that nobody waits for
 *
 * Runs in every process, in any thread, for log.c.  It must never block.
 */
#include <config.h>

#include "base/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Standard error again.  Setting O_NONBLOCK on it would set it for all who
 * share it, so a pipe or a terminal gets an open file description of our own.
 * A regular file does not: appending through a second description would write
 * into what others write at the first one's offset.  A socket cannot be opened
 * again, and needs not (MSG_DONTWAIT).
 */
static int
open_stderr(void)
{
	struct stat st;
	int fd = -1;

	if (fstat(STDERR_FILENO, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode) && !S_ISSOCK(st.st_mode))
		fd = open("/proc/self/fd/2",
		    O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) /* or a user's terminal that our user may not open */
		fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd;
}

static int
open_syslog(const char *target)
{
	struct syslogd s;

	if (syslogd_parse(target, &s) == NULL)
		return syslogd_open(&s);
	errno = EINVAL;
	return -1;
}

int
sink_open(const char *target)
{
	if (strcmp(target, "stderr") == 0)
		return open_stderr();
	if (syslogd_is_meant(target))
		return open_syslog(target);
	return open(target,
	    O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    0640);
}

static enum sink_kind
kind_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || S_ISREG(st.st_mode))
		return SINK_PLAIN;
	if (S_ISSOCK(st.st_mode))
		return SINK_SOCKET;
	return fcntl(fd, F_GETFL) & O_NONBLOCK ? SINK_PLAIN : SINK_POLLED;
}

void
sink_use(struct sink *s, int fd, const char *target)
{
	s->fd = fd;
	s->torn = false;
	if (syslogd_is_meant(target) &&
	    syslogd_parse(target, &s->syslogd) == NULL)
		s->kind = SINK_SYSLOG;
	else
		s->kind = kind_of(fd);
}

/* Hands len bytes to the kernel; what write returns. */
static ssize_t
put(const struct sink *s, const char *bytes, size_t len)
{
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };
	ssize_t n;

	if (s->kind == SINK_POLLED && poll(&p, 1, 0) != 1)
		return -1;
	do {
		if (s->kind == SINK_SOCKET || s->kind == SINK_SYSLOG)
			n = send(s->fd, bytes, len,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			n = write(s->fd, bytes, len);
	} while (n == -1 && errno == EINTR);
	return n;
}

/* A datagram needs no newline. */
static bool
put_datagram(const struct sink *s, const char *line, size_t len)
{
	if (put(s, line, len - 1) != -1)
		return true;
	return (errno == ECONNREFUSED || errno == ENOTCONN) &&
	       syslogd_reconnect(&s->syslogd, s->fd) == 0 &&
	       put(s, line, len - 1) != -1;
}

bool
sink_put(struct sink *s, const char *line, size_t len)
{
	ssize_t n;

	if (s->kind == SINK_SYSLOG)
		return put_datagram(s, line, len);
	if (s->torn && put(s, "\n", 1) != 1)
		return false;
	n = put(s, line, len);
	s->torn = n > 0 && (size_t)n < len;
	return n == (ssize_t)len;
}
