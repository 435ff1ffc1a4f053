/*
 * seats.c - limits of the server, of listeners and of clients, over two workers
 */
#include <config.h>

#include "net/seats.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "stats/stats.h"
#include "tap.h"

#define WORKERS 2

static struct stats *stats;
static struct stats_row *rows[WORKERS];
static struct config config;
static struct config_listener listeners[2];
static struct seats seats[WORKERS];
static struct refusal refusal;

static void
begin(void)
{
	config = (struct config){ .listeners = listeners, .n_listeners = 2 };
	config.limits.max_connections = 100;
	listeners[0] = (struct config_listener){ .name = "public" };
	listeners[1] = (struct config_listener){ .name = "inner" };
	listeners[0].limits = listeners[1].limits = config.limits;
	stats = stats_new(WORKERS, WORKERS);
	if (stats == NULL) {
		perror("stats_new");
		exit(99);
	}
	for (size_t i = 0; i < WORKERS; i++) {
		rows[i] = stats_take(stats, i);
		seats[i] = (struct seats){ stats, &config,
			stats_tally(stats, rows[i]) };
	}
}

static void
end(const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < WORKERS; i++)
		for (size_t cell = 0; cell < TALLY_CELLS; cell++)
			n += seats[i].tally.own->cells[cell] != 0;
	is_int(0, n, "%s: all seats are free", name);
	stats_free(&stats);
}

static struct seat
from(uint64_t network)
{
	return (struct seat){ .network = network, .has_network = true };
}

/* How many of n clients of a network find a seat, at both workers in turn. */
static size_t
take(struct seat *to, size_t n, uint64_t network, size_t listener)
{
	size_t taken = 0;

	for (size_t i = 0; i < n; i++) {
		to[i] = from(network);
		taken += seats_take(&seats[i % WORKERS], &listeners[listener],
		    &to[i], &refusal);
	}
	return taken;
}

static void
give(struct seat *seat, size_t n, size_t listener)
{
	for (size_t i = 0; i < n; i++)
		seats_give(&seats[i % WORKERS], &listeners[listener], &seat[i]);
}

static void
test_server(void)
{
	struct seat a[80], b[40];

	begin();
	is_int(80, take(a, 80, 1, 0), "all find a seat");
	is_int(20, take(b, 40, 2, 1), "until the server is full");
	is_text("101 connections exceed max_connections 100", refusal.why,
	    "why not");
	give(b, 40, 1);
	is_int(20, take(b, 40, 2, 0), "what was given back is free");
	give(a, 80, 0);
	give(b, 40, 0);
	end("the server");
}

static void
test_listener(void)
{
	struct seat a[80], b[40];

	begin();
	listeners[0].limits.max_connections = 50;
	is_int(50, take(a, 80, 1, 0), "a listener has fewer");
	is_text("51 connections exceed max_connections 50 of listener "
		"\"public\"",
	    refusal.why, "why not");
	ok(strstr(refusal.cure, "listener") != NULL, "and where to change it");
	is_int(40, take(b, 40, 1, 1), "the other is not concerned");
	give(a, 80, 0);
	give(b, 40, 1);
	end("a listener");
}

static void
test_address(void)
{
	struct seat a[80], b[5], local[5] = { { .has_network = false } };
	size_t n = 0;

	begin();
	config.limits.max_connections_per_address = 10;
	listeners[0].limits = listeners[1].limits = config.limits;
	is_int(10, take(a, 80, 7, 0), "one client has 10");
	is_text("11 connections of its address exceed "
		"max_connections_per_address 10",
	    refusal.why, "why not");
	is_int(0, take(b, 5, 7, 1), "at another listener too");
	is_int(5, take(b, 5, 0, 0), "another client has its own, whoever");
	config.limits.max_connections_per_address = 1;
	for (size_t i = 0; i < 5; i++)
		n += seats_take(&seats[0], &listeners[0], &local[i], &refusal);
	is_int(5, n, "who has no address is not counted by it");
	for (size_t i = 0; i < 5; i++)
		seats_give(&seats[0], &listeners[0], &local[i]);
	give(a, 80, 0);
	give(b, 5, 0);
	end("addresses");
}

static void
test_visitors(void)
{
	struct seat a[20], b[20];

	begin();
	listeners[1].limits.max_connections_per_address = 3;
	is_int(20, take(a, 20, 7, 0), "one listener has no such limit");
	is_int(3, take(b, 20, 7, 1), "the other has");
	is_text("4 connections of its address exceed "
		"max_connections_per_address 3 of listener \"inner\"",
	    refusal.why, "why not");
	give(a, 20, 0);
	give(b, 20, 1);
	end("addresses of a listener");
}

/* A dead worker's seats are free once the master has reaped it. */
static void
test_death(void)
{
	struct seat a[80], b[100];

	begin();
	is_int(80, take(a, 80, 1, 0), "both workers have clients");
	stats_give(stats, 1, rows[1]);
	rows[1] = stats_take(stats, 1);
	is_int(60, take(b, 100, 2, 0), "the dead one's seats are taken anew");
	for (size_t i = 0; i < 80; i += 2)
		seats_give(&seats[0], &listeners[0], &a[i]);
	give(b, 100, 0);
	end("a death");
}

int
main(void)
{
	test_server();
	test_listener();
	test_address();
	test_visitors();
	test_death();
	return done();
}
