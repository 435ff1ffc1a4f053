/*
 * reload.c - HUP: the next generation serves, or nothing has changed
 */
#include <config.h>

#include "rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A rig whose generation 1 serves at the Unix socket "a.sock". */
static struct rig *
serving(int workers)
{
	struct rig *rig = rig_new();

	rig_config(rig,
	    "workers = %d\nstart_timeout = 300ms\n"
	    "listener a { address = \"unix:a.sock\" }\n"
	    "module \"/dev/null\" { }\n",
	    workers);
	rig_start(rig);
	ok(rig_expect(rig, "ready: "), "generation 1 serves");
	return rig;
}

/* Reads the "serves" lines of a generation, one a worker. */
static void
expect_workers(struct rig *rig, int generation, int n)
{
	char text[64];

	snprintf(text, sizeof(text), "rig: generation %d serves", generation);
	for (int i = 0; i < n; i++)
		ok(rig_expect(rig, text), "worker of generation %d serves",
		    generation);
}

/* The listening sockets of a port; table: "tcp" or "tcp6". */
static int
listening_sockets(const char *table, int port)
{
	char path[64], line[512];
	unsigned local, state;
	FILE *file;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/net/%s", table);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "%*d: %*[0-9A-F]:%x %*[0-9A-F:] %x", &local,
			&state) == 2)
			n += local == (unsigned)port && state == 0x0a;
	if (file != NULL)
		fclose(file);
	return n;
}

static void
the_socket_stays(void)
{
	struct rig *rig = rig_new();
	int port = rig_port();
	long inode;

	rig_config(rig,
	    "workers = 1\nlistener a { address = \"127.0.0.1:%d\" }\n", port);
	rig_start(rig);
	ok(rig_expect(rig, "rig: generation 1 serves"), "generation 1 serves");
	inode = rig_number(rig, " on ");
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "rig: generation 2 serves"), "generation 2 serves");
	is_int(inode, rig_number(rig, " on "), "on the same socket");
	ok(rig_expect(rig, "reload done in"), "the reload is done");
	ok(rig_expect(rig, "generation 1 is told DRAIN 0"),
	    "generation 1 drains, and its socket stays");
	ok(rig_expect(rig, "generation 1 has left"), "and leaves");
	is_int(1, listening_sockets("tcp", port), "there is one socket");
	rig_end(rig);
}

static void
nothing_leaks(void)
{
	struct rig *rig = serving(2);
	char text[64];
	int before;

	expect_workers(rig, 1, 2);
	before = rig_descriptors(rig);
	for (int g = 2; g <= 21; g++) {
		rig_signal(rig, SIGHUP);
		snprintf(text, sizeof(text), "generation %d has left", g - 1);
		if (!rig_expect(rig, text))
			break;
	}
	is_int(before, rig_descriptors(rig),
	    "20 reloads leave no descriptor behind");
	rig_end(rig);
}

static void
the_oldest_hurries(void)
{
	struct rig *rig = rig_new();
	char text[64];

	rig_config(rig, "workers = 1\nmax_old_generations = 2\n"
			"listener a { address = \"unix:a.sock\" }\n");
	for (int g = 1; g <= 4; g++)
		rig->orders->acts[g][0] = ACT_SLOW;
	rig_start(rig);
	ok(rig_expect(rig, "ready: "), "generation 1 serves");
	for (int g = 2; g <= 3; g++) {
		rig_signal(rig, SIGHUP);
		snprintf(text, sizeof(text), "generation %d is told DRAIN",
		    g - 1);
		ok(rig_expect(rig, text), "generation %d drains", g - 1);
	}
	ok(strstr(rig->lines, "has to hurry") == NULL, "nobody hurries");
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "generation 1 has to hurry"),
	    "a third one drains: the oldest hurries");
	ok(rig_expect(rig, "generation 1 is told HURRY"), "as it is told");
	ok(rig_expect(rig, "generation 1 has left"), "and leaves");
	ok(strstr(rig->lines, "generation 2 has") == NULL,
	    "the second oldest does not");
	rig_end(rig);
}

