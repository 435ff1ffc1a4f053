/*
 * start.c - a master's first generation: it serves, or leaves no trace
 */
#include <config.h>

#include "rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
there(const struct rig *rig, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", rig->dir, name);
	return access(path, F_OK) == 0;
}

static long
number_in(const struct rig *rig, const char *name)
{
	char path[256];
	long number = -1;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", rig->dir, name);
	file = fopen(path, "r");
	if (file != NULL && fscanf(file, "%ld", &number) != 1)
		number = -1;
	if (file != NULL)
		fclose(file);
	return number;
}

static void
well(void)
{
	struct rig *rig = rig_new();
	int port = rig_port();

	rig_config(rig,
	    "workers = 2\n"
	    "listener a { address = \"127.0.0.1:%d\" }\n"
	    "listener b { address = \"unix:b.sock\" }\n",
	    port);
	rig_start(rig);
	ok(rig_expect(rig, "ready: 2 workers, listening on 127.0.0.1:"),
	    "two workers become ready");
	is_int(rig->master, number_in(rig, "grpcd.pid"),
	    "the pid file is ours");
	ok(rig_expect(rig, "rig: has 0 descriptors of others") &&
		rig_expect(rig, "rig: has 0 descriptors of others"),
	    "the workers have no descriptor that is not theirs");
	ok(rig_connects(port), "the port listens");
	ok(there(rig, "b.sock"), "the Unix socket is there");
	rig_signal(rig, SIGTERM);
	ok(rig_expect(rig, "stopped"), "TERM stops it");
	is_int(0, rig_wait(rig), "with status 0");
	ok(!there(rig, "grpcd.pid"), "the pid file has gone");
	ok(!there(rig, "b.sock"), "the Unix socket has gone");
	ok(!rig_connects(port), "the port is closed");
	rig_end(rig);
}

/* A start that fails with this line, and leaves nothing. */
static void
fails(struct rig *rig, const char *line, const char *what)
{
	rig_start(rig);
	ok(rig_expect(rig, line), "%s: it says why", what);
	is_int(1, rig_wait(rig), "%s: status 1", what);
	ok(!there(rig, "grpcd.pid"), "%s: no pid file stays", what);
	ok(!there(rig, "a.sock"), "%s: no socket stays", what);
}

#define TWO_WORKERS                            \
	"workers = 2\nstart_timeout = 200ms\n" \
	"listener a { address = \"unix:a.sock\" }\n"

static void
a_worker_fails(enum act act, const char *line, const char *what)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][1] = act;
	rig_config(rig, TWO_WORKERS);
	fails(rig, line, what);
	rig_end(rig);
}

static void
a_ready_worker_dies(void)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][0] = ACT_DIE_READY;
	rig->orders->acts[1][1] = ACT_UNREADY;
	rig_config(rig, TWO_WORKERS);
	fails(rig, "grpcd: worker 0 was killed by signal 9 (Killed) before",
	    "a death after READY");
	rig_end(rig);
}

static void
the_check_fails(int how, const char *line, const char *what)
{
	struct rig *rig = rig_new();

	rig->orders->checker = how;
	rig_config(rig, TWO_WORKERS);
	fails(rig, line, what);
	rig_end(rig);
}

static void
a_module_is_missing(void)
{
	struct rig *rig = rig_new();

	rig_config(rig, TWO_WORKERS "module \"/no/such.so\" { }\n");
	fails(rig, "grpcd.conf:6: module \"/no/such.so\": cannot open",
	    "a missing module");
	rig_end(rig);
}

static void
the_address_is_taken(void)
{
	struct rig *rig = rig_new();
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int on = 1, sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(sock, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (bind(sock, (struct sockaddr *)&in, len) == -1 ||
	    listen(sock, 1) == -1 ||
	    getsockname(sock, (struct sockaddr *)&in, &len) == -1)
		abort();
	rig_config(rig,
	    "workers = 1\nlistener a { address = \"127.0.0.1:%d\" }\n",
	    ntohs(in.sin_port));
	fails(rig, "is in use by another process", "a taken address");
	close(sock);
	rig_end(rig);
}

static void
it_runs_already(void)
{
	struct rig *rig = rig_new(), *second = rig_new();
	char line[64];

	rig_config(rig, TWO_WORKERS);
	rig_start(rig);
	ok(rig_expect(rig, "ready"), "a first server runs");
	rig_config(second,
	    "pid_file = \"%s/grpcd.pid\"\nlistener a { address = "
	    "\"unix:a.sock\" }\n",
	    rig->dir);
	snprintf(line, sizeof(line), "is locked by process %d",
	    (int)rig->master);
	fails(second, line, "a second server");
	is_int(rig->master, number_in(rig, "grpcd.pid"),
	    "the first's pid file is untouched");
	rig_end(second);
	rig_end(rig);
}

static void
the_log_knows_too(void)
{
	struct rig *rig = rig_new();
	char path[256], line[512] = "";
	FILE *log;

	rig->orders->acts[1][0] = ACT_FAIL;
	rig_config(rig, TWO_WORKERS "error_log = \"error.log\"\n");
	fails(rig, "worker 0 cannot start: on purpose", "with a log");
	snprintf(path, sizeof(path), "%s/error.log", rig->dir);
	log = fopen(path, "r");
	while (log != NULL && fgets(line, sizeof(line), log) != NULL)
		if (strstr(line, "worker 0 cannot start") != NULL)
			break;
	ok(strstr(line, "worker 0 cannot start") != NULL,
	    "the log file says it as well");
	if (log != NULL)
		fclose(log);
	rig_end(rig);
}

static void
stopped_while_starting(void)
{
	struct rig *rig = rig_new();

	rig->orders->acts[1][1] = ACT_UNREADY;
	rig_config(rig,
	    "workers = 2\nlistener a { address = \"unix:a.sock\" }\n");
	rig_start(rig);
	ok(rig_expect(rig, "rig: never gets ready"), "a worker hangs");
	rig_signal(rig, SIGINT);
	ok(rig_expect(rig, "start abandoned"), "INT during the start ends it");
	is_int(0, rig_wait(rig), "with status 0, as told");
	ok(!there(rig, "grpcd.pid") && !there(rig, "a.sock"),
	    "and nothing stays");
	rig_end(rig);
}

int
main(void)
{
	well();
	a_worker_fails(ACT_FAIL, "grpcd: worker 1 cannot start: on purpose",
	    "FAILED");
	a_worker_fails(ACT_EXIT,
	    "grpcd: worker 1 exited with status 3 before it served", "an exit");
	a_worker_fails(ACT_UNREADY,
	    "grpcd: worker 1 was not ready within start_timeout (200ms)",
	    "a hanging worker");
	a_ready_worker_dies();
	the_check_fails(CHECKER_ERROR, "grpcd.conf:7: no such greeting",
	    "an error of the check");
	the_check_fails(CHECKER_HANG, "took longer than start_timeout (200ms)",
	    "a hanging check");
	the_check_fails(CHECKER_CRASH, "was killed by signal 9",
	    "a crashing check");
	a_module_is_missing();
	the_address_is_taken();
	it_runs_already();
	the_log_knows_too();
	stopped_while_starting();
	return done();
}
