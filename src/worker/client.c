/*
 * client.c - the one screen that ties net, http2 and grpc together
 *
 * Runs in workers.  A client is a connection of net, a session of http2 and a
 * peer of grpc; bytes go up from the first to the last and down again.
 */
#include <config.h>

#include "worker/client.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/identity.h"
#include "base/log.h"
#include "config/config.h"
#include "grpc/server.h"
#include "http2/session.h"
#include "net/net.h"
#include "sock/address.h"
#include "stats/stats.h"
#include "stats/told.h"
#include "worker/private.h"

#define CLIENT_MAGIC 0x636c6974u

/* Owned by its connection: made by opened, freed by closed. */
struct client {
	uint32_t magic;
	struct worker *worker;
	struct connection *connection;
	struct http2_session *session; /* NULL during a handshake */
	int64_t drain_at_us; /* the client is told then; CLOCK_NEVER */
	char *address;       /* the peer's */
	struct grpc_peer peer;
};

/* Idle client structs kept for the next. */
#define KEEP_CLIENTS 1024

void
clients_init(struct worker *w)
{
	freelist_init(&w->clients, sizeof(struct client), KEEP_CLIENTS);
}

static struct client *
client_of(const void *owner)
{
	struct client *c = (struct client *)(uintptr_t)owner;

	CHECK(c, CLIENT_MAGIC);
	return c;
}

static void
on_wake(struct grpc_peer *peer)
{
	struct client *c =
	    client_of((char *)peer - offsetof(struct client, peer));

	connection_wake(c->connection);
}

struct identity *
client_identify(struct grpc_peer *peer)
{
	struct client *c =
	    client_of((char *)peer - offsetof(struct client, peer));

	return connection_identity(c->connection);
}

static int64_t
on_now(void *arg)
{
	return worker_now(arg);
}

static void *
on_opened(void *arg, struct connection *connection, size_t listener,
    const struct sockaddr *peer, socklen_t peer_len)
{
	struct worker *w = arg;
	struct client *c = freelist_take(&w->clients);
	char address[ADDRESS_TEXT];

	if (!c)
		return NULL;
	/* Most are a fifth as long as the longest. */
	c->address = strdup(address_format_peer(peer, peer_len, address));
	if (!c->address) {
		freelist_give(&w->clients, c);
		return NULL;
	}
	c->magic = CLIENT_MAGIC;
	c->worker = w;
	c->connection = connection;
	c->peer.grpc = w->grpc;
	c->peer.listener = listener;
	c->peer.limits = &w->config->listeners[listener].limits;
	c->peer.wake = on_wake;
	c->peer.address = c->address;
	c->drain_at_us = CLOCK_NEVER;
	return c;
}

static bool
on_ready(void *owner)
{
	struct client *c = client_of(owner);
	struct worker *w = c->worker;

	c->session = http2_session_new(w->http2, &c->peer, c->peer.limits);
	if (!c->session)
		return false;
	if (w->state == WORKER_DRAINING)
		client_drain(c);
	return true;
}

static bool
on_input(void *owner, const uint8_t *bytes, size_t len)
{
	struct client *c = client_of(owner);
	bool good = http2_session_input(c->session, bytes, len);

	grpc_settle(c->worker->grpc);
	return good;
}

static bool
on_output(void *owner, struct buffer *out, size_t enough)
{
	return http2_session_output(client_of(owner)->session, out, enough);
}

static bool
on_done(const void *owner)
{
	return http2_session_done(client_of(owner)->session);
}

static bool
on_greeted(const void *owner)
{
	return http2_session_greeted(client_of(owner)->session);
}

/* Before the end of a handshake a client has no more than its address. */
static const char *
on_name(const void *owner)
{
	static char name[ADDRESS_TEXT + IDENTITY_TEXT + 4];
	struct client *c = client_of(owner);
	char who[IDENTITY_TEXT];

	if (!c->session ||
	    *identity_text(grpc_peer_identity(&c->peer), who) == '\0')
		return c->peer.address;
	snprintf(name, sizeof(name), "%s \"%s\"", c->peer.address, who);
	return name;
}

static int64_t
on_due_at(const void *owner)
{
	const struct client *c = client_of(owner);
	int64_t due = http2_session_due(c->session);

	return c->drain_at_us < due ? c->drain_at_us : due;
}

static void
on_due(void *owner)
{
	struct client *c = client_of(owner);

	if (connection_is_stuck(c->connection))
		http2_session_excuse(c->session);
	if (worker_now(c->worker) >= c->drain_at_us) {
		c->drain_at_us = CLOCK_NEVER;
		http2_session_drain(c->session);
	}
	http2_session_tick(c->session);
}

/*
 * PINGs that are too many are what people ask about most, and their client
 * comes back for ever: so that is worth a warning, and one is enough.
 */
static bool
is_news(const struct client *c)
{
	const struct heritage *h = c->worker->heritage;
	uint64_t key = stats_key(h->all_stats, STATS_PINGS,
	    connection_network(c->connection));

	return http2_session_cause(c->session) == HTTP2_CAUSE_PINGS &&
	       told_first(stats_told(h->all_stats), key, c->worker->now_us);
}

static void
log_reason(const struct client *c)
{
	static const char line[] = "connection of %s ended: %s";
	const char *reason =
	    c->session ? http2_session_reason(c->session) : NULL;

	if (reason && is_news(c))
		log_limited(LOG_LEVEL_WARN, line, on_name(c), reason);
	else if (reason)
		log_limited(LOG_LEVEL_INFO, line, on_name(c), reason);
}

static void
on_closed(void *owner)
{
	struct client *c = client_of(owner);

	log_reason(c);
	if (c->session)
		http2_session_free(&c->session);
	grpc_peer_release(&c->peer);
	free(c->address);
	c->magic = 0;
	freelist_give(&c->worker->clients, c);
}

static bool
on_refuse(void *arg, const char *why, struct buffer *out)
{
	(void)arg;
	return http2_refuse(why, out);
}

const struct net_handler client_handler = {
	.now = on_now,
	.opened = on_opened,
	.ready = on_ready,
	.input = on_input,
	.output = on_output,
	.done = on_done,
	.greeted = on_greeted,
	.name = on_name,
	.due_at = on_due_at,
	.due = on_due,
	.closed = on_closed,
	.refuse = on_refuse,
};

void
client_drain(void *owner)
{
	struct client *c = client_of(owner);
	int64_t spread = c->worker->config->main.drain_spread * CLOCK_MS;

	if (spread > 0)
		c->drain_at_us =
		    worker_now(c->worker) + random() * spread / RAND_MAX;
	else
		http2_session_drain(c->session);
	connection_wake(c->connection);
}

void
client_goaway(void *owner)
{
	struct client *c = client_of(owner);

	http2_session_goaway(c->session, HTTP2_NO_ERROR,
	    "the server is shutting down");
	connection_wake(c->connection);
}
