/*
 * logs.c - USR1: the log is opened again, by the master, for all
 */
#include <config.h>

#include "rig.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

/* "DIR/NAME"; up to the next call but one. */
static const char *
path_of(const struct rig *rig, const char *name)
{
	static char paths[2][128];
	static unsigned turn;
	char *path = paths[++turn % 2];

	snprintf(path, sizeof(paths[0]), "%s/%s", rig->dir, name);
	return path;
}

static bool
file_holds(const char *path, const char *text)
{
	char *all = NULL;
	size_t size = 0;
	FILE *f = fopen(path, "r");
	bool found = false;

	if (f != NULL && getdelim(&all, &size, '\0', f) != -1)
		found = strstr(all, text) != NULL;
	if (f != NULL)
		fclose(f);
	free(all);
	return found;
}

/* Waits for the text in the file NAME. */
static bool
file_gets(const struct rig *rig, const char *name, const char *text)
{
	int64_t until_us = clock_now_us() + 10 * CLOCK_SECOND;
	const char *path = path_of(rig, name);

	while (!file_holds(path, text)) {
		if (clock_now_us() > until_us)
			return false;
		usleep(1000);
	}
	return true;
}

static struct rig *
serving(void)
{
	struct rig *rig = rig_new();

	mkdir(path_of(rig, "logs"), 0700);
	rig_config(rig, "error_log = \"logs/a\"\nworkers = 2\n"
			"listener a { address = \"unix:a.sock\" }\n");
	rig_start(rig);
	ok(file_gets(rig, "logs/a", "ready: "), "a server logs to a file");
	return rig;
}

static void
a_file_is_rotated(void)
{
	struct rig *rig = serving();
	int before = rig_descriptors(rig);

	rename(path_of(rig, "logs/a"), path_of(rig, "logs/b"));
	rig_signal(rig, SIGUSR1);
	ok(file_gets(rig, "logs/a", "logs opened again"),
	    "the master has a new file");
	ok(file_gets(rig, "logs/a", "worker 0"), "one worker, too");
	ok(file_gets(rig, "logs/a", "worker 1"), "and the other");
	is_int(before, rig_descriptors(rig), "no descriptor is left over");
	rig_signal(rig, SIGQUIT);
	is_int(0, rig_wait(rig), "the server stops");
	ok(file_holds(path_of(rig, "logs/a"), "stopped"), "as the file says");
	ok(!file_holds(path_of(rig, "logs/b"), "stopped"), "not the old one");
	rig_end(rig);
}

static void
the_directory_vanishes(void)
{
	struct rig *rig = serving();

	rename(path_of(rig, "logs"), path_of(rig, "gone"));
	rig_signal(rig, SIGUSR1);
	ok(file_gets(rig, "gone/a", "cannot open error_log"),
	    "a log that cannot be opened is an error in the old one");
	ok(file_gets(rig, "gone/a", "the old one stays in use"), "which stays");
	mkdir(path_of(rig, "logs"), 0700);
	rig_signal(rig, SIGUSR1);
	ok(file_gets(rig, "logs/a", "logs opened again"),
	    "until the directory is back");
	rig_end(rig);
}

static void
the_disk_is_full(void)
{
	struct rig *rig = rig_new();

	rig_config(rig,
	    "error_log = \"/dev/full\"\nworkers = 1\n"
	    "listener a { address = \"127.0.0.1:%d\" }\n",
	    rig_port());
	rig_start(rig);
	while (access(path_of(rig, "grpcd.pid"), F_OK) == -1)
		usleep(1000);
	rig_signal(rig, SIGUSR1);
	rig_signal(rig, SIGQUIT);
	is_int(0, rig_wait(rig), "a full disk for the log stops nobody");
	rig_end(rig);
}

static void
a_worker_asks(void)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][0] = ACT_REOPEN;
	rig_config(rig,
	    "workers = 1\nlistener a { address = \"unix:a.sock\" }\n");
	rig_start(rig);
	ok(rig_expect(rig, "asks for the logs to be opened again"),
	    "a worker may ask for it");
	ok(rig_expect(rig, "logs opened again"), "they are");
	ok(rig_expect(rig, "is told LOG"), "and it gets one");
	rig_end(rig);
}

int
main(void)
{
	a_file_is_rotated();
	the_directory_vanishes();
	the_disk_is_full();
	a_worker_asks();
	return done();
}
