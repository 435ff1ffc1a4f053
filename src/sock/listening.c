/*
 * listening.c - listening sockets: made, bound, found busy, removed
 *
 * Runs in the master and in workers that have not dropped privileges yet.
 */
#include <config.h>

#include "sock/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "sock/holder.h"

#define PROBE_NAP_MS 50

static int
close_keeping_errno(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

static const char *
path_of(const struct address *address)
{
	return ((const struct sockaddr_un *)&address->sa)->sun_path;
}

static int
set_on(int sock, int level, int option)
{
	int on = 1;

	return setsockopt(sock, level, option, &on, sizeof(on));
}

/* 0.0.0.0 in place of the dual wildcard, for a kernel without IPv6. */
static void
fall_back_to_ipv4(struct address *address)
{
	const struct sockaddr_in6 *in6 = (const void *)&address->sa;
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = in6->sin6_port };

	memcpy(&address->sa, &in, sizeof(in));
	address->len = sizeof(in);
	address->dual = false;
}

/*
 * A socket for the address, with the options that say what the address means;
 * ret_bind is what to bind it to.
 */
static int
make_socket(const struct address *address, struct address *ret_bind)
{
	const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int sock, v6only;

	*ret_bind = *address;
	sock = socket(ret_bind->sa.ss_family, type, 0);
	if (sock == -1 && errno == EAFNOSUPPORT && address->dual) {
		fall_back_to_ipv4(ret_bind);
		sock = socket(ret_bind->sa.ss_family, type, 0);
	}
	if (sock == -1)
		return -1;
	if (ret_bind->sa.ss_family == AF_INET6) {
		v6only = !ret_bind->dual;
		if (setsockopt(sock, IPPROTO_IPV6, IPV6_V6ONLY, &v6only,
			sizeof(v6only)) == -1)
			return close_keeping_errno(sock);
	}
	return sock;
}

static int
bind_to(int sock, const struct address *to)
{
	return bind(sock, (const struct sockaddr *)&to->sa, to->len);
}

static int
set_user_timeout(int sock, int ms)
{
	return setsockopt(sock, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

/*
 * All sockets of a group carry SO_REUSEADDR too: else connections left over
 * from a server that ended make the probe of the next fail.
 */
static int
bind_tcp(int sock, const struct address *to, int user_timeout_ms)
{
	if (set_on(sock, SOL_SOCKET, SO_REUSEADDR) == -1 ||
	    set_on(sock, SOL_SOCKET, SO_REUSEPORT) == -1 ||
	    set_on(sock, IPPROTO_TCP, TCP_NODELAY) == -1 ||
	    set_user_timeout(sock, user_timeout_ms) == -1)
		return -1;
	return bind_to(sock, to);
}

/*
 * The file is made with its mode, so that there is no moment of another, and
 * nothing is changed by a name that somebody may have replaced.
 */
static int
bind_unix(int sock, const struct address *to, mode_t mode)
{
	mode_t before = umask(~mode & 0777);
	int bound = bind_to(sock, to);

	umask(before);
	return bound;
}

/* lchown, since it follows no link. */
static int
give_file(const struct address *to, const struct listening_options *options)
{
	if (!address_is_unix(to) ||
	    (options->owner == (uid_t)-1 && options->group == (gid_t)-1))
		return 0;
	return lchown(path_of(to), options->owner, options->group);
}

int
listening_open(const struct address *address,
    const struct listening_options *options)
{
	struct address to;
	int sock = make_socket(address, &to), bound, error;

	if (sock == -1)
		return -1;
	if (address_is_unix(&to))
		bound = bind_unix(sock, &to, options->mode);
	else
		bound = bind_tcp(sock, &to, options->user_timeout_ms);
	if (bound == -1)
		return close_keeping_errno(sock);
	if (give_file(&to, options) == -1 ||
	    (options->backlog > 0 && listen(sock, options->backlog) == -1)) {
		error = errno;
		listening_remove(&to);
		errno = error;
		return close_keeping_errno(sock);
	}
	return sock;
}

/* The file may be a link by now only where others may write; then it stays. */
static int
set_mode(const struct address *address, mode_t mode)
{
	struct stat st;

	if (!address_is_unix(address))
		return 0;
	if (lstat(path_of(address), &st) == -1)
		return -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return -1;
	}
	return chmod(path_of(address), mode);
}

/* listen(2) on a socket that listens changes its backlog. */
int
listening_adjust(int sock, const struct address *address,
    const struct listening_options *options)
{
	if (!address_is_unix(address) &&
	    set_user_timeout(sock, options->user_timeout_ms) == -1)
		return -1;
	if (listen(sock, options->backlog) == -1 ||
	    set_mode(address, options->mode) == -1)
		return -1;
	return give_file(address, options);
}

/*
 * Left-over connections do not hinder a bind with SO_REUSEADDR, a listening
 * socket does, in a SO_REUSEPORT group or not (socket(7), tcp(7)).
 */
static enum listening_use
probe_tcp(const struct address *address)
{
	struct address to;
	int sock = make_socket(address, &to), error;

	if (sock == -1)
		return LISTENING_ERROR;
	error = 0;
	if (set_on(sock, SOL_SOCKET, SO_REUSEADDR) == -1 ||
	    bind_to(sock, &to) == -1)
		error = errno;
	close(sock);
	errno = error;
	if (error == 0)
		return LISTENING_FREE;
	return error == EADDRINUSE ? LISTENING_BUSY : LISTENING_ERROR;
}

/* Nobody has the path: could it be bound? */
static enum listening_use
probe_directory(const char *path)
{
	char copy[sizeof(((struct sockaddr_un *)0)->sun_path)];

	strcpy(copy, path);
	if (faccessat(AT_FDCWD, dirname(copy), W_OK | X_OK, AT_EACCESS) == -1)
		return LISTENING_ERROR;
	return LISTENING_FREE;
}

static enum listening_use
probe_unix(const struct address *address, bool clean)
{
	const char *path = path_of(address);
	int sock, error = 0;
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? probe_directory(path)
				       : LISTENING_ERROR;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return LISTENING_ERROR;
	}
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sock == -1)
		return LISTENING_ERROR;
	if (connect(sock, (const struct sockaddr *)&address->sa,
		address->len) == -1)
		error = errno;
	close(sock);
	switch (error) {
	case ECONNREFUSED: /* nobody listens */
		if (clean && unlink(path) == -1 && errno != ENOENT)
			return LISTENING_ERROR;
		return probe_directory(path);
	case 0:
	case EAGAIN:     /* its queue is full */
	case EPROTOTYPE: /* it is no stream, but alive */
		return LISTENING_BUSY;
	case ENOENT: /* it has just gone */
		return probe_directory(path);
	default:
		errno = error;
		return LISTENING_ERROR;
	}
}

enum listening_use
listening_probe(const struct address *address, bool clean, int patience_ms,
    pid_t ours)
{
	int64_t end = clock_now_us() + patience_ms * CLOCK_MS;
	enum listening_use use;

	for (;;) {
		use = address_is_unix(address) ? probe_unix(address, clean)
					       : probe_tcp(address);
		if (use != LISTENING_BUSY)
			return use;
		if (ours > 0 && holder_is(address, ours))
			return LISTENING_OURS;
		if (clock_now_us() >= end)
			return LISTENING_BUSY;
		poll(NULL, 0, PROBE_NAP_MS);
	}
}

void
listening_remove(const struct address *address)
{
	struct stat st;

	if (address_is_unix(address) && lstat(path_of(address), &st) == 0 &&
	    S_ISSOCK(st.st_mode))
		unlink(path_of(address));
}
