/*
 * rig.c - a master to test: real processes and sockets, but workers of ours
 */
#include <config.h>

#include "rig.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "master/master.h"
#include "proc/channel.h"
#include "proc/heritage.h"
#include "sock/listening.h"
#include "stats/stats.h"

#define PATIENCE_US (10 * CLOCK_SECOND)

static struct rig_orders *orders; /* for the workers */

/* Workers */

static void
say(const struct heritage *h, enum message_kind kind, int64_t number, int fd)
{
	if (channel_send(h->channel, kind, number, fd, "on purpose") == -1)
		log_fatal("rig: channel_send: %s", strerror(errno));
}

static void
open_sockets(const struct heritage *h)
{
	struct listening_options options = {
		.mode = 0600, .owner = (uid_t)-1, .group = (gid_t)-1
	};

	for (size_t i = 0; i < h->config->n_listeners; i++) {
		const struct config_listener *l = &h->config->listeners[i];

		if (h->sockets[i] >= 0)
			continue;
		options.backlog = h->sockets[i] == HERITAGE_BIND ? 0 : 511;
		h->sockets[i] = listening_open(&l->d.address.address, &options);
		if (h->sockets[i] == -1)
			log_fatal("rig: %s: %s", l->name, strerror(errno));
		say(h, MESSAGE_LISTENING, (int64_t)i, h->sockets[i]);
	}
}

/* How many may wait at a listening TCP socket (tcp_diag.c of Linux). */
static unsigned
backlog_of(int sock)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &len);
	return info.tcpi_sacked;
}

/* Inode and backlog of each socket. */
static void
log_sockets(const struct heritage *h)
{
	char text[256] = "";
	struct stat st;

	for (size_t i = 0; i < h->config->n_listeners; i++) {
		fstat(h->sockets[i], &st);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    " %lu (%u)", (unsigned long)st.st_ino,
		    backlog_of(h->sockets[i]));
	}
	log_info("rig: generation %u serves as %d on%s", h->generation,
	    (int)getpid(), text);
}

/* Is the descriptor one that the worker should have? */
static bool
is_ours(const struct heritage *h, int fd)
{
	if (fd <= STDERR_FILENO || fd == h->channel || fd == h->log)
		return true;
	for (size_t i = 0; i < h->config->n_listeners; i++)
		if (fd == h->sockets[i])
			return true;
	for (size_t i = 0; i < h->config->n_modules; i++)
		if (fd == h->modules[i])
			return true;
	return false;
}

static void
log_descriptors(const struct heritage *h)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int n = 0, fd;

	while ((entry = readdir(dir)) != NULL) {
		fd = atoi(entry->d_name);
		if (entry->d_name[0] != '.' && fd != dirfd(dir))
			n += !is_ours(h, fd);
	}
	closedir(dir);
	log_info("rig: has %d descriptors of others", n);
}

/* Dies and leaves a child behind, which ends when it notices. */
static void
leave_orphan(void)
{
	int ends[2];
	char byte;

	if (pipe(ends) == -1)
		abort();
	if (fork() == 0) {
		close(ends[1]);
		_exit((int)read(ends[0], &byte, 1));
	}
	raise(SIGKILL);
}

_Noreturn static void
hang(void)
{
	for (;;)
		pause();
}

static void
before_ready(const struct heritage *h, enum act act)
{
	if (act == ACT_HANG)
		hang();
	if (act == ACT_EXIT)
		exit(3);
	if (act == ACT_FAIL) {
		say(h, MESSAGE_FAILED, 0, -1);
		exit(WORKER_UNFIT);
	}
	open_sockets(h);
	if (act == ACT_UNREADY) {
		log_info("rig: never gets ready");
		hang();
	}
}

static void
on_go(const struct heritage *h, enum act act)
{
	h->stats->calls_total++;
	strcpy(h->stats->method, "/rig.Rig/Run");
	log_descriptors(h);
	log_sockets(h);
	if (act == ACT_ORPHAN)
		leave_orphan();
	if (act == ACT_STUCK)
		hang();
	if (act == ACT_SHORT)
		exit(4);
	if (act == ACT_LEAVE)
		say(h, MESSAGE_LEAVING, 0, -1);
	if (act == ACT_REOPEN)
		say(h, MESSAGE_REOPEN, 0, -1);
	if (act == ACT_HANG_UP) {
		close(h->channel);
		hang();
	}
}

