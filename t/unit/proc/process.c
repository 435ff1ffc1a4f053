/*
 * process.c - limits, umask, environment, directory and flags of children
 */
#include <config.h>

#include "proc/process.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/config.h"
#include "tap.h"

static struct config config = { .main = { .umask = 0077,
				    .working_directory = "/",
				    .no_new_privs = true } };

/* Runs a test in a child; its exit status, 0 if all was as expected. */
static int
in_child(int (*test)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(test());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool
fails(const char *wrong, const char *text)
{
	if (wrong != NULL && strstr(wrong, text) != NULL)
		return true;
	printf("# got \"%s\", not \"%s\"\n", wrong != NULL ? wrong : "", text);
	return false;
}

static int
limits(void)
{
	struct rlimit nofile, core;

	config.main.rlimit_nofile = 100;
	config.main.rlimit_core = 4096;
	if (process_prepare(&config) != NULL ||
	    getrlimit(RLIMIT_NOFILE, &nofile) == -1 ||
	    getrlimit(RLIMIT_CORE, &core) == -1)
		return 1;
	return nofile.rlim_cur != 100 || nofile.rlim_max < 100 ||
	       core.rlim_cur != 4096;
}

static int
the_limit_stays(void)
{
	struct rlimit before, after;

	getrlimit(RLIMIT_NOFILE, &before);
	if (process_prepare(&config) != NULL)
		return 1;
	getrlimit(RLIMIT_NOFILE, &after);
	return after.rlim_cur != before.rlim_cur;
}

/* As one without privileges, where they are not lacking already. */
static int
a_limit_is_too_high(void)
{
	struct rlimit limit = { 100, 100 };

	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		return 1;
	if (geteuid() == 0 && setuid(4711) == -1)
		return 2;
	config.main.rlimit_nofile = 200;
	return !fails(process_prepare(&config),
	    "cannot set rlimit_nofile to 200: Operation not permitted; raise "
	    "the hard limit");
}

static int
variables(void)
{
	static const char *const v[] = { "OLD=new", "GREETING=Good day",
		"EMPTY=" };

	setenv("OLD", "old", 1);
	setenv("KEPT", "kept", 1);
	config.main.environment = (struct config_strings){ .v = v, .n = 3 };
	if (process_prepare(&config) != NULL)
		return 1;
	return strcmp(getenv("OLD"), "new") != 0 ||
	       strcmp(getenv("KEPT"), "kept") != 0 ||
	       strcmp(getenv("GREETING"), "Good day") != 0 ||
	       strcmp(getenv("EMPTY"), "") != 0 || umask(0) != 0077;
}

static int
flags(int dumpable)
{
	char here[16] = "";

	config.main.dumpable = dumpable;
	if (process_confine(&config) != NULL ||
	    getcwd(here, sizeof(here)) == NULL)
		return 1;
	return strcmp(here, "/") != 0 ||
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
	       prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != dumpable;
}

static int
undumpable(void)
{
	return flags(0);
}

static int
dumpable(void)
{
	return flags(1);
}

static int
new_privileges(void)
{
	int before = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);

	config.main.no_new_privs = false;
	return process_confine(&config) != NULL ||
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != before;
}

static int
no_directory(void)
{
	config.main.working_directory = "/nowhere";
	return !fails(process_confine(&config),
	    "cannot enter working_directory /nowhere: No such file");
}

static void
test_need(void)
{
	config.limits.max_connections = 1000;
	config.n_listeners = 2;
	ok(process_descriptors(&config, 4) > 1008,
	    "a worker needs more than its connections and sockets");
	ok(process_descriptors(&config, 4) < 1200, "but not much");
}

int
main(void)
{
	is_int(0, in_child(limits), "limits are set");
	is_int(0, in_child(the_limit_stays), "auto leaves what is there");
	is_int(0, in_child(a_limit_is_too_high), "one that may not be is told");
	is_int(0, in_child(variables), "variables and the umask are set");
	is_int(0, in_child(undumpable), "undumpable, in its directory");
	is_int(0, in_child(dumpable), "or dumpable");
	is_int(0, in_child(new_privileges), "new privileges as configured");
	is_int(0, in_child(no_directory), "a directory that is not there");
	test_need();
	return done();
}
