/*
 * rest.c - WINCH: the workers go, the master and the sockets stay
 */
#include <config.h>

#include "rig.h"

#include <signal.h>
#include <stdlib.h>

static struct rig *
serving(int port)
{
	struct rig *rig = rig_new();

	rig_config(rig,
	    "workers = 2\nlistener a { address = \"127.0.0.1:%d\" }\n", port);
	rig_start(rig);
	for (int i = 0; i < 2; i++)
		ok(rig_expect(rig, "rig: generation 1 serves"), "it serves");
	return rig;
}

static void
sent_away(struct rig *rig)
{
	rig_signal(rig, SIGWINCH);
	ok(rig_expect(rig, "signal WINCH from process"), "WINCH is told");
	for (int i = 0; i < 2; i++)
		ok(rig_expect(rig, "generation 1 is told DRAIN 0"),
		    "a worker drains; its socket stays");
	for (int i = 0; i < 2; i++)
		ok(rig_expect(rig, "exited with status 0"), "and leaves");
}

static void
a_reload_brings_workers_back(void)
{
	int port = rig_port();
	struct rig *rig = serving(port);

	sent_away(rig);
	ok(rig_connects(port), "the sockets still listen");
	rig_signal(rig, SIGWINCH);
	ok(rig_expect(rig, "the workers of generation 1 go"), "once");
	ok(rig_expect(rig, "the workers of generation 1 go"),
	    "and again, which changes nothing");
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "reload done"), "a reload is done");
	ok(rig_expect(rig, "rig: generation 2 serves"), "a worker serves");
	ok(rig_expect(rig, "rig: generation 2 serves"), "and another");
	ok(rig_expect(rig, "generation 1 has left"), "generation 1 is gone");
	ok(strstr(rig->lines, "is started again") == NULL &&
		strstr(rig->lines, "rig: generation 1 serves") == NULL,
	    "nobody of it was replaced");
	rig_end(rig);
}

static void
a_reload_fails(void)
{
	struct rig *rig = serving(rig_port());

	sent_away(rig);
	rig_config(rig, "nonsense\n");
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "generation 1 has no workers: they were sent away"),
	    "a reload that fails says that nobody serves");
	rig_config(rig, "workers = 1\nlistener a { address = \"unix:a\" }\n");
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "rig: generation 2 serves"), "the next one serves");
	rig_end(rig);
}

static void
a_reload_is_abandoned(void)
{
	struct rig *rig = serving(rig_port());

	rig->orders->acts[2][0] = ACT_HANG;
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "reload begins"), "a reload begins");
	rig_signal(rig, SIGWINCH);
	ok(rig_expect(rig, "reload abandoned: the workers go"), "and ends");
	ok(rig_expect(rig, "generation 1 is told DRAIN 0"), "they go");
	rig_end(rig);
}

static void
it_stops(int number, const char *what)
{
	struct rig *rig = serving(rig_port());

	sent_away(rig);
	rig_signal(rig, number);
	is_int(0, rig_wait(rig), "%s after it ends the server", what);
	rig_end(rig);
}

int
main(void)
{
	a_reload_brings_workers_back();
	a_reload_fails();
	a_reload_is_abandoned();
	it_stops(SIGQUIT, "QUIT");
	it_stops(SIGTERM, "TERM");
	return done();
}