/* Does what the message asks for; true if that is to leave. */
static bool
obey(const struct heritage *h, enum act act, const struct message *m, int fd)
{
	switch (m->kind) {
	case MESSAGE_GO:
		on_go(h, act);
		return false;
	case MESSAGE_LOG:
		dup3(fd, h->log, O_CLOEXEC);
		log_info("rig: has a new log");
		return false;
	case MESSAGE_DRAIN:
		return act != ACT_STUBBORN && act != ACT_DEAF &&
		       act != ACT_SLOW;
	case MESSAGE_HURRY:
		return act == ACT_SLOW;
	case MESSAGE_STOP:
		return act != ACT_STUBBORN && act != ACT_DEAF;
	default:
		return false;
	}
}

/* What this worker does; of some acts there is only one, others are well. */
static enum act
take_act(const struct heritage *h)
{
	enum act *at = &orders->acts[h->generation][h->slot], act = *at;

	if (act == ACT_ORPHAN || act == ACT_HANG_UP)
		*at = ACT_WELL;
	return act;
}

static int
worker(const struct heritage *h)
{
	enum act act = take_act(h);
	struct pollfd wait = { .fd = h->channel, .events = POLLIN };
	int fd, beat_ms = h->pulse_ms == 0 ? -1 : (int)h->pulse_ms;
	struct message m;

	log_use(h->log, h->config->main.error_log, LOG_LEVEL_DEBUG);
	log_role("worker %u", h->slot);
	before_ready(h, act);
	h->stats->heartbeat_us = clock_now_us();
	if (act == ACT_STUBBORN)
		signal(SIGTERM, SIG_IGN);
	say(h, MESSAGE_READY, 0, -1);
	if (act == ACT_DIE_READY)
		raise(SIGKILL);
	for (;;) {
		h->stats->heartbeat_us = clock_now_us();
		if (poll(&wait, 1, beat_ms) == 0)
			continue;
		if (channel_receive(h->channel, &m, &fd) != 1)
			return 0;
		log_info("rig: generation %u is told %s %lld", h->generation,
		    message_name(m.kind), (long long)m.number);
		if (obey(h, act, &m, fd))
			return 0;
		if (fd != -1)
			close(fd);
	}
}

static int
checker(const struct config *config, const int *modules, int answer)
{
	(void)modules;
	switch (orders->checker) {
	case CHECKER_HANG:
		hang();
	case CHECKER_CRASH:
		raise(SIGKILL);
		break;
	case CHECKER_ERROR:
		dprintf(answer, "%s:7: no such greeting\n", config->file);
		return 1;
	case CHECKER_TALK:
		for (int i = 0; i < 3000; i++)
			dprintf(answer, CHECKER_AT "%s:%d: a service\n",
			    config->file, i);
		break;
	}
	dprintf(answer, "service of the rig\n" CHECKER_DONE "\n");
	return 0;
}

/* The rig */

struct rig *
rig_new(void)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	strcpy(rig->dir, "/tmp/grpcd-master-XXXXXX");
	if (mkdtemp(rig->dir) == NULL) {
		printf("Bail out! %s: %s\n", rig->dir, strerror(errno));
		exit(99);
	}
	snprintf(rig->config, sizeof(rig->config), "%s/grpcd.conf", rig->dir);
	orders = mmap(NULL, sizeof(*orders), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	rig->orders = orders;
	rig->log = -1;
	rig->lines = calloc(1, 1);
	return rig;
}

void
rig_config(struct rig *rig, const char *fmt, ...)
{
	FILE *file = fopen(rig->config, "w");
	va_list args;

	fprintf(file, "log_level = debug\ncpu_affinity = off\n");
	va_start(args, fmt);
	vfprintf(file, fmt, args);
	va_end(args);
	fclose(file);
}

static struct config *
load(const struct config_source *source)
{
	struct config_messages errors = { 0 };
	struct config *config = config_load(source, &errors);

	for (size_t i = 0; i < errors.n; i++)
		log_error("%s", errors.text[i]);
	config_messages_free(&errors);
	if (config == NULL)
		exit(99);
	return config;
}

