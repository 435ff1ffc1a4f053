/*
 * log.c - lines, levels, and logs whose reader does not read
 */
#include <config.h>

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "tap.h"

static char path[] = "/tmp/grpcd-log-XXXXXX";

static void
empty(int file)
{
	if (ftruncate(file, 0) == -1)
		exit(99);
}

/* What is there to read, as text. */
static const char *
drain(int fd)
{
	static char text[1 << 20];
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	return text;
}

/* The last line in the log file, without its head. */
static const char *
last_text(int log)
{
	static char line[4096];
	ssize_t n = pread(log, line, sizeof(line) - 1, 0);
	char *text;

	line[n > 0 ? n : 0] = '\0';
	empty(log);
	line[strcspn(line, "\n")] = '\0';
	text = strstr(line, ": ");
	return text == NULL ? line : text + 2;
}

/* True if the line has the form that log.c promises. */
static bool
well_formed(const char *line)
{
	const char *form = "dddd-dd-ddTdd:dd:dd.ddd?dd:dd [notice] worker 3 ";
	char pid[32];

	for (; *form != '\0'; form++, line++) {
		bool digit = *line >= '0' && *line <= '9';
		bool sign = *line == '+' || *line == '-';

		if (*form == 'd'   ? !digit && *line != 'd'
		    : *form == '?' ? !sign
				   : *form != *line)
			return false;
	}
	snprintf(pid, sizeof(pid), "%d: hello\n", (int)getpid());
	return strcmp(line, pid) == 0;
}

static void
test_before(void)
{
	int saved = dup(STDERR_FILENO), pipes[2];

	if (pipe2(pipes, O_NONBLOCK) == -1)
		exit(99);
	dup2(pipes[1], STDERR_FILENO);
	log_error("no such file: %s", "x");
	log_debug("not wanted");
	dup2(saved, STDERR_FILENO);
	is_text("grpcd: no such file: x\n", drain(pipes[0]),
	    "before log_use a line goes to standard error");
	close(saved);
	close(pipes[0]);
	close(pipes[1]);
}

static void
test_lines(void)
{
	struct stat st;
	char big[4000];
	int log = log_open(path), reader = open(path, O_RDWR);

	fstat(log, &st);
	ok((fcntl(log, F_GETFD) & FD_CLOEXEC) != 0, "exec closes a log");
	log_use(log, path, LOG_LEVEL_NOTICE);
	is_int(log, log_descriptor(), "the descriptor in use");
	log_role("worker %d", 3);
	log_notice("hello");
	ok(well_formed(drain(reader)), "time, level, role, pid, text");
	empty(reader);
	log_info("too low");
	is_text("", last_text(reader), "lower levels are not written");
	ok(!log_wants(LOG_LEVEL_INFO) && log_wants(LOG_LEVEL_ALERT), "wants");
	log_warn("a\nb\x1b[1m\x7f \xc3\xbc");
	is_text("a\\x0ab\\x1b[1m\\x7f \xc3\xbc", last_text(reader),
	    "control bytes are escaped");
	errno = ENOENT;
	log_warn("%m");
	is_int(ENOENT, errno, "errno is kept");
	is_text("No such file or directory", last_text(reader), "%%m works");
	for (int c = 'x'; c != '\n'; c = c == 'x' ? '\x01' : '\n') {
		memset(big, c, sizeof(big));
		big[sizeof(big) - 1] = '\0';
		log_warn("%s", big);
		fstat(log, &st);
		ok(st.st_size <= 2048 && st.st_size > 2040,
		    "a line has at most 2048 bytes");
		ok(strcmp(strchr(last_text(reader), '\0') - 3, "...") == 0,
		    "and ends in ... if it was longer");
	}
	close(reader);
	close(log);
}

static void
test_gate(void)
{
	struct log_gate gate = { 0 };
	int log = log_open(path), reader = open(path, O_RDWR), lines = 0;
	const char *text;

	log_use(log, path, LOG_LEVEL_INFO);
	/* The gate's second may end once while this runs. */
	for (int i = 0; i < 100; i++)
		log_through(&gate, LOG_LEVEL_INFO, "line %d", i);
	text = drain(reader);
	for (; *text != '\0'; text++)
		lines += *text == '\n';
	ok(lines >= LOG_GATE_BURST && lines <= 2 * LOG_GATE_BURST,
	    "a gate lets a burst pass");
	empty(reader);
	gate = (struct log_gate){ .second = -1, .passed = 5, .held = 7 };
	log_through(&gate, LOG_LEVEL_INFO, "again");
	is_text("again (7 more like it were held back)", last_text(reader),
	    "and tells how many did not");
	log_through(&gate, LOG_LEVEL_INFO, "again");
	is_text("again", last_text(reader), "once");
	close(reader);
	close(log);
}

