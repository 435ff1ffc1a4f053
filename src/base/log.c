/*
 * log.c - the error log of this process
 *
 * Runs in every process, in any thread.  It must never block, allocate or
 * change errno: it is called where things go wrong.
 */
#include <config.h>

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_MAX_BYTES 2048 /* below PIPE_BUF: a pipe takes all or nothing */
#define ROLE_MAX 32
#define HEAD_MAX 96 /* time, level, role, pid */

const char *const log_level_words[] = { "debug", "info", "notice", "warn",
	"error", "alert", NULL };

/* How a line is written so that nobody waits. */
enum log_kind {
	LOG_KIND_STARTING, /* log_use has not been called */
	LOG_KIND_PLAIN,    /* a regular file, or opened with O_NONBLOCK */
	LOG_KIND_SOCKET,
	LOG_KIND_POLLED /* inherited, blocking, and not ours to change */
};

static struct {
	int fd;
	enum log_level least;
	enum log_kind kind;
	char role[ROLE_MAX];
	unsigned lost; /* lines not written since the last that was */
	bool torn;     /* the last was written in part */
} state = { .fd = STDERR_FILENO, .least = LOG_LEVEL_INFO };

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

int
log_open(const char *target)
{
	if (strcmp(target, "stderr") == 0)
		return open_stderr();
	return open(target,
	    O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    0640);
}

static enum log_kind
kind_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || S_ISREG(st.st_mode))
		return LOG_KIND_PLAIN;
	if (S_ISSOCK(st.st_mode))
		return LOG_KIND_SOCKET;
	return fcntl(fd, F_GETFL) & O_NONBLOCK ? LOG_KIND_PLAIN
					       : LOG_KIND_POLLED;
}

void
log_use(int fd, enum log_level least)
{
	signal(SIGPIPE, SIG_IGN);
	state.fd = fd;
	state.least = least;
	state.kind = kind_of(fd);
}

void
log_role(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(state.role, sizeof(state.role), fmt, args);
	va_end(args);
}

int
log_descriptor(void)
{
	return state.fd;
}

bool
log_wants(enum log_level level)
{
	return level >= state.least;
}

/* Hands len bytes to the kernel; what write returns. */
static ssize_t
put(const char *bytes, size_t len)
{
	struct pollfd p = { .fd = state.fd, .events = POLLOUT };
	ssize_t n;

	if (state.kind == LOG_KIND_POLLED && poll(&p, 1, 0) != 1)
		return -1;
	do {
		if (state.kind == LOG_KIND_SOCKET)
			n = send(state.fd, bytes, len,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			n = write(state.fd, bytes, len);
	} while (n == -1 && errno == EINTR);
	return n;
}

/* Writes a whole line, which ends in a newline; false if it is lost. */
static bool
put_line(const char *line, size_t len)
{
	ssize_t n;

	if (state.torn && put("\n", 1) != 1)
		return false;
	n = put(line, len);
	state.torn = n > 0 && (size_t)n < len;
	return n == (ssize_t)len;
}

/* "2026-11-22T09:40:01.123+01:00 [info] worker 0 4711: "; its length. */
static size_t
format_head(char out[HEAD_MAX], enum log_level level)
{
	char date[32], zone[8];
	struct timespec now;
	struct tm tm;
	int len;

	if (state.kind == LOG_KIND_STARTING)
		return (size_t)snprintf(out, HEAD_MAX, "grpcd: ");
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	len = snprintf(out, HEAD_MAX, "%s.%03ld%.3s:%s [%s] %s%s%d: ", date,
	    now.tv_nsec / 1000000, zone, zone + 3, log_level_words[level],
	    state.role, *state.role == '\0' ? "" : " ", (int)getpid());
	return len < HEAD_MAX ? (size_t)len : HEAD_MAX - 1;
}

/*
 * Copies text with its control bytes escaped, as far as it fits with a newline
 * behind it; the end.  Text that does not fit ends in "...".
 */
static char *
escape(char *to, const char *end, const char *text)
{
	static const char cut[] = "...";
	char *last = to; /* where the cut may stand */

	for (const char *c = text; *c != '\0'; c++) {
		unsigned char byte = (unsigned char)*c;
		bool control = byte < 0x20 || byte == 0x7f;

		if (end - to < (control ? 5 : 2)) {
			memcpy(last, cut, strlen(cut));
			to = last + strlen(cut);
			break;
		}
		if (control)
			to += sprintf(to, "\\x%02x", byte);
		else
			*to++ = *c;
		if (end - to >= (ptrdiff_t)sizeof(cut))
			last = to;
	}
	*to++ = '\n';
	return to;
}

/* Writes one line of plain text; false if it is lost. */
static bool
write_text(enum log_level level, const char *text)
{
	char line[LINE_MAX_BYTES];
	size_t len = format_head(line, level);
	char *end = escape(line + len, line + sizeof(line), text);

	return put_line(line, (size_t)(end - line));
}

/* Tells how many lines were lost, if any; false if that is lost, too. */
static bool
tell_lost(void)
{
	unsigned lost = __atomic_exchange_n(&state.lost, 0, __ATOMIC_RELAXED);
	char text[64];

	if (lost == 0)
		return true;
	snprintf(text, sizeof(text), "%u log lines were lost: nobody took them",
	    lost);
	if (write_text(LOG_LEVEL_WARN, text))
		return true;
	__atomic_fetch_add(&state.lost, lost, __ATOMIC_RELAXED);
	return false;
}

void
log_vwrite(enum log_level level, const char *fmt, va_list args)
{
	int error = errno;
	char text[LINE_MAX_BYTES];

	if (!log_wants(level))
		return;
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	if (!tell_lost() || !write_text(level, text))
		__atomic_fetch_add(&state.lost, 1, __ATOMIC_RELAXED);
	errno = error;
}

void
log_write(enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_vwrite(level, fmt, args);
	va_end(args);
}

/* Lets the line pass, or counts it. */
static bool
gate_opens(struct log_gate *gate)
{
	int64_t second = clock_now_us() / CLOCK_SECOND;

	if (gate->second != second) {
		gate->second = second;
		gate->passed = 0;
	}
	if (gate->passed >= LOG_GATE_BURST) {
		gate->held++;
		return false;
	}
	gate->passed++;
	return true;
}

void
log_through(struct log_gate *gate, enum log_level level, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	int error = errno;
	va_list args;

	if (!log_wants(level) || !gate_opens(gate))
		return;
	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	if (gate->held == 0)
		log_write(level, "%s", text);
	else
		log_write(level, "%s (%u more like it were held back)", text,
		    gate->held);
	gate->held = 0;
	errno = error;
}

_Noreturn void
log_fatal(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_vwrite(LOG_LEVEL_ALERT, fmt, args);
	va_end(args);
	exit(EXIT_FAILURE);
}
