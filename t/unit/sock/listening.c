/*
 * listening.c - groups, probes, families and the files of Unix sockets
 */
#include <config.h>

#include "sock/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define NOBODY 65534

static const struct listening_options options = {
	.backlog = 16,
	.mode = 0640,
	.owner = (uid_t)-1,
	.group = (gid_t)-1,
};

static char directory[] = "/tmp/grpcd-listening-XXXXXX";

/* A port that is free now; the kernel does not hand it out again soon. */
static unsigned
free_port(void)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int sock = socket(AF_INET, SOCK_STREAM, 0), six;
	bool both;

	do {
		in.sin_port = 0;
		close(sock);
		sock = socket(AF_INET, SOCK_STREAM, 0);
		bind(sock, (struct sockaddr *)&in, sizeof(in));
		getsockname(sock, (struct sockaddr *)&in, &len);
		six = socket(AF_INET6, SOCK_STREAM, 0);
		in6.sin6_port = in.sin_port;
		setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 },
		    sizeof(int));
		both = bind(six, (struct sockaddr *)&in6, sizeof(in6)) == 0 ||
		       errno != EADDRINUSE;
		close(six);
	} while (!both);
	close(sock);
	return ntohs(in.sin_port);
}

__attribute__((format(printf, 1, 2))) static struct address
address(const char *fmt, ...)
{
	struct address a = { .len = 0 };
	char text[ADDRESS_TEXT];
	const char *wrong;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	wrong = address_parse(text, &a);
	if (wrong != NULL) {
		printf("Bail out! %s\n", wrong);
		exit(99);
	}
	return a;
}

/* A connected socket, or -1 with errno. */
static int
connect_to(const struct address *a)
{
	int sock = socket(a->sa.ss_family, SOCK_STREAM, 0);

	if (sock == -1 ||
	    connect(sock, (const struct sockaddr *)&a->sa, a->len) == 0)
		return sock;
	close(sock);
	return -1;
}

/* True if a connection to `to` arrives at sock. */
static bool
reaches(const struct address *to, int sock)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	int client = connect_to(to), accepted = -1;

	if (client != -1 && poll(&p, 1, 10000) == 1)
		accepted = accept(sock, NULL, NULL);
	close(client);
	if (accepted != -1)
		close(accepted);
	return accepted != -1;
}

static bool
have_ipv6(void)
{
	struct address a = address("[::1]:%u", free_port());
	int sock = listening_open(&a, &options);

	if (sock != -1)
		close(sock);
	return sock != -1;
}

static void
test_open(void)
{
	struct address a = address("127.0.0.1:%u", free_port());
	int one = listening_open(&a, &options), two, client, accepted, on = 0;
	socklen_t len = sizeof(on);

	ok(one != -1, "a listening socket");
	ok((fcntl(one, F_GETFL) & O_NONBLOCK) != 0, "never blocks");
	ok((fcntl(one, F_GETFD) & FD_CLOEXEC) != 0, "is closed on exec");
	two = listening_open(&a, &options);
	ok(two != -1, "a second joins its group");
	close(two);
	client = connect_to(&a);
	accepted = accept(one, NULL, NULL);
	getsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, &len);
	is_int(1, on, "TCP_NODELAY is inherited");
	/* Ends first, so its address stays in TIME_WAIT. */
	close(accepted);
	close(client);
	close(one);
	is_int(LISTENING_FREE, listening_probe(&a, false, 0, 0),
	    "left-over connections leave the address free");
	one = listening_open(&a, &options);
	ok(one != -1, "to be bound again");
	close(one);

	a = address("192.0.2.1:%u", free_port()); /* RFC 5737: nobody's */
	ok(listening_open(&a, &options) == -1 && errno == EADDRNOTAVAIL,
	    "an address of another machine");
	is_int(LISTENING_ERROR, listening_probe(&a, false, 0, 0),
	    "is an error of the probe too");
	is_int(EADDRNOTAVAIL, errno, "with its cause");
}

/* How many may wait at a listening socket (tcp_get_info of Linux). */
static unsigned
backlog_of(int sock)
{
	struct tcp_info info = { .tcpi_sacked = 0 };
	socklen_t len = sizeof(info);

	getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &len);
	return info.tcpi_sacked;
}

/* TCP_USER_TIMEOUT of a connection that is accepted. */
static int
user_timeout_of(const struct address *a, int sock)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	int client = connect_to(a), accepted = -1, ms = -1;
	socklen_t len = sizeof(ms);

	if (client != -1 && poll(&p, 1, 10000) == 1)
		accepted = accept(sock, NULL, NULL);
	getsockopt(accepted, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, &len);
	close(client);
	close(accepted);
	return ms;
}