struct master_options
rig_options(const struct rig *rig)
{
	return (struct master_options){ .worker_main = worker,
		.checker_main = checker,
		.source = { .file = rig->config, .prefix = rig->dir } };
}

void
rig_start(struct rig *rig)
{
	struct master_options options = rig_options(rig);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		abort();
	rig->log = ends[0];
	rig->master = fork();
	if (rig->master == 0) {
		dup2(ends[1], STDERR_FILENO);
		heritage_keep(NULL, 0);
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		exit(master_run(&options, load(&options.source)));
	}
	close(ends[1]);
}

void
rig_signal(struct rig *rig, int number)
{
	kill(rig->master, number);
}

/* Moves the first line that holds the text to rig->line. */
static bool
take_line(struct rig *rig, const char *text)
{
	char *at = rig->lines, *end, *rest;

	while ((end = strchr(at, '\n')) != NULL) {
		*end = '\0';
		if (strstr(at, text) != NULL) {
			snprintf(rig->line, sizeof(rig->line), "%s", at);
			rest = end + 1;
			memmove(at, rest, strlen(rest) + 1);
			rig->n_lines = strlen(rig->lines);
			return true;
		}
		*end = '\n';
		at = end + 1;
	}
	return false;
}

/* False when the time is up, or the log at its end. */
static bool
read_more(struct rig *rig, int64_t until_us)
{
	struct pollfd wait = { .fd = rig->log, .events = POLLIN };
	int64_t left_us = until_us - clock_now_us();
	ssize_t n;

	if (left_us <= 0 || poll(&wait, 1, (int)(left_us / CLOCK_MS) + 1) != 1)
		return false;
	rig->lines = realloc(rig->lines, rig->n_lines + 4096 + 1);
	n = read(rig->log, rig->lines + rig->n_lines, 4096);
	if (n <= 0)
		return false;
	rig->n_lines += (size_t)n;
	rig->lines[rig->n_lines] = '\0';
	return true;
}

static void
show_lines(const struct rig *rig)
{
	const char *at = rig->lines, *end;

	for (; (end = strchr(at, '\n')) != NULL; at = end + 1)
		printf("# %.*s\n", (int)(end - at), at);
}

bool
rig_expect(struct rig *rig, const char *text)
{
	int64_t until_us = clock_now_us() + PATIENCE_US;

	while (!take_line(rig, text)) {
		if (read_more(rig, until_us))
			continue;
		printf("# no line with \"%s\", but:\n", text);
		show_lines(rig);
		return false;
	}
	return true;
}

int
rig_wait(struct rig *rig)
{
	int status = -1;

	while (waitpid(rig->master, &status, 0) == -1 && errno == EINTR)
		;
	rig->master = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

long
rig_number(const struct rig *rig, const char *text)
{
	const char *at = strstr(rig->line, text);

	return at == NULL ? -1 : strtol(at + strlen(text), NULL, 10);
}

int
rig_descriptors(const struct rig *rig)
{
	char path[64];
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)rig->master);
	dir = opendir(path);
	if (dir == NULL)
		return -1;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

bool
rig_free(struct rig *rig)
{
	bool clean;

	if (rig->master > 0) {
		kill(rig->master, SIGTERM);
		rig_wait(rig);
	}
	while (rig->log != -1 && read_more(rig, clock_now_us() + PATIENCE_US))
		;
	clean = strstr(rig->lines, "[alert]") == NULL &&
		strstr(rig->lines, "Sanitizer") == NULL &&
		strstr(rig->lines, "runtime error") == NULL;
	if (!clean)
		show_lines(rig);
	close(rig->log);
	free(rig->lines);
	nftw(rig->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	munmap(rig->orders, sizeof(*rig->orders));
	free(rig);
	return clean;
}

static int
tcp_socket(int port, struct sockaddr_in *ret)
{
	*ret = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

int
rig_port(void)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	int sock = tcp_socket(0, &in);

	if (bind(sock, (struct sockaddr *)&in, len) == -1 ||
	    getsockname(sock, (struct sockaddr *)&in, &len) == -1)
		abort();
	close(sock);
	return ntohs(in.sin_port);
}

bool
rig_connects(int port)
{
	struct sockaddr_in in;
	int sock = tcp_socket(port, &in);
	bool connected = connect(sock, (struct sockaddr *)&in, sizeof(in)) == 0;

	close(sock);
	return connected;
}
