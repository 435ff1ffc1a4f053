/*
 * daemon.c - daemon = on: the caller ends with the outcome of the start
 */
#include <config.h>

#include "rig.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAEMON                                                  \
	"daemon = on\nworkers = 1\nerror_log = \"error.log\"\n" \
	"listener a { address = \"unix:a.sock\" }\n"

/* The number in the pid file. */
static pid_t
server(const struct rig *rig)
{
	char path[128];
	FILE *file;
	int pid = -1;

	snprintf(path, sizeof(path), "%s/grpcd.pid", rig->dir);
	file = fopen(path, "r");
	if (file == NULL || fscanf(file, "%d", &pid) != 1)
		pid = -1;
	if (file != NULL)
		fclose(file);
	return pid;
}

static void
well(void)
{
	struct rig *rig = rig_new();
	int status = -1;
	pid_t pid;

	rig_config(rig, DAEMON);
	rig_start(rig);
	is_int(0, rig_wait(rig), "the caller gets status 0");
	pid = server(rig);
	ok(pid > 0 && kill(pid, 0) == 0, "the server runs");
	ok(getsid(pid) != getsid(0) && getsid(pid) != pid,
	    "in another session, which it does not lead");
	kill(pid, SIGTERM);
	/* We are the reaper of orphans, see main. */
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	is_int(0, status, "and stops as told");
	rig_end(rig);
}

static void
it_fails(void)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][0] = ACT_FAIL;
	rig_config(rig, DAEMON);
	rig_start(rig);
	is_int(1, rig_wait(rig), "a start that fails is the caller's status");
	ok(rig_expect(rig, "grpcd: worker 0 cannot start: on purpose"),
	    "who sees why");
	while (wait(NULL) > 0)
		;
	rig_end(rig);
}

int
main(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	well();
	it_fails();
	return done();
}
