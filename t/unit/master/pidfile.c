/*
 * pidfile.c - the file that names the master, and that only one may hold
 */
#include <config.h>

#include "master/pidfile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char dir[] = "/tmp/grpcd-pidfile-XXXXXX";
static char path[64];

/* What fn returns in another process: locks are a process's own. */
static int
elsewhere(int (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
sees_parent_hold_it(void)
{
	return pidfile_holder(path) == getppid();
}

static int
is_refused(void)
{
	struct config_messages errors = { 0 };
	struct pidfile p = PIDFILE_INIT;
	char expected[128];
	bool refused;

	snprintf(expected, sizeof(expected),
	    "is locked by process %d: ", (int)getppid());
	refused = !pidfile_open(&p, path, &errors) && errors.n == 1 &&
		  strstr(errors.text[0], expected) != NULL;
	config_messages_free(&errors);
	return refused;
}

static void
it_is_held(void)
{
	struct config_messages errors = { 0 };
	struct pidfile p = PIDFILE_INIT;
	char text[32] = "";
	FILE *file;

	is_int(0, pidfile_holder(path),
	    "nobody holds a file that is not there");
	ok(pidfile_open(&p, path, &errors), "it is made and locked");
	ok(elsewhere(sees_parent_hold_it), "another process sees who holds it");
	ok(elsewhere(is_refused), "and is refused, with the holder's number");
	ok(pidfile_write(&p, &errors), "it is written");
	file = fopen("/dev/null", "r");
	fclose(file);
	ok(elsewhere(sees_parent_hold_it), "it stays locked");
	/* Not by name: to open and close the file would drop the lock. */
	is_int(snprintf(text, sizeof(text), "%d\n", (int)getpid()),
	    lseek(p.fd, 0, SEEK_END), "with our number alone");
	ok(pidfile_is(&p, path), "it is known by its name");
	pidfile_close(&p);
	is_int(-1, access(path, F_OK), "it goes with its holder");
	is_int(0, errors.n, "without an error");
}

static int
locks_and_dies(void)
{
	struct config_messages errors = { 0 };
	struct pidfile p = PIDFILE_INIT;

	return !pidfile_open(&p, path, &errors) || !pidfile_write(&p, &errors);
}

static void
a_stale_one(void)
{
	struct config_messages errors = { 0 };
	struct pidfile p = PIDFILE_INIT;

	is_int(0, elsewhere(locks_and_dies), "a holder dies");
	is_int(0, access(path, F_OK), "its file stays");
	is_int(0, pidfile_holder(path), "but nobody holds it");
	ok(pidfile_open(&p, path, &errors), "it can be had");
	ok(pidfile_write(&p, &errors), "and written");
	pidfile_close(&p);
}

static void
not_ours_any_more(void)
{
	struct config_messages errors = { 0 };
	struct pidfile p = PIDFILE_INIT;

	pidfile_open(&p, path, &errors);
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	ok(!pidfile_is(&p, path), "a file of the same name is another");
	pidfile_close(&p);
	is_int(0, access(path, F_OK), "and is not removed");
	unlink(path);
}

static void
not_to_be_had(void)
{
	struct config_messages errors = { 0 };
	struct pidfile p = PIDFILE_INIT;

	ok(!pidfile_open(&p, "/no/such/dir/pid", &errors),
	    "a missing directory is an error");
	ok(errors.n == 1 &&
		strstr(errors.text[0], "/no/such/dir/pid: No such") != NULL,
	    "that says so");
	pidfile_close(&p);
	config_messages_free(&errors);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 99;
	snprintf(path, sizeof(path), "%s/grpcd.pid", dir);
	it_is_held();
	a_stale_one();
	not_ours_any_more();
	not_to_be_had();
	rmdir(dir);
	return done();
}
