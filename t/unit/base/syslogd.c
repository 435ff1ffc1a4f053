/*
 * syslogd.c - targets as error_log names them, and heads of lines
 */
#include <config.h>

#include "base/syslogd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

static void
test_meant(void)
{
	ok(syslogd_is_meant("syslog"), "the daemon");
	ok(syslogd_is_meant("syslog:"), "the daemon, too");
	ok(!syslogd_is_meant("syslog.log"), "a file");
	ok(!syslogd_is_meant("/var/log/syslog"), "another");
	ok(!syslogd_is_meant(""), "nothing");
}

/* A target that is understood, as "FACILITY TAG SERVER". */
static void
understood(const char *target, const char *expected)
{
	struct syslogd s;
	char got[256];
	const char *why = syslogd_parse(target, &s);

	if (why == NULL)
		snprintf(got, sizeof(got), "%d %s %s", s.facility, s.tag,
		    s.server.sun_path);
	is_text(expected, why == NULL ? got : why, "%s", target);
}

/* One that is not; why must begin as expected. */
static void
refused(const char *target, const char *expected)
{
	struct syslogd s;
	const char *why = syslogd_parse(target, &s);

	if (!ok(why != NULL && strncmp(why, expected, strlen(expected)) == 0,
		"%.60s is refused", target))
		printf("# %s\n", why == NULL ? "(it was not)" : why);
}

static void
test_targets(void)
{
	char longest[400] = "syslog:server=unix:/";

	understood("syslog", "3 grpcd /dev/log");
	understood("syslog:", "3 grpcd /dev/log");
	understood("syslog:facility=local7", "23 grpcd /dev/log");
	understood("syslog:tag=a-b_c.d/9,facility=user",
	    "1 a-b_c.d/9 /dev/log");
	understood("syslog:server=unix:/run/x,tag=y", "3 y /run/x");
	understood("syslog:tag=abcdefghijklmnopqrstuvwxyz012345",
	    "3 abcdefghijklmnopqrstuvwxyz012345 /dev/log");
	refused("syslog:facility=demon",
	    "facility=demon: did you mean daemon?");
	refused("syslog:facility=", "facility= is none");
	refused("syslog:facility=kern", "facility=kern");
	refused("syslog:tag=", "tag= is not");
	refused("syslog:tag=a:b", "tag=a:b is not");
	refused("syslog:tag=abcdefghijklmnopqrstuvwxyz0123456", "tag=");
	refused("syslog:server=10.0.0.1:514", "server=10.0.0.1:514 is not");
	refused("syslog:server=unix:log", "server=unix:log is not");
	refused("syslog:severity=info", "\"severity=info\" is none of");
	refused("syslog:tag=a,,facility=user", "\"\" is none of");
	memset(longest + strlen(longest), 'x', 120);
	refused(longest, "server=");
	memset(longest + strlen(longest), 'x', 250);
	refused(longest, "syslog: has more");
}

static void
test_head(void)
{
	struct syslogd s;
	char head[SYSLOGD_HEAD], expected[SYSLOGD_HEAD];

	syslogd_parse("syslog:facility=local7,"
		      "tag=abcdefghijklmnopqrstuvwxyz012345",
	    &s);
	is_int(syslogd_head(&s, LOG_LEVEL_ALERT, head), strlen(head), "length");
	snprintf(expected, sizeof(expected), " %s[%d]: ", s.tag, (int)getpid());
	is_text(expected, head + strlen("<185>Nov 22 09:40:01"), "tag and pid");
	head[strlen("<185>")] = '\0';
	is_text("<185>", head, "facility and severity");
}

int
main(void)
{
	test_meant();
	test_targets();
	test_head();
	return done();
}
