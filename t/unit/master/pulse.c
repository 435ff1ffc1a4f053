/*
 * pulse.c - a worker without a heartbeat is killed and replaced
 */
#include <config.h>

#include "rig.h"

#include <signal.h>
#include <unistd.h>

#define LISTENER "listener a { address = \"unix:a.sock\" }\n"

static void
a_worker_is_stuck(void)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][1] = ACT_STUCK;
	rig_config(rig, "workers = 2\nworker_timeout = 400ms\n" LISTENER);
	rig_start(rig);
	ok(rig_expect(rig, "ready: "), "two workers serve, one is stuck");
	ok(rig_expect(rig, "worker 1 (pid "), "it did serve");
	rig->orders->acts[1][1] = ACT_WELL;
	ok(rig_expect(rig, "had no heartbeat within worker_timeout (400ms)"),
	    "it has no heartbeat");
	ok(strstr(rig->line, "worker 1 ") != NULL, "not the other one");
	ok(rig_expect(rig, "was killed by signal 6 (Aborted)"), "it is killed");
	ok(strstr(rig->line, "in /rig.Rig/Run") != NULL, "in its method");
	ok(rig_expect(rig, "worker 1 (pid "), "another takes its place");
	ok(strstr(rig->lines, "worker 0 (pid") == NULL ||
		strstr(rig->lines, "no heartbeat") == NULL,
	    "the other one goes on");
	rig_end(rig);
}

static void
it_ignores_abort(void)
{
	struct rig *rig = rig_new();
	pid_t worker;

	rig_config(rig, "workers = 1\nworker_timeout = 400ms\n" LISTENER);
	rig_start(rig);
	ok(rig_expect(rig, "rig: generation 1 serves as "), "a worker serves");
	worker = (pid_t)rig_number(rig, "serves as ");
	kill(worker, SIGSTOP);
	ok(rig_expect(rig, "it is aborted"), "it is stopped, and aborted");
	ok(rig_expect(rig, "does not stop; it is killed"), "and killed");
	ok(rig_expect(rig, "was killed by signal 9 (Killed)"), "in the end");
	ok(rig_expect(rig, "rig: generation 1 serves"), "another serves");
	rig_end(rig);
}

/* The time in which nobody could beat is nobody's fault. */
static void
all_were_stopped(void)
{
	struct rig *rig = rig_new();
	pid_t worker;

	rig_config(rig, "workers = 1\nworker_timeout = 400ms\n" LISTENER);
	rig_start(rig);
	ok(rig_expect(rig, "rig: generation 1 serves as "), "a worker serves");
	worker = (pid_t)rig_number(rig, "serves as ");
	kill(rig->master, SIGSTOP);
	kill(worker, SIGSTOP);
	usleep(900 * 1000);
	kill(rig->master, SIGCONT);
	kill(worker, SIGCONT);
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "generation 1 has left"), "all stop and go on");
	ok(strstr(rig->lines, "heartbeat") == NULL, "nobody is killed for it");
	rig_end(rig);
}

int
main(void)
{
	a_worker_is_stuck();
	it_ignores_abort();
	all_were_stopped();
	return done();
}