/*
 * Adds up the lines that arrived whole and those that are said to be lost; a
 * full socket cuts a line, which then counts as lost.
 */
static int
count(const char *text)
{
	int n = 0, lost;

	for (; (text = strstr(text, ": ")) != NULL; text += 2) {
		if (strspn(text + 2, "0123456789") == 100)
			n += text[102] == '\n';
		else if (sscanf(text, ": %d log lines were lost", &lost) == 1)
			n += lost;
	}
	return n;
}

/* Fills the log, empties it through reader, and counts. */
static void
test_full(const char *what, int log, int reader)
{
	const char *text;
	int counted;

	log_use(log, path, LOG_LEVEL_INFO);
	log_info("first");
	drain(reader);
	for (int i = 0; i < 5000; i++)
		log_info("%0100d", i);
	counted = count(drain(reader));
	ok(counted > 10 && counted < 5000, "%s: a full log does not block",
	    what);
	log_info("next");
	text = drain(reader);
	is_int(5000, counted + count(text), "%s: the lost are counted", what);
	ok(strstr(text, ": next\n") != NULL, "%s: then it goes on", what);
	log_info("last");
	ok(strstr(drain(reader), "lost") == NULL, "%s: told once", what);
}

/* A log on a blocking standard error that others share. */
static void
test_shared(const char *what, int pair[2])
{
	int saved = dup(STDERR_FILENO), log;

	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	dup2(pair[1], STDERR_FILENO);
	log = log_open("stderr");
	test_full(what, log, pair[0]);
	is_int(0, fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK,
	    "%s: standard error stays as it was", what);
	dup2(saved, STDERR_FILENO);
	log_use(pair[1], "stderr", LOG_LEVEL_INFO);
	close(log);
	if (strcmp(what, "pipe") == 0)
		test_full("blocking pipe", pair[1], pair[0]);
	close(pair[0]);
	log_info("nobody reads");
	ok(true, "%s: a reader that is gone does no harm", what);
	close(pair[1]);
	close(saved);
}

static void
test_never_blocks(void)
{
	int pair[2];

	if (pipe(pair) == -1)
		exit(99);
	test_shared("pipe", pair);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		exit(99);
	test_shared("socket", pair);
}

/* Whoever else writes to the file of standard error is not overwritten. */
static void
test_file_of_stderr(void)
{
	int saved = dup(STDERR_FILENO), log;
	int file = open(path, O_RDWR | O_TRUNC);
	char text[256] = "";

	dup2(file, STDERR_FILENO);
	log = log_open("stderr");
	log_use(log, path, LOG_LEVEL_INFO);
	if (write(STDERR_FILENO, "1\n", 2) != 2)
		exit(99);
	log_info("2");
	if (write(STDERR_FILENO, "3\n", 2) != 2)
		exit(99);
	dup2(saved, STDERR_FILENO);
	if (pread(file, text, sizeof(text) - 1, 0) == -1)
		exit(99);
	ok(strncmp(text, "1\n", 2) == 0 && strstr(text, ": 2\n3\n") != NULL,
	    "a file as standard error is shared with other writers");
	empty(file);
	close(file);
	close(log);
	close(saved);
}

/* A line that repeats the last one. */
static void
test_repeated(void)
{
	int log = log_open(path), reader = open(path, O_RDWR);
	const char *text;

	log_use(log, path, LOG_LEVEL_INFO);
	for (int i = 0; i < 4; i++)
		log_warn("same");
	text = drain(reader);
	ok(strstr(text, ": same\n") == strrchr(text, ':'), "is not written");
	log_info("same");
	text = drain(reader);
	ok(strstr(text, "[warn] worker 3 ") != NULL &&
		strstr(text, ": last line repeated 3 times\n") != NULL &&
		strstr(text, "[info] worker 3 ") != NULL,
	    "it is counted, and told before another");
	log_flush();
	is_text("", drain(reader), "once");
	log_info("same");
	log_flush();
	ok(strstr(drain(reader), ": last line repeated 1 time\n") != NULL,
	    "or when somebody asks for it");
	empty(reader);
	close(reader);
	close(log);
}

static int
status_of(void (*die)(void), int log)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		log_use(log, path, LOG_LEVEL_INFO);
		log_role("worker 7");
		die();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void
die_fatally(void)
{
	log_fatal("cannot go on: %d", 1);
}

static void
die_repeating(void)
{
	log_warn("going");
	log_warn("going");
	exit(0);
}

