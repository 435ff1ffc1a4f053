/*
 * notify.c - what the service manager is told about this server
 *
 * Runs in the master.  There is one manager, so the state is the process's; the
 * socket is not connected, since the manager may bind its name anew.
 */
#include <config.h>

#include "proc/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define LINES_MAX 512
#define RETRY_US (100 * CLOCK_MS)

static struct {
	int fd; /* -1: nobody listens */
	struct sockaddr_un to;
	socklen_t to_len;
	int64_t beat_us; /* from one beat to the next; 0: nobody counts them */
	int64_t next_us; /* the next beat */
	/* What the manager has not got yet, as lines; empty if it has. */
	char change[LINES_MAX];
	char status[LINES_MAX];
	bool beat;
	int64_t retry_us; /* the next attempt to tell it */
} state = { .fd = -1 };

/* The environment */

/* "/path", or "@name" of a socket without a file; false for anything else. */
static bool
find_manager(const char *name)
{
	size_t len = strlen(name);

	if ((*name != '/' && *name != '@') || len < 2 ||
	    len >= sizeof(state.to.sun_path))
		return false;
	state.to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(state.to.sun_path, name, len);
	state.to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				   len + (*name == '/'));
	if (*name == '@') /* unix(7): such a name begins with a zero byte */
		state.to.sun_path[0] = '\0';
	return true;
}

static void
take_socket(const char *name)
{
	if (state.fd != -1)
		close(state.fd);
	state.fd = -1;
	if (name == NULL)
		return;
	if (!find_manager(name)) {
		log_warn("NOTIFY_SOCKET=%s is no Unix socket: the service "
			 "manager is told nothing",
		    name);
		return;
	}
	state.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (state.fd == -1)
		log_warn("the service manager is told nothing: socket: %s",
		    strerror(errno));
}

/* A number in the environment is ours if it is the number of this process. */
static bool
is_ours(const char *pid)
{
	int64_t number;

	return text_parse_int(pid, &number) && number == getpid();
}

/* The manager waits for twice the time from beat to beat: one may be late. */
static void
take_watchdog(const char *pid, const char *usec)
{
	int64_t interval;

	state.beat_us = 0;
	if (usec == NULL || (pid != NULL && !is_ours(pid)))
		return;
	if (!text_parse_int(usec, &interval) || interval < 2)
		log_warn("WATCHDOG_USEC=%s is no time: the watchdog is not fed",
		    usec);
	else
		state.beat_us = interval / 2;
}

static void
refuse_sockets(const char *pid, const char *n)
{
	int64_t number;

	if (pid != NULL && n != NULL && is_ours(pid) &&
	    text_parse_int(n, &number) && number > 0)
		log_warn("the %" PRId64 " sockets of the service manager are "
			 "not used: grpcd makes its own; disable the socket "
			 "unit",
		    number);
}

void
notify_init(void)
{
	static const char *const names[] = { "NOTIFY_SOCKET", "WATCHDOG_PID",
		"WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES" };

	take_socket(getenv("NOTIFY_SOCKET"));
	take_watchdog(getenv("WATCHDOG_PID"), getenv("WATCHDOG_USEC"));
	refuse_sockets(getenv("LISTEN_PID"), getenv("LISTEN_FDS"));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
	state.next_us = state.retry_us = 0;
	state.change[0] = state.status[0] = '\0';
	state.beat = false;
}

bool
notify_is_wanted(void)
{
	return state.fd != -1;
}

int64_t
notify_watchdog_us(void)
{
	return state.fd == -1 ? 0 : state.beat_us;
}

/* Telling */

static bool
something_waits(void)
{
	return state.change[0] != '\0' || state.status[0] != '\0' || state.beat;
}

/* Sends all that waits in one datagram, if there is room for it. */
static void
tell(void)
{
	char text[2 * LINES_MAX + 32];
	int len;

	if (state.fd == -1 || !something_waits())
		return;
	len = snprintf(text, sizeof(text), "%s%s%s", state.change, state.status,
	    state.beat ? "WATCHDOG=1\n" : "");
	if (sendto(state.fd, text, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL,
		(const struct sockaddr *)&state.to, state.to_len) == -1) {
		if (errno == EAGAIN || errno == ENOBUFS) {
			state.retry_us = clock_now_us() + RETRY_US;
			return;
		}
		log_limited(LOG_LEVEL_WARN,
		    "cannot tell the service manager: %s", strerror(errno));
	}
	state.change[0] = state.status[0] = '\0';
	state.beat = false;
}

/* The protocol is one of lines: what would begin another becomes a space. */
static void
set_status(const char *status)
{
	if (status == NULL)
		return;
	snprintf(state.status, sizeof(state.status) - 1, "STATUS=%s", status);
	for (char *c = state.status; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ')
			*c = ' ';
	}
	strcat(state.status, "\n");
}

__attribute__((format(printf, 2, 3))) static void
change(const char *status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(state.change, sizeof(state.change), fmt, args);
	va_end(args);
	set_status(status);
	tell();
}

void
notify_ready(const char *status)
{
	change(status, "READY=1\nMAINPID=%d\n", (int)getpid());
}

void
notify_reloading(const char *status)
{
	/* When it began, so that the manager knows which READY=1 ends it. */
	change(status, "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n",
	    clock_now_us());
}

void
notify_stopping(const char *status, int64_t takes_ms)
{
	change(status, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%" PRId64 "\n",
	    takes_ms * CLOCK_MS);
}

void
notify_status(const char *status)
{
	set_status(status);
	tell();
}

/* The watchdog */

int64_t
notify_due_us(void)
{
	int64_t due = CLOCK_NEVER;

	if (state.fd == -1)
		return CLOCK_NEVER;
	if (state.beat_us > 0)
		due = state.next_us;
	if (something_waits() && state.retry_us < due)
		due = state.retry_us;
	return due;
}

void
notify_beat(int64_t now_us, bool healthy)
{
	if (state.beat_us > 0 && now_us >= state.next_us) {
		state.next_us = now_us + state.beat_us;
		state.beat = healthy;
	}
	tell();
}
