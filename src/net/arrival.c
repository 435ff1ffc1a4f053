/*
 * arrival.c - a client has come: it is let in, or told why not
 *
 * Runs in workers.  To refuse one costs no handshake and no session, but a
 * descriptor for as long as it may read what it is told.
 */
#include <config.h>

#include "net/private.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "net/tls.h"
#include "sock/address.h"
#include "stats/stats.h"

static const struct config_listener *
listener_of(const struct net *net, const struct arrival *arrival)
{
	return &net->config->listeners[arrival->listener];
}

static bool
is_tls(const struct net *net, const struct arrival *arrival)
{
	return net->servers != NULL && net->servers[arrival->listener] != NULL;
}

/* False, and why, if there are too many handshakes already. */
static bool
may_shake_hands(const struct net *net, const struct arrival *arrival,
    struct refusal *ret_refusal)
{
	static struct log_gate gate;
	int64_t most = listener_of(net, arrival)->tls.d.max_handshakes;

	if (!is_tls(net, arrival) || net->n_handshakes < (size_t)most)
		return true;
	snprintf(ret_refusal->why, sizeof(ret_refusal->why),
	    "%zu TLS handshakes at once exceed max_handshakes %lld",
	    net->n_handshakes + 1, (long long)most);
	ret_refusal->cure = "raise it, or have clients reconnect less often";
	ret_refusal->gate = &gate;
	return false;
}

/* What a client hears; without memory nothing. */
static struct span
words(struct net *net, const struct arrival *arrival, const char *why)
{
	if (is_tls(net, arrival))
		return tls_unavailable;
	buffer_clear(&net->out);
	if (!net->handler->refuse(net->arg, why, &net->out))
		buffer_clear(&net->out);
	return (struct span){ buffer_bytes(&net->out),
		buffer_length(&net->out) };
}

static void
refuse(struct net *net, const struct arrival *arrival,
    const struct refusal *refusal)
{
	char name[ADDRESS_TEXT];

	address_format_peer((const struct sockaddr *)&arrival->peer,
	    arrival->peer_len, name);
	log_through(refusal->gate, LOG_LEVEL_WARN,
	    "connection of %s refused: %s; %s", name, refusal->why,
	    refusal->cure);
	STATS_ADD(net->row, connections_refused, 1);
	if (net->n_refused < NET_REFUSED)
		connection_refuse(net, arrival,
		    words(net, arrival, refusal->why));
	else
		close(arrival->socket);
}

void
arrival_take(struct net *net, struct arrival *arrival)
{
	const struct config_listener *l = listener_of(net, arrival);
	struct refusal refusal;

	arrival->seat.has_network =
	    address_network((const struct sockaddr *)&arrival->peer,
		arrival->peer_len, &arrival->seat.network);
	if (!may_shake_hands(net, arrival, &refusal) ||
	    !seats_take(&net->seats, l, &arrival->seat, &refusal)) {
		refuse(net, arrival, &refusal);
	} else if (!connection_open(net, arrival)) {
		log_limited(LOG_LEVEL_ERROR,
		    "connection refused: no memory for it");
		seats_give(&net->seats, l, &arrival->seat);
		close(arrival->socket);
	}
}
