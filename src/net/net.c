/*
 * net.c - what the connections of a worker have in common
 */
#include <config.h>

#include "net/net.h"

#include <stdlib.h>

#include "net/private.h"

/* Idle connection structs kept for the next clients. */
#define KEEP_CONNECTIONS 1024

static void
on_accept_again(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	acceptors_start(arg);
}

struct net *
net_new(struct event_base *base, const struct config *config,
    const struct net_handler *handler, void *arg, struct stats_row *row)
{
	struct net *net = calloc(1, sizeof(*net));

	if (!net)
		return NULL;
	net->base = base;
	net->config = config;
	net->handler = handler;
	net->arg = arg;
	net->row = row;
	freelist_init(&net->connections, sizeof(struct connection),
	    KEEP_CONNECTIONS);
	LIST_INIT(&net->open);
	LIST_INIT(&net->acceptors);
	TAILQ_INIT(&net->woken);
	event_assign(&net->accept_again, base, -1, 0, on_accept_again, net);
	return net;
}

void
net_free(struct net **net)
{
	struct net *n = *net;
	struct connection *c;

	*net = NULL;
	if (!n)
		return;
	net_stop_accepting(n, false);
	while ((c = LIST_FIRST(&n->open)) != NULL)
		connection_cut(c);
	freelist_fini(&n->connections);
	buffer_release(&n->out);
	free(n);
}

size_t
net_count(const struct net *net)
{
	return net->n_open;
}

void
net_each(struct net *net, void (*fn)(void *owner))
{
	struct connection *c;

	LIST_FOREACH (c, &net->open, link)
		if (c->state == CONNECTION_OPEN)
			fn(c->owner);
}
