/*
 * configtest.c - grpcd -t: what would a start meet?
 *
 * Runs in whoever calls it, and changes nothing: no file is made, no address
 * taken.  An address that our own running server holds counts as free.
 */
#include <config.h>

#include "master/master.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/check.h"
#include "master/expiry.h"
#include "master/modules.h"
#include "master/pidfile.h"
#include "master/probe.h"
#include "proc/notify.h"

/* For poll: the milliseconds up to a time, rounded up; -1 without end. */
static int
wait_until(int64_t due_us)
{
	int64_t now = clock_now_us();

	if (due_us == CLOCK_NEVER)
		return -1;
	return due_us <= now ? 0 : (int)((due_us - now) / CLOCK_MS + 1);
}

/* Waits for what the checker says, and for its end. */
static void
wait_for_check(struct check *check, int signals)
{
	struct pollfd fds[2] = { { .fd = signals, .events = POLLIN },
		{ .events = POLLIN } };
	struct signalfd_siginfo info;
	int status;

	while (check_running(check)) {
		fds[1].fd = check->pipe;
		poll(fds, 2, wait_until(check->due_us));
		check_read(check);
		while (read(signals, &info, sizeof(info)) > 0)
			;
		if (waitpid(check->pid, &status, WNOHANG) == check->pid)
			check_ended(check, status);
		else if (check->due_us <= clock_now_us())
			check_due(check);
	}
}

static bool
test_services(const struct master_options *options, const struct config *config,
    int *modules, struct config_messages *errors)
{
	struct check check = CHECK_INIT;
	sigset_t ends, mask;
	struct check_subject subject = { .main = options->checker_main,
		.config = config,
		.modules = modules,
		.mask = &mask };
	int signals;
	bool good;

	sigemptyset(&ends);
	sigaddset(&ends, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &ends, &mask);
	signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals == -1)
		log_fatal("signalfd: %s", strerror(errno));
	good = check_start(&check, &subject, errors);
	if (good) {
		wait_for_check(&check, signals);
		good = check_finish(&check, errors);
		(void)expiries_warn(&check.expiries, config, time(NULL));
		expiries_free(&check.expiries);
	}
	close(signals);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return good;
}

static bool
test_addresses(const struct config *config, struct config_messages *errors)
{
	pid_t ours = pidfile_holder(config->main.pid_file);
	struct probe probe = { .config = config, .ours = ours > 0 ? ours : 0 };

	return probe_listeners(&probe, errors) == LISTENING_FREE;
}

/* 0: a file that is there is open to us, or its folder for a new one. */
static int
try_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	struct stat st;

	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0)
		return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? EISDIR : 0;
	if (errno != ENOENT)
		return errno;
	snprintf(folder, sizeof(folder), "%.*s/", (int)(slash - path), path);
	return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0
		   ? 0
		   : errno;
}

static bool
test_file(const char *name, const char *path, struct config_messages *errors)
{
	int error = try_file(path);

	if (error != 0)
		config_message(errors, NULL, 0, "%s %s cannot be written: %s",
		    name, path, strerror(error));
	return error == 0;
}

static bool
test_files(const struct config_main *main, struct config_messages *errors)
{
	bool good = test_file("pid_file", main->pid_file, errors);

	if (main->error_log[0] == '/')
		good = test_file("error_log", main->error_log, errors) && good;
	return good;
}

bool
master_test(const struct master_options *options, const struct config *config,
    struct config_messages *errors)
{
	int *modules;
	bool good;

	notify_init(); /* not for the eyes of the check */
	modules = modules_open(config, errors);
	good = modules != NULL;

	if (good)
		good = test_services(options, config, modules, errors);
	modules_close(config, &modules);
	good = test_files(&config->main, errors) && good;
	return test_addresses(config, errors) && good;
}
