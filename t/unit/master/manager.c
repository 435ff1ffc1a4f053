/*
 * manager.c - what a service manager hears of a start, reloads and the end
 */
#include <config.h>

#include "rig.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

#define LISTENER "listener a { address = \"unix:a.sock\" }\n"

static int manager; /* the socket that NOTIFY_SOCKET names */
static char heard[4096];

/* A rig whose master finds a manager, which feeds on watchdog_us. */
static struct rig *
managed(const char *watchdog_us)
{
	struct rig *rig = rig_new();
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	snprintf(name.sun_path, sizeof(name.sun_path), "%s/notify", rig->dir);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(manager, (struct sockaddr *)&name, sizeof(name)) == -1)
		abort();
	setenv("NOTIFY_SOCKET", name.sun_path, 1);
	if (watchdog_us != NULL)
		setenv("WATCHDOG_USEC", watchdog_us, 1);
	else
		unsetenv("WATCHDOG_USEC");
	return rig;
}

static void
end(struct rig *rig)
{
	rig_end(rig);
	close(manager);
}

/* Waits for a datagram with the text; what comes before is dropped. */
static bool
hears_within(const char *text, int64_t us)
{
	struct pollfd wait = { .fd = manager, .events = POLLIN };
	int64_t until_us = clock_now_us() + us;
	ssize_t n;

	for (;;) {
		int64_t left_us = until_us - clock_now_us();

		if (left_us <= 0 ||
		    poll(&wait, 1, (int)(left_us / CLOCK_MS) + 1) != 1)
			return false;
		n = recv(manager, heard, sizeof(heard) - 1, 0);
		heard[n > 0 ? n : 0] = '\0';
		if (strstr(heard, text) != NULL)
			return true;
	}
}

static bool
hears(const char *text)
{
	if (hears_within(text, 10 * CLOCK_SECOND))
		return true;
	printf("# not heard: %s\n", text);
	return false;
}

static bool
has(const char *text)
{
	if (strstr(heard, text) != NULL)
		return true;
	printf("# no \"%s\" in: %s\n", text, heard);
	return false;
}

static void
a_life(void)
{
	struct rig *rig = managed(NULL);
	char pid[32];

	rig_config(rig, "workers = 2\n" LISTENER);
	rig_start(rig);
	ok(hears("READY=1\n"), "the start is told");
	snprintf(pid, sizeof(pid), "MAINPID=%d\n", (int)rig->master);
	ok(has(pid), "with the master's number");
	ok(has("STATUS=generation 1: 2 of 2 workers serve; "), "and a status");
	rig_signal(rig, SIGHUP);
	ok(hears("RELOADING=1\n"), "a reload is told");
	ok(has("MONOTONIC_USEC="), "with its time");
	ok(hears("READY=1\n"), "and its end");
	ok(has("STATUS=generation 2: "), "with the new status");
	ok(!has("reload failed"), "of no failure");
	rig_signal(rig, SIGWINCH);
	rig_signal(rig, SIGHUP);
	ok(hears("STATUS=generation 3: 2 of 2 workers serve"),
	    "workers were sent away and are back");
	rig_signal(rig, SIGQUIT);
	ok(hears("STOPPING=1\n"), "the end is told");
	end(rig);
}

static void
a_reload_fails(void)
{
	struct rig *rig = managed(NULL);

	rig_config(rig, "workers = 1\n" LISTENER);
	rig_start(rig);
	ok(hears("READY=1\n"), "the start is told");
	rig_config(rig, "nonsense = 1\n");
	rig_signal(rig, SIGHUP);
	ok(hears("RELOADING=1\n"), "a reload is told");
	ok(hears("READY=1\n"), "so is its end, though it fails");
	ok(has("reload failed: ") && has("grpcd.conf:3: "), "with the cause");
	unlink(rig->config);
	rig_signal(rig, SIGHUP);
	ok(hears("reload failed: "), "the config is deleted");
	ok(rig_expect(rig, "generation 1 serves on"), "the server goes on");
	end(rig);
}

static void
the_watchdog(void)
{
	struct rig *rig = managed("400000");

	rig->orders->acts[2][0] = ACT_STUCK;
	rig_config(rig, "workers = 1\n" LISTENER);
	rig_start(rig);
	ok(hears("READY=1\n"), "the start is told");
	ok(hears("WATCHDOG=1\n"), "the watchdog is fed");
	ok(hears("WATCHDOG=1\n"), "and fed");
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "generation 1 has left"), "a worker is stuck");
	while (hears_within("WATCHDOG=1\n", CLOCK_SECOND / 4))
		;
	ok(!hears_within("WATCHDOG=1\n", CLOCK_SECOND),
	    "the watchdog is fed no more");
	end(rig);
}

int
main(void)
{
	a_life();
	a_reload_fails();
	the_watchdog();
	return done();
}
