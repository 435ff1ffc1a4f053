/*
 * log.h - the error log of this process
 *
 * One line an event: time, level, role and pid, text.  Only the master opens
 * logs; a worker writes to the descriptor that it was given.  Writing never
 * blocks: a line that the other end of a pipe has no room for is counted, and
 * the count is told with the next line that fits.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_ALERT
};

/* The words of the levels, in their order: "debug" ... "alert", NULL. */
extern const char *const log_level_words[];

/*
 * Opens a log: a path (created 0640, appended to), "stderr" or "syslog:..."
 * (base/syslogd.h).  Returns a descriptor that never blocks whoever writes to
 * it and that exec closes, or -1 with errno.  The caller owns it.
 */
int log_open(const char *target);

/*
 * From here on lines of this level or above go to fd, with role ("master",
 * "worker 0") in each.  fd stays the caller's; target is what log_open made it
 * of, since syslog's lines have a form of their own.  SIGPIPE is ignored from
 * here on, since the log may be a pipe.  Before the first call lines go to
 * standard error as "grpcd: TEXT", for whoever started the program.
 */
void log_use(int fd, const char *target, enum log_level least);
void log_role(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The descriptor in use, for handing on. */
int log_descriptor(void);

/* True if a line of this level would be written. */
bool log_wants(enum log_level level);

/*
 * Writes a line of at most 2048 bytes; a longer text is cut and ends in "...".
 * errno is kept.  Control bytes are escaped as \xHH.  A line that repeats the
 * last one of this process within some seconds is counted, and the count told
 * ("last line repeated N times") before the next line, or by log_flush.
 */
void log_write(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void log_vwrite(enum log_level level, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

/*
 * Tells what is counted and not told yet.  Happens by itself at exit; a loop
 * with a timer may call it now and then.
 */
void log_flush(void);

#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_notice(...) log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_warn(...) log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_alert(...) log_write(LOG_LEVEL_ALERT, __VA_ARGS__)

/*
 * A gate for lines that a client can cause: at most `burst` lines a
 * second pass; the first to pass afterwards is told how many did not.
 */
struct log_gate {
	int64_t second;
	unsigned passed, held;
};
#define LOG_GATE_BURST 5

/*
 * As log_write, through a gate that belongs to one cause (a static variable at
 * the place that logs, see log_limited, which looks at its arguments only if
 * the level is logged).
 */
void log_through(struct log_gate *gate, enum log_level level, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

#define log_limited(level, ...)                                  \
	do {                                                     \
		static struct log_gate gate_;                    \
		if (log_wants(level))                            \
			log_through(&gate_, level, __VA_ARGS__); \
	} while (0)

/* The last words: an alert, then exit status 1. */
_Noreturn void log_fatal(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

#endif