/* A reload that fails with this line: generation 1 serves on. */
static void
fails(struct rig *rig, const char *line, const char *what)
{
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, line), "%s: the reload says why", what);
	ok(rig_expect(rig, "generation 1 serves on"), "%s: it fails", what);
	ok(strstr(rig->lines, "is told DRAIN") == NULL,
	    "%s: nobody is told to drain", what);
}

static void
a_worker_fails(enum act act, const char *line, const char *what)
{
	struct rig *rig = serving(2);

	expect_workers(rig, 1, 2);
	rig->orders->acts[2][1] = act;
	fails(rig, line, what);
	rig_signal(rig, SIGHUP);
	expect_workers(rig, 3, 2);
	ok(rig_expect(rig, "reload done"), "%s: the next one succeeds", what);
	rig_end(rig);
}

static void
the_check_fails(int how, const char *line, const char *what)
{
	struct rig *rig = serving(1);

	rig->orders->checker = how;
	fails(rig, line, what);
	rig_end(rig);
}

static void
the_config_is_broken(void)
{
	struct rig *rig = serving(1);

	rig_config(rig,
	    "workers = many\nlistener a { address = \"unix:a\" }\n");
	fails(rig, "grpcd.conf:3: workers", "a broken config");
	unlink(rig->config);
	fails(rig, "grpcd.conf", "a config that has gone");
	rig_end(rig);
}

/* Worker 1 has a new address and a new slot when worker 2 fails. */
static void
all_is_undone(void)
{
	struct rig *rig = serving(1);
	int port = rig_port(), before;
	char path[128];

	expect_workers(rig, 1, 1);
	before = rig_descriptors(rig);
	rig->orders->acts[2][2] = ACT_FAIL;
	rig_config(rig,
	    "workers = 3\npid_file = \"other.pid\"\n"
	    "listener a { address = \"unix:a.sock\" }\n"
	    "listener b { address = \"127.0.0.1:%d\" }\n"
	    "listener c { address = \"unix:c.sock\" }\n",
	    port);
	fails(rig, "worker 2 cannot start: on purpose", "new addresses");
	ok(rig_expect(rig, "generation 2 has left"), "its workers leave");
	is_int(before, rig_descriptors(rig), "its descriptors are closed");
	snprintf(path, sizeof(path), "%s/c.sock", rig->dir);
	ok(access(path, F_OK) == -1, "its Unix socket has gone");
	snprintf(path, sizeof(path), "%s/other.pid", rig->dir);
	ok(access(path, F_OK) == -1, "its pid file has gone");
	snprintf(path, sizeof(path), "%s/grpcd.pid", rig->dir);
	ok(access(path, F_OK) == 0, "the old pid file stays");
	rig_end(rig);
}

static void
hup_during_a_reload(void)
{
	struct rig *rig = serving(1);

	rig->orders->acts[2][0] = ACT_UNREADY;
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "rig: never gets ready"), "a reload takes time");
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "comes when the present one is over"),
	    "HUP is remembered");
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "comes when the present one is over"), "and again");
	ok(rig_expect(rig, "was not ready within start_timeout"),
	    "the first reload fails");
	ok(rig_expect(rig, "reload done"), "another follows");
	rig_signal(rig, SIGQUIT);
	ok(rig_expect(rig, "stopped"), "the server quits");
	is_int(0, rig_wait(rig), "with status 0");
	ok(rig_expect(rig, "reload begins") && rig_expect(rig, "reload begins"),
	    "two reloads began");
	ok(strstr(rig->lines, "reload begins") == NULL, "not three");
	rig_end(rig);
}

static void
the_old_dies_meanwhile(void)
{
	struct rig *rig = serving(1);
	pid_t old;

	ok(rig_expect(rig, "rig: generation 1 serves"), "a worker serves");
	old = (pid_t)rig_number(rig, "serves as ");
	rig->orders->acts[2][0] = ACT_UNREADY;
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "rig: never gets ready"), "a reload takes time");
	kill(old, SIGKILL);
	ok(rig_expect(rig, "alert"), "an old worker dies");
	ok(rig_expect(rig, "rig: generation 1 serves"),
	    "and is replaced in its generation");
	ok(rig_expect(rig, "generation 1 serves on"), "the reload fails");
	rig->orders->acts[3][0] = ACT_WELL;
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "reload done in"), "the next succeeds");
	rig_end(rig);
}