static void
test_user_timeout(void)
{
	struct listening_options other = options;
	struct address a = address("127.0.0.1:%u", free_port());
	int sock = listening_open(&a, &options);

	is_int(0, user_timeout_of(&a, sock), "no user timeout unless given");
	other.user_timeout_ms = 20000;
	listening_adjust(sock, &a, &other);
	is_int(20000, user_timeout_of(&a, sock), "it can be changed");
	close(sock);
	sock = listening_open(&a, &other);
	is_int(20000, user_timeout_of(&a, sock), "or be there from the start");
	close(sock);
}

static void
test_adjust(void)
{
	struct listening_options other = options;
	struct address a = address("127.0.0.1:%u", free_port());
	int sock = listening_open(&a, &options);
	struct stat st;

	is_int(options.backlog, backlog_of(sock), "the backlog given");
	other.backlog = 32;
	is_int(0, listening_adjust(sock, &a, &other), "can be changed");
	is_int(32, backlog_of(sock), "while it listens");
	close(sock);
	other.backlog = 0;
	sock = listening_open(&a, &other);
	ok(sock != -1 && connect_to(&a) == -1, "with none it is only bound");
	other.backlog = 32;
	is_int(0, listening_adjust(sock, &a, &other), "until it has one");
	ok(reaches(&a, sock), "and listens");
	close(sock);

	a = address("unix:%s/adjusted", directory);
	sock = listening_open(&a, &options);
	other.mode = 0604;
	is_int(0, listening_adjust(sock, &a, &other), "and so can the mode");
	stat(((struct sockaddr_un *)&a.sa)->sun_path, &st);
	is_int(S_IFSOCK | 0604, st.st_mode, "of a Unix socket's file");
	listening_remove(&a);
	is_int(-1, listening_adjust(sock, &a, &other), "while it is there");
	is_int(ENOENT, errno, "with the cause");
	close(sock);
}

static void
test_families(void)
{
	unsigned port = free_port();
	struct address any = address("*:%u", port);
	struct address four = address("127.0.0.1:%u", port);
	struct address six = address("[::1]:%u", port);
	int sock = listening_open(&any, &options), other;

	ok(reaches(&four, sock), "* takes IPv4");
	ok(reaches(&six, sock) || !have_ipv6(), "* takes IPv6");
	is_int(LISTENING_BUSY, listening_probe(&four, false, 0, 0),
	    "and is in the way of one IPv4 address");
	is_int(LISTENING_OURS, listening_probe(&four, false, 0, getpid()),
	    "which is known to be ours");
	ok(!have_ipv6() ||
		listening_probe(&six, false, 0, getpid()) == LISTENING_OURS,
	    "as IPv6 is");
	close(sock);

	sock = listening_open(&six, &options);
	if (sock == -1)
		return;
	ok(reaches(&six, sock) && !reaches(&four, sock),
	    "an IPv6 address takes IPv6 alone");
	is_int(LISTENING_FREE, listening_probe(&four, false, 0, 0),
	    "and leaves IPv4 free");
	is_int(LISTENING_OURS, listening_probe(&any, false, 0, getpid()),
	    "but not the wildcard");
	other = listening_open(&four, &options);
	is_int(LISTENING_OURS, listening_probe(&any, false, 0, getpid()),
	    "two of ours under one wildcard");
	close(other);
	close(sock);
}

/* In a child: a kernel that knows no IPv6 has * as IPv4 alone. */
static int
open_without_ipv6(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(*filter),
		filter };
	unsigned port = free_port();
	struct address any = address("*:%u", port);
	struct address four = address("127.0.0.1:%u", port);
	int sock;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1)
		return 77;
	if (listening_probe(&any, false, 0, 0) != LISTENING_FREE)
		return 1;
	sock = listening_open(&any, &options);
	if (sock == -1 || !reaches(&four, sock))
		return 2;
	return listening_probe(&any, false, 0, getpid()) != LISTENING_OURS;
}

static void
test_without_ipv6(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(open_without_ipv6());
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		ok(true, "without IPv6 # SKIP no seccomp filter here");
	else
		is_int(0, status, "* is IPv4 alone in a kernel without IPv6");
}

/*
 * A process that listens at the address until its input ends, and then for
 * nap_ms more.
 */
struct holder {
	pid_t pid;
	int input;
};

static struct holder
hold(const struct address *a, int nap_ms)
{
	int input[2], ready[2];
	struct holder h;
	char byte;

	if (pipe(input) == -1 || pipe(ready) == -1)
		exit(99);
	h.pid = fork();
	if (h.pid == 0) {
		close(input[1]);
		if (listening_open(a, &options) == -1)
			_exit(99);
		close(ready[1]);
		while (read(input[0], &byte, 1) > 0)
			;
		poll(NULL, 0, nap_ms);
		_exit(0);
	}
	h.input = input[1];
	close(input[0]);
	close(ready[1]);
	while (read(ready[0], &byte, 1) > 0)
		;
	close(ready[0]);
	return h;
}