static void
die_checking(void)
{
	struct {
		uint32_t magic;
	} freed = { 0 }, *object = &freed;

	signal(SIGABRT, SIG_DFL);
	CHECK(object, 0x1234);
}

static void
die_ensuring(void)
{
	ENSURE(1 + 1 == 3);
}

static void
test_death(void)
{
	int log = log_open(path), reader = open(path, O_RDWR), status;

	status = status_of(die_fatally, log);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 1, "fatal exits 1");
	is_text("cannot go on: 1", last_text(reader), "with its last words");
	status_of(die_repeating, log);
	ok(strstr(drain(reader), ": last line repeated 1 time\n") != NULL,
	    "what is counted is told at exit");
	empty(reader);
	status = status_of(die_checking, log);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "CHECK aborts");
	ok(strstr(last_text(reader), "object is a live 0x1234") != NULL,
	    "with what did not hold");
	status = status_of(die_ensuring, log);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "ENSURE aborts");
	ok(strstr(last_text(reader), "die_ensuring: does not hold: 1 + 1"),
	    "with function and condition");
	close(log);
	close(reader);
}

static void
test_open(void)
{
	struct stat st;
	int log;

	unlink(path);
	umask(0);
	log = log_open(path);
	fstat(log, &st);
	is_int(0640, st.st_mode & 07777, "a log is made with mode 0640");
	close(log);
	errno = 0;
	ok(log_open("/nowhere/x") == -1 && errno == ENOENT,
	    "errno of a bad path");
}

/* The daemon's socket, bound anew. */
static int
daemon_open(const struct sockaddr_un *sa)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	unlink(sa->sun_path);
	if (bind(fd, (const struct sockaddr *)sa, sizeof(*sa)) == -1)
		exit(99);
	return fd;
}

/* The next line to the daemon, as "PRI TEXT" if it has the right form. */
static const char *
received(int syslogd)
{
	static char line[4096], text[4096];
	ssize_t n = recv(syslogd, line, sizeof(line) - 1, 0);
	int pri, pid, at = 0;

	line[n > 0 ? n : 0] = '\0';
	if (sscanf(line, "<%d>%*3c %*2d %*2d:%*2d:%*2d test[%d]: %n", &pri,
		&pid, &at) != 2 ||
	    at == 0 || pid != getpid())
		return line;
	snprintf(text, sizeof(text), "%d %s", pri, line + at);
	return text;
}

static void
test_syslog(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char target[256];
	int syslogd, log, lines = 0, told;
	const char *line;

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s.socket", path);
	snprintf(target, sizeof(target),
	    "syslog:facility=local3,tag=test,server=unix:%s", sa.sun_path);
	errno = 0;
	ok(log_open(target) == -1 && errno == ENOENT, "no daemon, no log");
	ok(log_open("syslog:facility=x") == -1 && errno == EINVAL,
	    "errno of a bad target");
	syslogd = daemon_open(&sa);
	log = log_open(target);
	ok((fcntl(log, F_GETFD) & FD_CLOEXEC) != 0, "exec closes it");
	log_use(log, target, LOG_LEVEL_DEBUG);
	log_error("hello\n");
	is_text("155 [error] worker 3: hello\\x0a", received(syslogd),
	    "priority, time, tag, pid, level, role, text");
	log_debug("low");
	is_text("159 [debug] worker 3: low", received(syslogd),
	    "another level");

	for (int i = 0; i < 5000; i++)
		log_info("%d", i);
	for (; *received(syslogd) != '\0'; lines++)
		;
	log_info("next");
	line = received(syslogd);
	ok(sscanf(line, "156 [warn] worker 3: %d log lines were lost", &told) ==
		    1 &&
		told + lines == 5000,
	    "a daemon that does not read makes nobody wait");
	is_text("158 [info] worker 3: next", received(syslogd), "it goes on");

	close(syslogd);
	log_info("nobody hears it");
	syslogd = daemon_open(&sa);
	log_info("again");
	line = received(syslogd);
	ok(strstr(line, "1 log lines were lost") != NULL,
	    "a daemon that was started again is found");
	is_text("158 [info] worker 3: again", received(syslogd), "and used");
	close(log);
	close(syslogd);
	unlink(sa.sun_path);
}

int
main(void)
{
	int file = mkstemp(path);

	if (file == -1) {
		perror(path);
		return 99;
	}
	close(file);
	test_before();
	test_lines();
	test_gate();
	test_never_blocks();
	test_file_of_stderr();
	test_repeated();
	test_syslog();
	test_death();
	test_open();
	unlink(path);
	return done();
}
