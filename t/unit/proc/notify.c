/*
 * notify.c - what a manager gets on a datagram socket, and when
 */
#include <config.h>

#include "proc/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "tap.h"

static char directory[] = "/tmp/grpcd-notify-XXXXXX";
static char path[sizeof(directory) + 10];
static int log_reader;

/* A manager that listens at a name as NOTIFY_SOCKET has it. */
static int
manager_open(const char *name)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	size_t len = strlen(name);

	memcpy(sa.sun_path, name, len);
	if (*name == '@')
		sa.sun_path[0] = '\0';
	if (bind(manager, (const struct sockaddr *)&sa,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
			    (*name == '/'))) == -1) {
		perror(name);
		exit(99);
	}
	return manager;
}

/* The next message, as one line; "" if there is none. */
static const char *
heard(int manager)
{
	static char text[2048];
	ssize_t n = recv(manager, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	for (char *c = text; *c != '\0'; c++) {
		if (*c == '\n')
			*c = '|';
	}
	return text;
}

/* What was logged since the last call. */
static const char *
logged(void)
{
	static char text[4096];
	ssize_t n = read(log_reader, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* As if started with this NOTIFY_SOCKET (NULL: none) and no watchdog. */
static void
start(const char *name)
{
	if (name != NULL)
		setenv("NOTIFY_SOCKET", name, 1);
	notify_init();
}

/* As if started by the manager at path, with a watchdog of that process. */
static void
start_watched(const char *usec, int pid)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	setenv("WATCHDOG_USEC", usec, 1);
	setenv("WATCHDOG_PID", number, 1);
	start(path);
}

static void
test_alone(void)
{
	start(NULL);
	notify_ready("nobody hears it");
	notify_beat(clock_now_us(), true);
	ok(notify_due_us() == CLOCK_NEVER, "without a manager nothing is due");
	is_text("", logged(), "and nothing is wrong");
}

static void
test_environment(void)
{
	static const char *const names[] = { "NOTIFY_SOCKET", "WATCHDOG_PID",
		"WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		setenv(names[i], "1", 1);
	setenv("NOTIFY", "1", 1);
	notify_init();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ok(getenv(names[i]) == NULL, "no child gets %s", names[i]);
	is_text("1", getenv("NOTIFY"), "they get others");
	ok(strstr(logged(), "NOTIFY_SOCKET=1 ") != NULL, "a bad one is told");
}

static void
test_messages(int manager)
{
	char expected[128];
	int64_t began, before = clock_now_us();

	snprintf(expected, sizeof(expected),
	    "READY=1|MAINPID=%d|STATUS=2 workers|", (int)getpid());
	notify_ready("2 workers");
	is_text(expected, heard(manager), "ready");
	notify_reloading(NULL);
	is_int(1,
	    sscanf(heard(manager), "RELOADING=1|MONOTONIC_USEC=%" SCNd64 "|",
		&began),
	    "reloading");
	ok(began >= before && began <= clock_now_us(), "since now");
	notify_status("a\nREADY=1\x01");
	is_text("STATUS=a READY=1 |", heard(manager), "a status is one line");
	notify_stopping("draining", 1500);
	is_text("STOPPING=1|EXTEND_TIMEOUT_USEC=1500000|STATUS=draining|",
	    heard(manager), "stopping, and for how long");
	ok(notify_due_us() == CLOCK_NEVER, "nothing is due");
	is_text("", heard(manager), "nothing else was sent");
}

static void
test_long_status(int manager)
{
	char status[2000];
	const char *text;

	memset(status, 'x', sizeof(status) - 1);
	status[sizeof(status) - 1] = '\0';
	notify_stopping(status, INT64_MAX / CLOCK_MS);
	text = heard(manager);
	ok(strncmp(text, "STOPPING=1|", 11) == 0 && strlen(text) < 1024 &&
		strcmp(text + strlen(text) - 2, "x|") == 0,
	    "a long status is cut");
}

/* More than the manager's queue takes. */
static void
test_full(int manager)
{
	int sent = 0;
	const char *last = "", *text;
	char copy[64] = "";

	notify_status("first");
	heard(manager);
	while (notify_due_us() == CLOCK_NEVER && sent < 100000) {
		notify_status("old");
		sent++;
	}
	ok(sent < 100000, "the manager's queue is full after %d", sent);
	notify_reloading("lost");
	notify_ready("new");
	notify_status("newer");
	ok(notify_due_us() <= clock_now_us() + CLOCK_SECOND, "it is due soon");
	notify_beat(clock_now_us(), true);
	for (text = heard(manager); *text != '\0'; text = heard(manager))
		snprintf(copy, sizeof(copy), "%.63s", text);
	is_text("STATUS=old|", copy, "no room, no message");
	notify_beat(clock_now_us(), true);
	last = heard(manager);
	ok(strncmp(last, "READY=1|", 8) == 0 &&
		strstr(last, "|STATUS=newer|") != NULL,
	    "then the last change and the last status, together");
	ok(notify_due_us() == CLOCK_NEVER, "once");
}

static void
test_watchdog(int manager)
{
	int64_t now = 7 * CLOCK_SECOND;

	start_watched("4000000", getpid());
	ok(notify_due_us() <= now, "the first beat is due at once");
	notify_beat(now, true);
	is_text("WATCHDOG=1|", heard(manager), "it is sent");
	ok(notify_due_us() == now + 2 * CLOCK_SECOND, "the next: half-time");
	notify_beat(now + 1, true);
	is_text("", heard(manager), "not before it is due");
	now += 2 * CLOCK_SECOND;
	notify_beat(now, false);
	is_text("", heard(manager), "none while something is wrong");
	now += 2 * CLOCK_SECOND;
	notify_beat(now, true);
	is_text("WATCHDOG=1|", heard(manager), "one when all is well again");
	is_text("", logged(), "nothing is wrong");
}

static void
test_no_watchdog(int manager)
{
	start_watched("4000000", 1);
	notify_beat(clock_now_us(), true);
	is_text("", heard(manager), "another process's watchdog is not ours");
	ok(notify_due_us() == CLOCK_NEVER, "and never due");
	start_watched("soon", getpid());
	notify_beat(clock_now_us(), true);
	is_text("", heard(manager), "no beat without a time");
	ok(strstr(logged(), "WATCHDOG_USEC=soon ") != NULL, "that is told");
	setenv("WATCHDOG_USEC", "4000000", 1);
	start(path);
	notify_beat(clock_now_us(), true);
	is_text("WATCHDOG=1|", heard(manager), "without a pid it is ours");
	start(NULL);
}

static void
test_gone(void)
{
	start(path);
	unlink(path);
	notify_status("nobody there");
	ok(strstr(logged(), strerror(ENOENT)) != NULL,
	    "a manager gone is told");
	ok(notify_due_us() == CLOCK_NEVER, "and not waited for");
}

static void
test_names(void)
{
	char name[200];
	int manager;

	snprintf(name, sizeof(name), "@grpcd-notify-%d", (int)getpid());
	manager = manager_open(name);
	start(name);
	notify_status("abstract");
	is_text("STATUS=abstract|", heard(manager), "a name without a file");
	close(manager);
	memset(name, '/', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	start(name);
	ok(strstr(logged(), " is no Unix socket") != NULL, "one too long");
	start("@");
	ok(strstr(logged(), " is no Unix socket") != NULL, "one too short");
	notify_status("nobody");
}

static void
test_sockets(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "2", 1);
	notify_init();
	ok(strstr(logged(), "the 2 sockets ") != NULL,
	    "sockets of the manager are refused");
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "2", 1);
	notify_init();
	is_text("", logged(), "those of others are not our business");
}

int
main(void)
{
	int pipes[2], manager;

	if (mkdtemp(directory) == NULL || pipe2(pipes, O_NONBLOCK) == -1) {
		perror(directory);
		return 99;
	}
	log_reader = pipes[0];
	log_use(pipes[1], "stderr", LOG_LEVEL_INFO);
	snprintf(path, sizeof(path), "%s/socket", directory);
	manager = manager_open(path);
	test_alone();
	test_environment();
	start(path);
	test_messages(manager);
	test_long_status(manager);
	test_full(manager);
	test_watchdog(manager);
	test_no_watchdog(manager);
	close(manager);
	test_gone();
	test_names();
	test_sockets();
	rmdir(directory);
	return done();
}