static void
let_go(struct holder *h)
{
	close(h->input);
	waitpid(h->pid, NULL, 0);
}

static void
test_held(const char *what, const struct address *a)
{
	struct holder h = hold(a, 0), other = hold(a, 0);

	is_int(LISTENING_BUSY, listening_probe(a, false, 0, 0),
	    "%s: others listen", what);
	is_int(LISTENING_BUSY, listening_probe(a, false, 120, h.pid),
	    "%s: not only our server does", what);
	is_int(LISTENING_OURS, listening_probe(a, false, 0, getpid()),
	    "%s: two children of ours do", what);
	let_go(&other);
	is_int(LISTENING_OURS, listening_probe(a, false, 0, h.pid),
	    "%s: our server alone does", what);
	is_int(LISTENING_BUSY, listening_probe(a, false, 0, 1),
	    "%s: it is not init", what);
	let_go(&h);
	is_int(LISTENING_FREE, listening_probe(a, false, 0, 0),
	    "%s: free again", what);
	h = hold(a, 120);
	close(h.input);
	h.input = -1;
	is_int(LISTENING_FREE, listening_probe(a, false, 60000, 0),
	    "%s: patience outlasts a server that is going", what);
	let_go(&h);
}

/* A Unix socket has but one holder. */
static void
test_held_unix(void)
{
	struct address a = address("unix:%s/held", directory);
	struct holder h = hold(&a, 0);

	is_int(LISTENING_BUSY, listening_probe(&a, true, 0, 0),
	    "Unix: somebody listens");
	is_int(LISTENING_OURS, listening_probe(&a, true, 0, h.pid),
	    "Unix: our server does");
	is_int(LISTENING_OURS, listening_probe(&a, true, 0, getpid()),
	    "Unix: a child of ours does");
	is_int(LISTENING_BUSY, listening_probe(&a, true, 0, 1),
	    "Unix: it is not init");
	let_go(&h);
	is_int(LISTENING_FREE, listening_probe(&a, false, 0, 0),
	    "Unix: a stale file is free");
	ok(access(directory, F_OK) == 0 && listening_open(&a, &options) == -1,
	    "Unix: but hinders the bind");
	is_int(EADDRINUSE, errno, "Unix: as an address in use");
	is_int(LISTENING_FREE, listening_probe(&a, true, 0, 0),
	    "Unix: until a probe removes it");
}

static void
test_file(void)
{
	struct listening_options given = options;
	struct address a = address("unix:%s/socket", directory);
	struct stat st;
	const char *path = ((struct sockaddr_un *)&a.sa)->sun_path;
	mode_t before = umask(0077);
	int sock;

	is_int(LISTENING_FREE, listening_probe(&a, true, 0, 0), "no file yet");
	sock = listening_open(&a, &options);
	stat(path, &st);
	is_int(S_IFSOCK | 0640, st.st_mode, "the file's mode, umask or not");
	is_int(0077, umask(before), "which is as before");
	ok(reaches(&a, sock), "a Unix socket takes connections");
	listening_remove(&a);
	ok(stat(path, &st) == -1, "and is removed");
	close(sock);

	given.owner = geteuid() == 0 ? NOBODY : 0;
	given.group = NOBODY;
	sock = listening_open(&a, &given);
	if (geteuid() == 0) {
		stat(path, &st);
		ok(st.st_uid == NOBODY && st.st_gid == NOBODY, "given away");
	} else {
		ok(sock == -1 && errno == EPERM && stat(path, &st) == -1,
		    "a file that cannot be given away does not stay");
	}
	close(sock);
	unlink(path);

	close(open(path, O_CREAT | O_WRONLY, 0600));
	is_int(LISTENING_ERROR, listening_probe(&a, true, 0, 0),
	    "a file that is no socket");
	is_int(ENOTSOCK, errno, "with the cause");
	listening_remove(&a);
	is_int(0, unlink(path), "is left alone");

	a = address("unix:%s/none/socket", directory);
	is_int(LISTENING_ERROR, listening_probe(&a, true, 0, 0),
	    "a directory that is not there");
	is_int(ENOENT, errno, "with the cause");
}

int
main(void)
{
	struct address a;

	if (mkdtemp(directory) == NULL) {
		perror(directory);
		return 99;
	}
	test_open();
	test_adjust();
	test_user_timeout();
	test_families();
	test_without_ipv6();
	a = address("127.0.0.1:%u", free_port());
	test_held("IPv4", &a);
	a = address("*:%u", free_port());
	test_held("*", &a);
	test_held_unix();
	test_file();
	ok(rmdir(directory) == 0, "no file is left");
	return done();
}