static void
the_new_dies_ready(void)
{
	struct rig *rig = serving(2);

	expect_workers(rig, 1, 2);
	rig->orders->acts[2][0] = ACT_DIE_READY;
	rig->orders->acts[2][1] = ACT_UNREADY;
	fails(rig, "worker 0 was killed by signal 9 (Killed) before it served",
	    "a death after READY");
	rig_end(rig);
}

static void
fewer_and_more_workers(void)
{
	struct rig *rig = rig_new();
	int port = rig_port();

	rig_config(rig, "workers = 3\nlistener a { address = \"*:%d\" }\n",
	    port);
	rig_start(rig);
	expect_workers(rig, 1, 3);
	rig_config(rig, "workers = 1\nlistener a { address = \"*:%d\" }\n",
	    port);
	rig_signal(rig, SIGHUP);
	expect_workers(rig, 2, 1);
	ok(rig_expect(rig, "told DRAIN 0"), "the socket of one stays");
	ok(rig_expect(rig, "told DRAIN 1") && rig_expect(rig, "told DRAIN 1"),
	    "two take theirs along");
	ok(rig_expect(rig, "generation 1 has left"), "and leave");
	is_int(1, listening_sockets("tcp6", port), "one socket is left");
	rig_config(rig, "workers = 3\nlistener a { address = \"*:%d\" }\n",
	    port);
	rig_signal(rig, SIGHUP);
	expect_workers(rig, 3, 3);
	ok(rig_expect(rig, "reload done in"), "shrunk and");
	ok(rig_expect(rig, "reload done in"), "grown");
	is_int(3, listening_sockets("tcp6", port), "there are three sockets");
	rig_end(rig);
}

/* Nobody comes to a new socket before all workers are ready. */
static void
more_workers_that_fail(void)
{
	struct rig *rig = rig_new();
	int port = rig_port();

	rig_config(rig,
	    "workers = 1\nlistener a { address = \"127.0.0.1:%d\" }\n", port);
	rig_start(rig);
	expect_workers(rig, 1, 1);
	rig->orders->acts[2][1] = ACT_UNREADY;
	rig_config(rig,
	    "workers = 2\nstart_timeout = 300ms\n"
	    "listener a { address = \"127.0.0.1:%d\" }\n",
	    port);
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "rig: never gets ready"), "a new worker has bound");
	is_int(1, listening_sockets("tcp", port), "but nobody comes to it");
	ok(rig_expect(rig, "generation 1 serves on"), "when it fails");
	rig_end(rig);
}

static void
listeners_come_and_go(void)
{
	struct rig *rig = serving(2);
	int port = rig_port();
	char path[128];

	expect_workers(rig, 1, 2);
	rig_config(rig,
	    "workers = 2\nlistener b { address = \"127.0.0.1:%d\" }\n"
	    "listener a { address = \"unix:a.sock\" }\n",
	    port);
	rig_signal(rig, SIGHUP);
	expect_workers(rig, 2, 2);
	ok(rig_expect(rig, "told DRAIN 0") && rig_expect(rig, "told DRAIN 0"),
	    "an address is added");
	is_int(2, listening_sockets("tcp", port), "both workers have it");
	rig_config(rig,
	    "workers = 2\nlistener b { address = \"127.0.0.1:%d\" }\n", port);
	rig_signal(rig, SIGHUP);
	expect_workers(rig, 3, 2);
	ok(rig_expect(rig, "told DRAIN 1") && rig_expect(rig, "told DRAIN 1"),
	    "another is taken away");
	snprintf(path, sizeof(path), "%s/a.sock", rig->dir);
	ok(access(path, F_OK) == -1, "its file has gone");
	rig_end(rig);
}

