/*
 * net.h - the sockets of one worker: accepting, reading, writing, closing
 *
 * Raw events of libevent, one read buffer and one write buffer a worker.  What
 * the bytes mean is the handler's; net knows no protocol.  Runs in workers.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct buffer;
struct config;
struct config_messages;
struct connection;
struct event_base;
struct identity;
struct keyring;
struct net;
struct stats;
struct stats_row;

/*
 * What net calls upwards; the worker fills it in.  All are set.  `owner` is
 * what opened returned for the connection.
 */
struct net_handler {
	/* The time; called first in every callback of the event loop. */
	int64_t (*now)(void *arg);
	/*
	 * A client has come to listener number `listener`.  NULL (no memory):
	 * it is closed at once.  Up to ready, name and closed alone are called.
	 */
	void *(*opened)(void *arg, struct connection *connection,
	    size_t listener, const struct sockaddr *peer, socklen_t peer_len);
	/*
	 * Bytes can pass: at once, or when a handshake of TLS is over.  False
	 * without memory: the connection is cut off.
	 */
	bool (*ready)(void *owner);
	/* Bytes from the client.  False: send what is left, then close. */
	bool (*input)(void *owner, const uint8_t *bytes, size_t len);
	/*
	 * Appends what is to be sent, up to about `enough` bytes in `out`.
	 * False without memory: the connection is cut off.
	 */
	bool (*output)(void *owner, struct buffer *out, size_t enough);
	/* Nothing is to be sent or awaited any more: close. */
	bool (*done)(const void *owner);
	/* The client has begun to speak the protocol: preface_timeout met. */
	bool (*greeted)(const void *owner);
	/* Who the client is, for the log; good until the next call. */
	const char *(*name)(const void *owner);
	/* When `due` wants to be called; CLOCK_NEVER if not. */
	int64_t (*due_at)(const void *owner);
	void (*due)(void *owner);
	/* The connection goes, exactly once; it must not be used again. */
	void (*closed)(void *owner);
	/*
	 * A client that is not let in: appends all that it is told, and why.
	 * False without memory.
	 */
	bool (*refuse)(void *arg, const char *why, struct buffer *out);
};

/* What a net works with; all of it must stay as long as the net. */
struct net_means {
	struct event_base *base;
	const struct config *config;
	const struct stats *stats; /* of all workers */
	struct stats_row *row;     /* this worker's, one of them */
};

/* NULL without memory. */
struct net *net_new(const struct net_means *means,
    const struct net_handler *handler, void *arg);

/*
 * Makes TLS of the listeners that have a tls section; to be called before
 * net_accept.  Sessions are resumed by the keys of the keyring.  False: what is
 * wrong is in errors.
 */
bool net_secure(struct net *net, const struct keyring *keyring,
    struct config_messages *errors);

/* A file of a tls section, and when the first thing in it ends. */
struct net_expiry {
	size_t listener;
	const char *directive; /* "certificate", "client_ca", "crl" */
	const char *path;
	int64_t ends_s;  /* since 1970 */
	int64_t warns_s; /* when to begin to warn of it */
};

/* Who is told of them. */
struct net_expiries {
	void (*tell)(void *arg, const struct net_expiry *expiry);
	void *arg;
};

/*
 * For the checker: what is wrong with the tls sections, in errors; warnings in
 * the log; and when which file ends.
 */
void net_check_tls(const struct config *config,
    const struct net_expiries *expiries, struct config_messages *errors);

/* Cuts off every connection that is left, then frees. */
void net_free(struct net **net);

/*
 * Begins to accept on the socket of a listener, which net owns from now on.
 * The slot is the one it belongs to: this worker's own, or one without a
 * worker.  False without memory.
 */
bool net_accept(struct net *net, unsigned slot, size_t listener, int socket);

/* Stops accepting on the sockets of a slot, as net_stop_accepting does. */
void net_release(struct net *net, unsigned slot);

/*
 * Stops accepting and closes this process's descriptors.  With `take_waiting`
 * the connections that wait in the queues are accepted first: nobody else will.
 */
void net_stop_accepting(struct net *net, bool take_waiting);

/* Connections open, those that linger counted. */
size_t net_count(const struct net *net);

/* Calls fn(owner) for each that is ready and not closing; fn may wake any. */
void net_each(struct net *net, void (*fn)(void *owner));

/* Cuts off those that are in their handshake. */
void net_end_handshakes(struct net *net);

/* Its client's, as of address_network; 0: it has none. */
uint64_t connection_network(const struct connection *connection);

/* The owner has output, or another time for `due`: see to it in net_flush. */
void connection_wake(struct connection *connection);

/*
 * Sending waits for the client to read, and nothing is read from it meanwhile:
 * that it is silent means nothing.
 */
bool connection_is_stuck(const struct connection *connection);

/*
 * Who the client is; the caller's reference.  Costs the reading of a
 * certificate.  NULL: a plain connection, or no memory.
 */
struct identity *connection_identity(const struct connection *connection);

/*
 * Sees to every connection that was woken.  To be called at the end of each
 * callback of the event loop that is not net's own.
 */
void net_flush(struct net *net);

#endif
