/*
 * seats.h - may one more client come in?
 *
 * max_connections and max_connections_per_address are of the whole server and
 * of each listener.  So workers count in memory that they share
 * (stats/tally.h), and what a worker had is free again when it dies.  Runs in
 * workers.
 */
#ifndef NET_SEATS_H
#define NET_SEATS_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/tally.h"

struct config;
struct config_listener;
struct log_gate;
struct stats;

struct seats {
	const struct stats *stats;
	const struct config *config;
	struct tally tally;
};

/* What a connection holds; zeroed: nothing. */
struct seat {
	uint64_t network; /* its client's, as of address_network */
	bool has_network; /* false: that is nothing, as on a Unix socket */
	uint8_t taken;    /* a bit for each count that it is in */
};

/* Why a client is not let in. */
struct refusal {
	char why[256];    /* the limit, what it would be, the directive */
	const char *cure; /* for the log */
	struct log_gate *gate;
};

/*
 * Takes a seat for a client of listener l, of the config that seats has.  False
 * with a reason, if there is none.  A client whose network finds no room to be
 * counted comes in.
 */
bool seats_take(const struct seats *seats, const struct config_listener *l,
    struct seat *seat, struct refusal *ret_refusal);

/* Gives it back; one that holds nothing may be given. */
void seats_give(const struct seats *seats, const struct config_listener *l,
    struct seat *seat);

#endif