/* The backlog and the mode change, and one address to another that has it. */
static void
listeners_change(void)
{
	struct rig *rig = rig_new();
	int port = rig_port();
	struct stat st;
	char path[128];

	rig_config(rig,
	    "workers = 1\nlistener a { address = \"127.0.0.1:%d\" }\n"
	    "listener b { address = \"unix:b.sock\" }\n",
	    port);
	rig_start(rig);
	expect_workers(rig, 1, 1);
	ok(strstr(rig->line, "(511)") != NULL, "a socket with its backlog");
	rig_config(rig,
	    "workers = 1\n"
	    "listener a { address = \"127.0.0.1:%d\"\nbacklog = 77 }\n"
	    "listener b { address = \"unix:b.sock\"\nmode = 0600 }\n",
	    port);
	rig_signal(rig, SIGHUP);
	expect_workers(rig, 2, 1);
	ok(strstr(rig->line, "(77)") != NULL, "has another backlog");
	snprintf(path, sizeof(path), "%s/b.sock", rig->dir);
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600,
	    "the file has another mode");
	rig_config(rig, "workers = 1\nlistener a { address = \"*:%d\" }\n",
	    port);
	rig_signal(rig, SIGHUP);
	expect_workers(rig, 3, 1);
	ok(rig_expect(rig, "generation 2 has left"), "* for 127.0.0.1");
	is_int(1, listening_sockets("tcp6", port), "has one socket");
	is_int(0, listening_sockets("tcp", port), "and no other");
	rig_end(rig);
}

static void
an_added_address_is_taken(void)
{
	struct rig *rig = serving(1);
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(sock, (struct sockaddr *)&in, len) == -1 ||
	    listen(sock, 1) == -1 ||
	    getsockname(sock, (struct sockaddr *)&in, &len) == -1)
		abort();
	rig_config(rig,
	    "workers = 1\nlistener a { address = \"unix:a.sock\" }\n"
	    "listener b { address = \"127.0.0.1:%d\" }\n",
	    ntohs(in.sin_port));
	fails(rig, "is in use by another process", "a taken address");
	close(sock);
	rig_end(rig);
}

static void
other_files(void)
{
	struct rig *rig = serving(1);
	char path[128], line[512] = "";
	FILE *log;

	rig_config(rig,
	    "workers = 1\nlistener a { address = \"unix:a.sock\" }\n"
	    "pid_file = \"other.pid\"\nerror_log = \"error.log\"\n"
	    "daemon = on\n");
	rig_signal(rig, SIGHUP);
	ok(rig_expect(rig, "daemon has changed: that takes a restart"),
	    "what cannot change is told");
	snprintf(path, sizeof(path), "%s/error.log", rig->dir);
	ok(rig_expect(rig, "is told DRAIN 0"), "the reload is done");
	rig_signal(rig, SIGTERM);
	is_int(0, rig_wait(rig), "the server stops");
	log = fopen(path, "r");
	while (log != NULL && fgets(line, sizeof(line), log) != NULL)
		if (strstr(line, "reload done in") != NULL)
			break;
	ok(strstr(line, "reload done in") != NULL, "the new log has it");
	if (log != NULL)
		fclose(log);
	snprintf(path, sizeof(path), "%s/grpcd.pid", rig->dir);
	ok(access(path, F_OK) == -1, "the old pid file has gone");
	snprintf(path, sizeof(path), "%s/other.pid", rig->dir);
	ok(access(path, F_OK) == -1, "and so has the new one");
	rig_end(rig);
}

int
main(void)
{
	the_socket_stays();
	nothing_leaks();
	the_oldest_hurries();
	a_worker_fails(ACT_FAIL, "worker 1 cannot start: on purpose", "FAILED");
	a_worker_fails(ACT_EXIT, "worker 1 exited with status 3", "an exit");
	a_worker_fails(ACT_UNREADY, "was not ready within start_timeout",
	    "a hanging worker");
	the_check_fails(CHECKER_ERROR, "grpcd.conf:7: no such greeting",
	    "an error of the check");
	the_check_fails(CHECKER_HANG, "took longer than start_timeout",
	    "a hanging check");
	the_config_is_broken();
	all_is_undone();
	hup_during_a_reload();
	the_old_dies_meanwhile();
	the_new_dies_ready();
	fewer_and_more_workers();
	more_workers_that_fail();
	listeners_come_and_go();
	listeners_change();
	an_added_address_is_taken();
	other_files();
	return done();
}
