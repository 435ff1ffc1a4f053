/*
 * command.c - grpcd -s and grpcd -t, beside a server that runs or does not
 */
#include <config.h>

#include "rig.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/config.h"
#include "master/master.h"

/* What another process gets for -s WORD; what it says goes to the rig's log. */
static int
command(struct rig *rig, const char *word)
{
	struct config_source source = { .file = rig->config,
		.prefix = rig->dir };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		exit(master_command(&(struct command){ .word = word },
		    &source));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
it_runs(void)
{
	struct rig *rig = rig_new();

	rig_config(rig,
	    "workers = 1\nlistener a { address = \"unix:a.sock\" }\n");
	is_int(1, command(rig, "reload"), "no server, no reload");
	rig_start(rig);
	ok(rig_expect(rig, "ready"), "a server runs");
	is_int(1, command(rig, "jump"), "it cannot be told just anything");
	is_int(0, command(rig, "reload"), "it is told to reload");
	ok(rig_expect(rig, "reload done in"), "and does");
	is_int(0, command(rig, "quit"), "it is told to quit");
	is_int(0, rig_wait(rig), "and does");
	is_int(1, command(rig, "stop"), "it runs no more");
	rig_end(rig);
}

/* The pid file is found in what remains of a config. */
static void
the_config_is_broken(void)
{
	struct rig *rig = rig_new();

	rig_config(rig, "workers = 1\npid_file = \"other.pid\"\n"
			"listener a { address = \"unix:a.sock\" }\n");
	rig_start(rig);
	ok(rig_expect(rig, "ready"), "a server runs");
	rig_config(rig,
	    "wrokers = 1 2\nlistener { }\npid_file = \"other.pid\"\n"
	    "workers = none\nlistener a { adress = \"unix:a.sock\" \n");
	is_int(1, command(rig, "reload"), "a reload says that it cannot");
	ok(rig_expect(rig, "generation 1 serves on"), "and cannot");
	is_int(0, command(rig, "stop"), "it is told to stop");
	is_int(0, rig_wait(rig), "and does");
	rig_end(rig);
}

int
main(void)
{
	it_runs();
	the_config_is_broken();
	return done();
}
