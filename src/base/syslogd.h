/*
 * syslogd.h - the system's log daemon, as error_log names it
 *
 *	syslog:facility=daemon,tag=grpcd,server=unix:/dev/log
 *
 * Each part may be left out, and is what stands here then.  Without syslog(3),
 * which would open the socket in whoever logs first and wait for room in it.
 */
#ifndef BASE_SYSLOGD_H
#define BASE_SYSLOGD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

#include "base/log.h"

#define SYSLOGD_TAG 33
#define SYSLOGD_HEAD 96

struct syslogd {
	int facility; /* RFC 3164, 4.1.1 */
	char tag[SYSLOGD_TAG];
	struct sockaddr_un server;
};

/* True if error_log means the daemon, not a file: "syslog", "syslog:...". */
bool syslogd_is_meant(const char *target);

/* NULL; or what is wrong with such a target, in a text that needs no free. */
const char *syslogd_parse(const char *target, struct syslogd *ret);

/* A socket that never blocks and that exec closes; -1 with errno. */
int syslogd_open(const struct syslogd *s);

/*
 * Connects the socket again, for all processes that share it, once the daemon
 * has been started anew; 0 or -1 with errno.
 */
int syslogd_reconnect(const struct syslogd *s, int fd);

/*
 * "<27>Nov 22 09:40:01 grpcd[4711]: ", with which a line begins; its length.
 * That is RFC 3164's form as it is written to /dev/log, without a host, since
 * not all who read there understand RFC 5424's.
 */
size_t syslogd_head(const struct syslogd *s, enum log_level level,
    char out[SYSLOGD_HEAD]);

#endif
