/*
 * sink.h - where lines of a log go: a descriptor that nobody waits for
 */
#ifndef BASE_SINK_H
#define BASE_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/syslogd.h"

/* How a line is written so that nobody waits. */
enum sink_kind {
	SINK_PLAIN, /* a regular file, or opened with O_NONBLOCK */
	SINK_SOCKET,
	SINK_SYSLOG,
	SINK_POLLED /* inherited, blocking, and not ours to change */
};

struct sink {
	int fd;
	enum sink_kind kind;
	bool torn; /* the last line was written in part */
	struct syslogd syslogd;
};

/* As log_open. */
int sink_open(const char *target);

/* Lines go to fd, which stays the caller's; target as log_use has it. */
void sink_use(struct sink *s, int fd, const char *target);

/* Writes a line, which ends in a newline; false if it is lost. */
bool sink_put(struct sink *s, const char *line, size_t len);

#endif
