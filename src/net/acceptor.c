/*
 * acceptor.c - accepts connections on the worker's own sockets
 *
 * Runs in workers.  A shortage of descriptors or memory pauses all accepting
 * for a second or until a connection closes: without the pause a
 * level-triggered listening socket is a busy loop.  The clients wait in the
 * kernel's queue.
 */
#include <config.h>

#include "net/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "stats/stats.h"

/* Connections taken in one turn of the loop, so that calls are not starved. */
#define ACCEPT_BATCH 64

#define ACCEPTOR_MAGIC 0x61636370u

struct acceptor {
	uint32_t magic;
	struct net *net;
	unsigned slot;
	size_t listener;
	int socket;
	struct event readable;
	LIST_ENTRY(acceptor) link;
};

static void
acceptors_pause(struct net *net, int error)
{
	static const struct timeval one_second = { 1, 0 };
	struct acceptor *a;

	log_limited(LOG_LEVEL_ERROR,
	    "accept: %s; accepting pauses for a second (raise the limit of open"
	    " files, or lower max_connections)",
	    strerror(error));
	STATS_ADD(net->row, accept_pauses, 1);
	LIST_FOREACH (a, &net->acceptors, link)
		event_del(&a->readable);
	event_add(&net->accept_again, &one_second);
}

void
acceptors_start(struct net *net)
{
	struct acceptor *a;

	event_del(&net->accept_again);
	LIST_FOREACH (a, &net->acceptors, link)
		event_add(&a->readable, NULL);
}

void
acceptors_resume(struct net *net)
{
	if (event_pending(&net->accept_again, EV_TIMEOUT, NULL))
		acceptors_start(net);
}

/* Errors that belong to the one connection that was to be accepted. */
static bool
is_clients_error(int error)
{
	switch (error) {
	case ECONNABORTED:
	case EINTR:
	case EPERM: /* a firewall's rule, accept(2) */
	case EPROTO:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENONET:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

/* Takes one client in; false if there is none, or no room for any. */
static bool
accept_one(struct acceptor *a)
{
	struct arrival arrival = {
		.listener = a->listener,
		.peer_len = sizeof(arrival.peer),
	};

	arrival.socket = accept4(a->socket, (struct sockaddr *)&arrival.peer,
	    &arrival.peer_len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (arrival.socket == -1) {
		if (is_clients_error(errno))
			return true;
		if (errno != EAGAIN)
			acceptors_pause(a->net, errno);
		return false;
	}
	arrival_take(a->net, &arrival);
	return true;
}

static void
on_readable(evutil_socket_t socket, short what, void *arg)
{
	struct acceptor *a = arg;

	(void)socket, (void)what;
	CHECK(a, ACCEPTOR_MAGIC);
	a->net->handler->now(a->net->arg);
	for (int i = 0; i < ACCEPT_BATCH && accept_one(a); i++)
		;
	net_flush(a->net);
}

bool
net_accept(struct net *net, unsigned slot, size_t listener, int socket)
{
	struct acceptor *a = calloc(1, sizeof(*a));

	if (!a)
		return false;
	a->magic = ACCEPTOR_MAGIC;
	a->net = net;
	a->slot = slot;
	a->listener = listener;
	a->socket = socket;
	event_assign(&a->readable, net->base, socket, EV_READ | EV_PERSIST,
	    on_readable, a);
	if (event_add(&a->readable, NULL) == -1) {
		free(a);
		return false;
	}
	LIST_INSERT_HEAD(&net->acceptors, a, link);
	return true;
}

static void
acceptor_free(struct acceptor *a)
{
	/*
	 * The master holds the same open file, so that close() alone would
	 * leave it in our epoll set (epoll(7), questions).
	 */
	event_del(&a->readable);
	LIST_REMOVE(a, link);
	close(a->socket);
	a->magic = 0;
	free(a);
}

void
net_release(struct net *net, unsigned slot)
{
	struct acceptor *a, *next;

	for (a = LIST_FIRST(&net->acceptors); a; a = next) {
		next = LIST_NEXT(a, link);
		if (a->slot == slot)
			acceptor_free(a);
	}
}

void
net_stop_accepting(struct net *net, bool take_waiting)
{
	struct acceptor *a, *next;

	for (a = LIST_FIRST(&net->acceptors); a; a = next) {
		next = LIST_NEXT(a, link);
		while (take_waiting && accept_one(a))
			;
		acceptor_free(a);
	}
	event_del(&net->accept_again);
}
