/*
 * server.h - gRPC as the worker sees it: one struct grpc a worker, one
 * struct grpc_peer a connection
 */
#ifndef GRPC_SERVER_H
#define GRPC_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grpc/host.h"

struct access;
struct config_limits;
struct config_messages;
struct grpc;
struct http2_handler;
struct identity;
struct registry;
struct stats_row;

/*
 * A connection: the owner that a session of http2 hands to the handler.  The
 * worker sets all of it, and embeds it where it likes.  It may go as soon as
 * its session has: calls whose end services have yet to hear do not need it.
 */
struct grpc_peer {
	struct grpc *grpc;
	size_t listener;                      /* its index in the config */
	const struct config_limits *limits;   /* the listener's */
	void (*wake)(struct grpc_peer *peer); /* handler->wake */
	const char *address;                  /* as grpcd_peer() says it */
	struct access *access;                /* grpc's; NULL at first */
};

/*
 * Who the client is, if there is more to be told than its address: found out
 * once a connection, and its as long as it.  NULL: it is not TLS, or there is
 * no memory.
 */
const struct identity *grpc_peer_identity(struct grpc_peer *peer);

/* To be called once its session has gone, and before it goes itself. */
void grpc_peer_release(struct grpc_peer *peer);

/* host_arg goes to host's functions.  NULL without memory. */
struct grpc *grpc_new(struct registry *registry, const struct host *host,
    void *host_arg, struct stats_row *row);

/* No call may be open. */
void grpc_free(struct grpc **grpc);

/* The functions for http2_new. */
const struct http2_handler *grpc_handler(void);

/* Tells the time, once a loop turn, before anything else of that turn. */
void grpc_set_time(struct grpc *grpc, int64_t now_us);

/*
 * To be called after each batch of input: arms the deadlines of calls that did
 * not end within it (most do, and never touch a timer), and tells services what
 * they could not be told within it.
 */
void grpc_settle(struct grpc *grpc);

/* Calls open in this worker. */
size_t grpc_calls(const struct grpc *grpc);

/* Lets health know that the worker is about to drain; all else goes on. */
void grpc_warn(struct grpc *grpc);

/* Tells services and kept calls that the worker drains. */
void grpc_drain(struct grpc *grpc, int64_t ms_left);

/*
 * Ends every call that is open, and each that comes later, with UNAVAILABLE and
 * a retry push-back: the time for draining is over.  why is for the clients,
 * and stays as long as grpc.
 */
void grpc_end_calls(struct grpc *grpc, const char *why);

/*
 * Starts service i of the registry; false if it does not start, and errors says
 * where in the config it is, and why.
 */
bool grpc_start(struct grpc *grpc, size_t i, struct config_messages *errors);

/* Stops service i, which has started. */
void grpc_stop(struct grpc *grpc, size_t i);

#endif
