/*
 * syslogd.c - the system's log daemon, as error_log names it
 *
 * Parsed wherever a config is read; opened by the master alone, connected again
 * by whichever process first finds the daemon gone.
 */
#include <config.h>

#include "base/syslogd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define PREFIX "syslog"

/* RFC 3164, 4.1.1, by number; those that no program may use are left out. */
static const char *const facilities[] = { [1] = "user",
	[2] = "mail",
	[3] = "daemon",
	[4] = "auth",
	[5] = "syslog",
	[6] = "lpr",
	[7] = "news",
	[8] = "uucp",
	[9] = "cron",
	[10] = "authpriv",
	[11] = "ftp",
	[16] = "local0",
	[17] = "local1",
	[18] = "local2",
	[19] = "local3",
	[20] = "local4",
	[21] = "local5",
	[22] = "local6",
	[23] = "local7" };
#define N_FACILITIES (sizeof(facilities) / sizeof(*facilities))

/* RFC 3164's severities, by our levels. */
static const int severities[] = {
	[LOG_LEVEL_DEBUG] = 7,
	[LOG_LEVEL_INFO] = 6,
	[LOG_LEVEL_NOTICE] = 5,
	[LOG_LEVEL_WARN] = 4,
	[LOG_LEVEL_ERROR] = 3,
	[LOG_LEVEL_ALERT] = 1,
};

__attribute__((format(printf, 1, 2))) static const char *
wrong(const char *fmt, ...)
{
	static char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return text;
}

static const char *
set_facility(struct syslogd *s, const char *value)
{
	const char *words[N_FACILITIES], *nearest;
	size_t n = 0;

	for (size_t i = 0; i < N_FACILITIES; i++) {
		if (facilities[i] == NULL)
			continue;
		if (strcmp(facilities[i], value) == 0) {
			s->facility = (int)i;
			return NULL;
		}
		words[n++] = facilities[i];
	}
	nearest = text_nearest(value, words, n);
	if (nearest != NULL)
		return wrong("facility=%s: did you mean %s?", value, nearest);
	return wrong("facility=%s is none; daemon and local0 to local7 are "
		     "some",
	    value);
}

static const char *
set_tag(struct syslogd *s, const char *value)
{
	size_t len = strlen(value);

	/* What may stand in a tag; a ':' or '[' would end it. */
	if (len == 0 || len >= sizeof(s->tag) ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyz"
			  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") < len)
		return wrong("tag=%s is not 1 to %d letters, digits or -_./",
		    value, SYSLOGD_TAG - 1);
	memcpy(s->tag, value, len + 1);
	return NULL;
}

static const char *
set_server(struct syslogd *s, const char *value)
{
	static const char kind[] = "unix:";
	const char *path = value + strlen(kind);

	if (strncmp(value, kind, strlen(kind)) != 0 || *path != '/')
		return wrong("server=%s is not unix:/PATH", value);
	if (strlen(path) >= sizeof(s->server.sun_path))
		return wrong("server=%s: the path is longer than %zu bytes",
		    value, sizeof(s->server.sun_path) - 1);
	strcpy(s->server.sun_path, path);
	return NULL;
}

static const struct part {
	const char *name;
	const char *(*set)(struct syslogd *s, const char *value);
} parts[] = {
	{ "facility=", set_facility },
	{ "tag=", set_tag },
	{ "server=", set_server },
};

static const char *
set_part(struct syslogd *s, const char *text)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		size_t len = strlen(parts[i].name);

		if (strncmp(text, parts[i].name, len) == 0)
			return parts[i].set(s, text + len);
	}
	return wrong("\"%s\" is none of facility=, tag=, server=", text);
}

bool
syslogd_is_meant(const char *target)
{
	size_t len = strlen(PREFIX);

	return strncmp(target, PREFIX, len) == 0 &&
	       (target[len] == ':' || target[len] == '\0');
}

const char *
syslogd_parse(const char *target, struct syslogd *ret)
{
	struct syslogd s = { .facility = 3,
		.tag = "grpcd",
		.server = { .sun_family = AF_UNIX, .sun_path = "/dev/log" } };
	char text[256];
	const char *why = NULL;
	char *rest = text;

	target += strlen(PREFIX);
	if (*target == ':')
		target++;
	if (strlen(target) >= sizeof(text))
		return "syslog: has more text behind it than any use for it";
	strcpy(text, target);
	while (why == NULL && rest != NULL && *rest != '\0')
		why = set_part(&s, strsep(&rest, ","));
	if (why == NULL)
		*ret = s;
	return why;
}

int
syslogd_open(const struct syslogd *s)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd == -1 || syslogd_reconnect(s, fd) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

int
syslogd_reconnect(const struct syslogd *s, int fd)
{
	return connect(fd, (const struct sockaddr *)&s->server,
	    sizeof(s->server));
}

size_t
syslogd_head(const struct syslogd *s, enum log_level level,
    char out[SYSLOGD_HEAD])
{
	time_t now = time(NULL);
	char date[32];
	struct tm tm;
	int len;

	localtime_r(&now, &tm);
	strftime(date, sizeof(date), "%b %e %H:%M:%S", &tm);
	len = snprintf(out, SYSLOGD_HEAD,
	    "<%d>%s %s[%d]: ", s->facility * 8 + severities[level], date,
	    s->tag, (int)getpid());
	return len < SYSLOGD_HEAD ? (size_t)len : SYSLOGD_HEAD - 1;
}
