/*
 * log.c - the error log of this process
 *
 * Runs in every process, in any thread.  It must never block, allocate or
 * change errno: it is called where things go wrong.
 */
#include <config.h>

#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fold.h"
#include "base/sink.h"

#define LINE_MAX_BYTES 2048 /* below PIPE_BUF: a pipe takes all or nothing */
#define ROLE_MAX 32
#define HEAD_MAX (SYSLOGD_HEAD + 64) /* time, level, role, pid */

const char *const log_level_words[] = { "debug", "info", "notice", "warn",
	"error", "alert", NULL };

static struct {
	bool started; /* log_use has been called */
	struct sink sink;
	enum log_level least;
	char role[ROLE_MAX];
	unsigned lost;       /* lines not written since the last that was */
	atomic_flag folding; /* a thread is at `fold` */
	struct fold fold;
} state = { .sink = { .fd = STDERR_FILENO },
	.least = LOG_LEVEL_INFO,
	.folding = ATOMIC_FLAG_INIT };

int
log_open(const char *target)
{
	return sink_open(target);
}

void
log_use(int fd, const char *target, enum log_level least)
{
	static bool at_exit;

	signal(SIGPIPE, SIG_IGN);
	if (!at_exit)
		at_exit = atexit(log_flush) == 0;
	log_flush();
	sink_use(&state.sink, fd, target);
	state.least = least;
	state.started = true;
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
	return state.sink.fd;
}

bool
log_wants(enum log_level level)
{
	return level >= state.least;
}

/* "2026-11-22T09:40:01.123+01:00 [info] worker 0 4711: "; its length. */
static size_t
format_plain_head(char out[HEAD_MAX], enum log_level level)
{
	char date[32], zone[8];
	struct timespec now;
	struct tm tm;
	int len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	len = snprintf(out, HEAD_MAX, "%s.%03ld%.3s:%s [%s] %s%s%d: ", date,
	    now.tv_nsec / 1000000, zone, zone + 3, log_level_words[level],
	    state.role, *state.role == '\0' ? "" : " ", (int)getpid());
	return len < HEAD_MAX ? (size_t)len : HEAD_MAX - 1;
}

/* "<30>Nov 22 09:40:01 grpcd[4711]: [info] worker 0: "; its length. */
static size_t
format_syslog_head(char out[HEAD_MAX], enum log_level level)
{
	size_t len = syslogd_head(&state.sink.syslogd, level, out);

	return len + (size_t)snprintf(out + len, HEAD_MAX - len, "[%s] %s%s",
			 log_level_words[level], state.role,
			 *state.role == '\0' ? "" : ": ");
}

static size_t
format_head(char out[HEAD_MAX], enum log_level level)
{
	if (!state.started)
		return (size_t)snprintf(out, HEAD_MAX, "grpcd: ");
	return state.sink.kind == SINK_SYSLOG ? format_syslog_head(out, level)
					      : format_plain_head(out, level);
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

	return sink_put(&state.sink, line, (size_t)(end - line));
}

static void
count_lost(unsigned n)
{
	__atomic_fetch_add(&state.lost, n, __ATOMIC_RELAXED);
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
	count_lost(lost);
	return false;
}

/* Writes a line behind what must be told first; false if it is lost. */
static bool
write_counted(enum log_level level, const char *text)
{
	if (tell_lost() && write_text(level, text))
		return true;
	count_lost(1);
	return false;
}

/* Tells how often the last line was repeated, if it was. */
static void
tell_repeated(void)
{
	int level;
	unsigned repeated = fold_take(&state.fold, &level);
	char text[64];

	if (repeated == 0)
		return;
	snprintf(text, sizeof(text), "last line repeated %u time%s", repeated,
	    repeated == 1 ? "" : "s");
	if (!write_text((enum log_level)level, text))
		count_lost(repeated);
}

static void
write_folded(enum log_level level, const char *text)
{
	int64_t now = clock_now_us();

	if (fold_repeats(&state.fold, now, (int)level, text))
		return;
	tell_repeated();
	if (write_counted(level, text))
		fold_begin(&state.fold, now, (int)level, text);
}

void
log_flush(void)
{
	int error = errno;

	if (atomic_flag_test_and_set(&state.folding))
		return;
	tell_repeated();
	atomic_flag_clear(&state.folding);
	errno = error;
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
	/* Nobody waits for another thread: his line is no repetition then. */
	if (!state.started || atomic_flag_test_and_set(&state.folding)) {
		write_counted(level, text);
	} else {
		write_folded(level, text);
		atomic_flag_clear(&state.folding);
	}
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
