/*
 * net.c - what the connections of a worker have in common
 */
#include <config.h>

#include "net/net.h"

#include <stdlib.h>

#include "net/pem.h"
#include "net/private.h"
#include "net/tls.h"
#include "net/tls_check.h"
#include "net/tls_server.h"
#include "stats/stats.h"

/* Idle connection structs kept for the next clients. */
#define KEEP_CONNECTIONS 1024

static void
on_accept_again(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	acceptors_start(arg);
}

struct net *
net_new(const struct net_means *means, const struct net_handler *handler,
    void *arg)
{
	struct net *net = calloc(1, sizeof(*net));

	if (!net)
		return NULL;
	net->base = means->base;
	net->config = means->config;
	net->handler = handler;
	net->arg = arg;
	net->row = means->row;
	net->seats = (struct seats){
		.stats = means->stats,
		.config = means->config,
		.tally = stats_tally(means->stats, means->row),
	};
	freelist_init(&net->connections, sizeof(struct connection),
	    KEEP_CONNECTIONS);
	LIST_INIT(&net->open);
	LIST_INIT(&net->acceptors);
	TAILQ_INIT(&net->woken);
	event_assign(&net->accept_again, net->base, -1, 0, on_accept_again,
	    net);
	return net;
}

static bool
has_tls(const struct config *config)
{
	for (size_t i = 0; i < config->n_listeners; i++)
		if (config->listeners[i].tls.on)
			return true;
	return false;
}

bool
net_secure(struct net *net, const struct keyring *keyring,
    struct config_messages *errors)
{
	const struct config *config = net->config;
	bool good = true;

	if (!has_tls(config))
		return true;
	net->tls = tls_new(keyring);
	net->servers = calloc(config->n_listeners, sizeof(*net->servers));
	if (!net->tls || !net->servers) {
		config_message(errors, config->file, 1, "no memory for TLS");
		return false;
	}
	for (size_t i = 0; i < config->n_listeners; i++) {
		if (!config->listeners[i].tls.on)
			continue;
		net->servers[i] = tls_server_new(config, i, errors);
		good &= net->servers[i] != NULL;
	}
	return good;
}

void
net_check_tls(const struct config *config, const struct net_expiries *expiries,
    struct config_messages *errors)
{
	struct tls_server *server;

	for (size_t i = 0; i < config->n_listeners; i++) {
		const struct config_tls *tls = &config->listeners[i].tls;
		const struct pem_blame blame = { tls, errors };

		if (!tls->on)
			continue;
		server = tls_server_new(config, i, errors);
		if (server)
			tls_check(&blame, i, expiries);
		tls_server_free(&server);
	}
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
	for (size_t i = 0; n->servers && i < n->config->n_listeners; i++)
		tls_server_free(&n->servers[i]);
	free(n->servers);
	tls_free(&n->tls);
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

void
net_end_handshakes(struct net *net)
{
	struct connection *c, *next;

	for (c = LIST_FIRST(&net->open); c; c = next) {
		next = LIST_NEXT(c, link);
		if (c->state == CONNECTION_HANDSHAKE)
			connection_cut(c);
	}
}
