/*
 * stop.c - TERM, INT, QUIT: the master leaves last, and nobody stays
 */
#include <config.h>

#include "rig.h"

#include <signal.h>

#include "base/clock.h"

static struct rig *
serving(enum act act)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][1] = act;
	rig_config(rig,
	    "workers = 2\ngraceful_timeout = 100ms\nlingering_timeout = 0\n"
	    "listener a { address = \"unix:a.sock\" }\n");
	rig_start(rig);
	ok(rig_expect(rig, "rig: generation 1 serves") &&
		rig_expect(rig, "rig: generation 1 serves"),
	    "two workers serve");
	return rig;
}

static void
at_once(int number, const char *name)
{
	struct rig *rig = serving(ACT_WELL);

	rig_signal(rig, number);
	ok(rig_expect(rig, name), "%s is told", name);
	ok(rig_expect(rig, "is told STOP") && rig_expect(rig, "is told STOP"),
	    "%s: both workers stop", name);
	is_int(0, rig_wait(rig), "%s: status 0", name);
	rig_end(rig);
}

static void
stubborn(void)
{
	struct rig *rig = serving(ACT_STUBBORN);
	int64_t began = clock_now_us();

	rig_signal(rig, SIGTERM);
	ok(rig_expect(rig, "worker 1 (pid"), "one worker serves");
	ok(rig_expect(rig, "does not stop; it is killed"),
	    "a worker that ignores STOP and TERM is killed");
	is_int(0, rig_wait(rig), "status 0");
	ok(clock_now_us() - began >= 1550 * CLOCK_MS,
	    "after 50, 100, 200, 400 and 800 ms");
	ok(rig_expect(rig, "was killed by signal 9"), "its end is told");
	ok(strstr(rig->line, "[info]") != NULL, "as no surprise");
	rig_end(rig);
}

static void
deaf(void)
{
	struct rig *rig = serving(ACT_DEAF);

	rig_signal(rig, SIGTERM);
	ok(rig_expect(rig, "was killed by signal 15"),
	    "a worker that ignores STOP gets TERM");
	is_int(0, rig_wait(rig), "status 0");
	rig_end(rig);
}

static void
gracefully(void)
{
	struct rig *rig = serving(ACT_WELL);

	rig_signal(rig, SIGQUIT);
	ok(rig_expect(rig, "is told DRAIN 1") &&
		rig_expect(rig, "is told DRAIN 1"),
	    "QUIT: both workers drain, with their sockets");
	is_int(0, rig_wait(rig), "status 0");
	rig_end(rig);
}

static void
too_slowly(void)
{
	struct rig *rig = serving(ACT_SLOW);

	rig_signal(rig, SIGQUIT);
	ok(rig_expect(rig, "does not finish draining"),
	    "a worker that drains for too long");
	ok(rig_expect(rig, "is told STOP"), "is stopped");
	is_int(0, rig_wait(rig), "status 0");
	rig_end(rig);
}

static void
after_all_at_once(void)
{
	struct rig *rig = serving(ACT_SLOW);

	rig_signal(rig, SIGQUIT);
	ok(rig_expect(rig, "is told DRAIN 1") &&
		rig_expect(rig, "is told DRAIN 1"),
	    "while workers drain");
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "no reload: the server stops"), "HUP is refused");
	rig_signal(rig, SIGTERM);
	ok(rig_expect(rig, "is told STOP"), "TERM stops them");
	is_int(0, rig_wait(rig), "status 0");
	rig_end(rig);
}

static void
during_a_reload(void)
{
	struct rig *rig = serving(ACT_WELL);

	rig->orders->acts[2][0] = ACT_UNREADY;
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "rig: never gets ready"), "during a reload");
	rig_signal(rig, SIGQUIT);
	ok(rig_expect(rig, "reload abandoned"), "QUIT ends the reload");
	ok(rig_expect(rig, "generation 1 is told DRAIN 1"),
	    "and drains the workers");
	is_int(0, rig_wait(rig), "status 0");
	rig_end(rig);
}

int
main(void)
{
	at_once(SIGTERM, "signal TERM");
	at_once(SIGINT, "signal INT");
	stubborn();
	deaf();
	gracefully();
	too_slowly();
	after_all_at_once();
	during_a_reload();
	return done();
}
