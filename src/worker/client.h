/*
 * client.h - clients of a worker: net, http2 and grpc tied together
 */
#ifndef WORKER_CLIENT_H
#define WORKER_CLIENT_H

struct grpc_peer;
struct identity;
struct net_handler;
struct worker;

/* The functions for net_new, whose arg is the worker. */
extern const struct net_handler client_handler;

/* For the table of grpc/host.h. */
struct identity *client_identify(struct grpc_peer *peer);

/* The free list of clients; ended with freelist_fini. */
void clients_init(struct worker *w);

/* For net_each: begins the graceful end of a client's session. */
void client_drain(void *owner);

/* For net_each: ends a client's session with GOAWAY, now. */
void client_goaway(void *owner);

#endif
