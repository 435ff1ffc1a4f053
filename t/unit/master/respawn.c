/*
 * respawn.c - a worker that dies is replaced, in its slot, with its socket
 */
#include <config.h>

#include "rig.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "proc/channel.h"

/* Kills the worker of the last "serves" line. */
static void
kill_worker(struct rig *rig)
{
	kill((pid_t)rig_number(rig, "serves as "), SIGKILL);
}

static void
the_socket_stays(void)
{
	struct rig *rig = rig_new();
	char sockets[64];
	const char *at;

	rig_config(rig,
	    "workers = 1\n"
	    "listener a { address = \"127.0.0.1:%d\" }\n"
	    "listener b { address = \"unix:b.sock\" }\n",
	    rig_port());
	rig_start(rig);
	ok(rig_expect(rig, "rig: generation 1 serves"), "a worker serves");
	at = strstr(rig->line, " on ");
	snprintf(sockets, sizeof(sockets), "%.60s", at != NULL ? at : "");
	kill_worker(rig);
	ok(rig_expect(rig, "was killed by signal 9 (Killed) after"),
	    "it is killed");
	ok(strstr(rig->line, "alert") != NULL, "which is an alert");
	ok(strstr(rig->line, "in /rig.Rig/Run") != NULL, "with its method");
	ok(rig_expect(rig, "rig: generation 1 serves"), "another serves");
	ok(strstr(rig->line, sockets) != NULL, "on the same sockets");
	rig_end(rig);
}

static void
the_wait_grows(void)
{
	struct rig *rig = rig_new();
	int64_t began;

	rig_config(rig,
	    "workers = 2\nlistener a { address = \"unix:a.sock\" }\n");
	rig_start(rig);
	ok(rig_expect(rig, "rig: generation 1 serves"), "a worker serves");
	ok(rig_expect(rig, "rig: generation 1 serves"), "and another");
	rig->orders->acts[1][0] = rig->orders->acts[1][1] = ACT_FAIL;
	began = clock_now_us();
	kill_worker(rig);
	ok(rig_expect(rig, "alert"), "it is killed");
	ok(rig_expect(rig, "exited with status 2 after"),
	    "it is replaced at once, but the next cannot start");
	ok(strstr(rig->line, ": it cannot start: on purpose") != NULL,
	    "and says why");
	ok(rig_expect(rig, "is started again in "), "the third waits");
	ok(rig_expect(rig, "exited with status 2 after"), "it fails as well");
	ok(clock_now_us() - began >= CLOCK_SECOND / 2,
	    "half a second later, or up to a second");
	ok(rig_expect(rig, "is started again in "), "the fourth waits");
	ok(rig_number(rig, "again in ") >= 1, "longer");
	rig->orders->acts[1][0] = rig->orders->acts[1][1] = ACT_WELL;
	ok(rig_expect(rig, "rig: generation 1 serves"), "and serves");
	ok(clock_now_us() - began >= 3 * CLOCK_SECOND / 2,
	    "a second later, or up to two");
	rig_end(rig);
}

/* The sockets of a slot without a worker are somebody's at every time. */
static void
others_accept(void)
{
	struct rig *rig = rig_new();
	char told[64];
	pid_t first;

	rig_config(rig,
	    "workers = 2\nlistener a { address = \"127.0.0.1:%d\" }\n",
	    rig_port());
	rig_start(rig);
	ok(rig_expect(rig, "worker 0 (pid "), "worker 0 serves");
	first = (pid_t)rig_number(rig, "(pid ");
	ok(rig_expect(rig, "worker 1 (pid "), "worker 1 serves");
	ok(rig_expect(rig, "ready: "), "the server is ready");
	rig->orders->acts[1][0] = ACT_FAIL;
	kill(first, SIGKILL);
	ok(rig_expect(rig, "accepts for worker 0 meanwhile"),
	    "worker 0 is killed: worker 1 accepts for it");
	first = (pid_t)rig_number(rig, "(pid ");
	snprintf(told, sizeof(told), "is told ADOPT %lld",
	    (long long)CHANNEL_ADOPT(0, 0));
	ok(rig_expect(rig, told), "as it is told");
	ok(rig_expect(rig, "alert"), "which is no secret");
	kill(first, SIGKILL);
	ok(rig_expect(rig, "alert"), "it is killed, too");
	ok(rig_expect(rig, "accepts for worker 0 meanwhile"),
	    "its successor accepts");
	ok(rig_expect(rig, told), "as it is told");
	rig->orders->acts[1][0] = ACT_WELL;
	ok(rig_expect(rig, "is told RELEASE 0"),
	    "until worker 0 has a successor");
	rig_end(rig);
}

static void
a_worker_leaves(void)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][1] = ACT_LEAVE;
	rig_config(rig,
	    "workers = 2\nlistener a { address = \"127.0.0.1:%d\" }\n",
	    rig_port());
	rig_start(rig);
	ok(rig_expect(rig, "was told to leave, but not by the master"),
	    "worker 1 leaves by itself");
	ok(rig_expect(rig, "worker 0 (pid "), "worker 0 serves");
	ok(rig_expect(rig, "accepts for worker 1 meanwhile"),
	    "and accepts for it while it drains");
	rig_end(rig);
}

/* Of a worker that dies all the time, the last wait is half a minute. */
static void
one_dies_again_and_again(void)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][0] = ACT_SHORT;
	rig_config(rig,
	    "workers = 2\nlistener a { address = \"127.0.0.1:%d\" }\n",
	    rig_port());
	rig_start(rig);
	for (int i = 0; i < 4; i++)
		ok(rig_expect(rig, "exited with status 4 after"), "it leaves");
	for (int i = 0; i < 3; i++)
		ok(rig_expect(rig, "worker 0 is started again in "),
		    "the wait grows");
	ok(rig_number(rig, "again in ") >= 2, "to two seconds and more");
	rig->orders->acts[1][0] = ACT_WELL;
	rig_end(rig);
}

static void
a_worker_hangs_up(void)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][0] = ACT_HANG_UP;
	rig_config(rig,
	    "workers = 1\nlistener a { address = \"unix:a.sock\" }\n");
	rig_start(rig);
	ok(rig_expect(rig, "rig: generation 1 serves"), "a worker serves");
	ok(rig_expect(rig, "closed its channel but did not leave"),
	    "it hangs up and is killed");
	ok(rig_expect(rig, "rig: generation 1 serves"), "another serves");
	rig_end(rig);
}

/* As process 1 of a container, the master has children that it never made. */
static void
orphans_are_reaped(void)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][0] = ACT_ORPHAN;
	rig_config(rig,
	    "workers = 1\nlistener a { address = \"unix:a.sock\" }\n");
	rig_start(rig);
	ok(rig_expect(rig, "rig: generation 1 serves"), "a worker serves");
	ok(rig_expect(rig, "alert"), "and dies");
	ok(rig_expect(rig, "not ours, has ended"), "its child is reaped");
	ok(rig_expect(rig, "rig: generation 1 serves"), "another serves");
	rig_end(rig);
}

int
main(void)
{
	orphans_are_reaped();
	the_socket_stays();
	the_wait_grows();
	others_accept();
	a_worker_leaves();
	one_dies_again_and_again();
	a_worker_hangs_up();
	return done();
}
