/*
 * seats.c - connections by client, by listener and in all
 *
 * Runs in workers.  A connection is in up to four counts, and has a limit in
 * each.  A listener's limit counts only where it is below the server's, so that
 * a refusal names the right one; the counting goes on, for a config to come.
 */
#include <config.h>

#include "net/seats.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mix.h"
#include "config/config.h"
#include "stats/stats.h"

/*
 * From the narrowest to the widest, so that a client that has too many
 * connections never holds, not even for a moment, what others could have.
 */
enum seat_kind {
	SEAT_VISITOR, /* of a network at a listener */
	SEAT_NETWORK,
	SEAT_LISTENER,
	SEAT_SERVER,
	SEAT_KINDS
};

static const char *const directives[SEAT_KINDS] = {
	[SEAT_VISITOR] = "max_connections_per_address",
	[SEAT_NETWORK] = "max_connections_per_address",
	[SEAT_LISTENER] = "max_connections",
	[SEAT_SERVER] = "max_connections",
};

static const char *const cures[SEAT_KINDS] = {
	[SEAT_VISITOR] = "raise it for a listener where many clients share an "
			 "address, as behind a proxy",
	[SEAT_NETWORK] = "raise it if many clients share that address, as "
			 "behind a proxy",
	[SEAT_LISTENER] = "raise it in the listener's limits, or have clients "
			  "open fewer",
	[SEAT_SERVER] = "raise it as far as memory and descriptors allow, or "
			"have clients open fewer",
};

static struct log_gate gates[SEAT_KINDS];

static bool
is_listeners(enum seat_kind kind)
{
	return kind == SEAT_VISITOR || kind == SEAT_LISTENER;
}

static bool
is_networks(enum seat_kind kind)
{
	return kind == SEAT_VISITOR || kind == SEAT_NETWORK;
}

/* A number for a listener's name, which stays through a reload. */
static uint64_t
number_of(const struct config_listener *l)
{
	uint64_t number = 0;

	for (const char *at = l->name; *at != '\0'; at++)
		number = mix(number ^ (uint64_t)*at);
	return number;
}

static uint64_t
key_of(const struct seats *seats, enum seat_kind kind,
    const struct config_listener *l, uint64_t network)
{
	switch (kind) {
	case SEAT_VISITOR:
		return stats_key(seats->stats, STATS_VISITORS,
		    mix(network) ^ number_of(l));
	case SEAT_NETWORK:
		return stats_key(seats->stats, STATS_NETWORK, network);
	case SEAT_LISTENER:
		return stats_key(seats->stats, STATS_LISTENER, number_of(l));
	default:
		return stats_key(seats->stats, STATS_SERVER, 0);
	}
}

static uint64_t
limit_in(const struct config_limits *limits, enum seat_kind kind)
{
	int64_t limit = is_networks(kind) ? limits->max_connections_per_address
					  : limits->max_connections;

	return limit == 0 ? TALLY_UNLIMITED : (uint64_t)limit;
}

static uint64_t
limit_of(const struct seats *seats, enum seat_kind kind,
    const struct config_listener *l)
{
	uint64_t top = limit_in(&seats->config->limits, kind);
	uint64_t own = limit_in(&l->limits, kind);

	if (!is_listeners(kind))
		return top;
	return own < top ? own : TALLY_UNLIMITED;
}

/* "11 connections of its address exceed max_connections_per_address 10 ..." */
static void
explain(struct refusal *r, enum seat_kind kind, const struct config_listener *l,
    uint64_t sum, uint64_t limit)
{
	const char *of = is_networks(kind) ? " of its address" : "";
	const char *listener = is_listeners(kind) ? l->name : NULL;

	snprintf(r->why, sizeof(r->why),
	    "%llu connections%s exceed %s %llu%s%s%s", (unsigned long long)sum,
	    of, directives[kind], (unsigned long long)limit,
	    listener ? " of listener \"" : "", listener ? listener : "",
	    listener ? "\"" : "");
	r->cure = cures[kind];
	r->gate = &gates[kind];
}

bool
seats_take(const struct seats *seats, const struct config_listener *l,
    struct seat *seat, struct refusal *ret_refusal)
{
	for (enum seat_kind kind = 0; kind < SEAT_KINDS; kind++) {
		uint64_t limit = limit_of(seats, kind, l), sum = 0;

		if (is_networks(kind) && !seat->has_network)
			continue;
		switch (tally_take(&seats->tally,
		    key_of(seats, kind, l, seat->network), limit, &sum)) {
		case TALLY_TAKEN:
			seat->taken |= (uint8_t)(1u << kind);
			break;
		case TALLY_UNSEEN:
			break;
		case TALLY_OVER:
			explain(ret_refusal, kind, l, sum, limit);
			seats_give(seats, l, seat);
			return false;
		}
	}
	return true;
}

void
seats_give(const struct seats *seats, const struct config_listener *l,
    struct seat *seat)
{
	for (enum seat_kind kind = 0; kind < SEAT_KINDS; kind++)
		if (seat->taken & 1u << kind)
			tally_give(&seats->tally,
			    key_of(seats, kind, l, seat->network));
	seat->taken = 0;
}
