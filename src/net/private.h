/*
 * private.h - what acceptor.c, arrival.c and connection.c share, nobody else
 */
#ifndef NET_PRIVATE_H
#define NET_PRIVATE_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/queue.h>

#include "base/buffer.h"
#include "base/freelist.h"
#include "config/config.h"
#include "net/net.h"
#include "net/seats.h"
#include "net/transport.h"

/* Bytes of the read buffer: what one recv may take. */
#define NET_READ 65536

/* Bytes gathered for one send. */
#define NET_WRITE 65536

/*
 * Clients that may be reading why they are refused; those beyond are cut off.
 * Their descriptors are among those that a worker has besides its connections
 * (proc/process.h).
 */
#define NET_REFUSED 64

struct acceptor;
struct tls;
struct tls_server;

struct net {
	struct event_base *base;
	const struct config *config;
	const struct net_handler *handler;
	void *arg; /* of the handler */
	struct stats_row *row;
	struct freelist connections;
	LIST_HEAD(, connection) open;
	size_t n_open; /* those that are refused, too */
	size_t n_refused;
	struct seats seats;
	struct tls *tls;             /* NULL: no listener has any */
	struct tls_server **servers; /* by listener; NULL, or of NULLs: plain */
	size_t n_handshakes;         /* connections that are in theirs */
	int64_t turn_us;             /* of the loop, as the handler's now */
	int64_t handshakes_us;       /* what they took of that turn */
	TAILQ_HEAD(, connection) woken;
	LIST_HEAD(, acceptor) acceptors;
	struct event accept_again; /* after a shortage */
	struct buffer out;         /* the one write buffer */
	uint8_t in[NET_READ];      /* the one read buffer */
};

#define CONNECTION_MAGIC 0x636f6e6eu

enum connection_state {
	CONNECTION_HANDSHAKE, /* of TLS; plain ones begin with OPEN */
	CONNECTION_OPEN,
	CONNECTION_CLOSING,   /* sends what is left */
	CONNECTION_LINGERING, /* writing is shut; reads to the peer's end */
	CONNECTION_CLOSED,
	CONNECTION_STATES
};

/* What the event for its socket is set to. */
enum connection_wait {
	AWAIT_NOTHING,
	AWAIT_INPUT,
	AWAIT_ROOM /* to send */
};

/*
 * A client's connection.  Made by connection_open; frees itself when it is
 * closed, from net_flush or its own events.
 */
struct connection {
	uint32_t magic;
	enum connection_state state;
	enum connection_wait awaits;
	bool woken; /* is in net->woken */
	bool ready; /* its owner was told so */
	bool greeted;
	bool refused;
	int socket;
	struct net *net;
	const struct config_listener *listener;
	struct seat seat;
	void *owner;
	struct transport transport;
	LIST_ENTRY(connection) link;
	TAILQ_ENTRY(connection) woken_link;
	struct buffer pending; /* taken from the owner, not yet by the kernel */
	struct event io, timer;
	int64_t deadline_us; /* of the preface, of sending, of lingering */
	int64_t timer_us;    /* what the timer is set to */
};

/* A client that has come, and is not a connection yet. */
struct arrival {
	size_t listener;
	int socket;
	struct sockaddr_storage peer;
	socklen_t peer_len;
	struct seat seat;
};

/* Lets a client in, or refuses it; its seat is yet to be taken. */
void arrival_take(struct net *net, struct arrival *arrival);

/*
 * Takes socket and seat over.  False without memory: they are the caller's as
 * before.
 */
bool connection_open(struct net *net, const struct arrival *arrival);

/* Takes the socket over: the client is told this, and has time to read it. */
void connection_refuse(struct net *net, const struct arrival *arrival,
    struct span words);

/* Cuts it off, and frees it. */
void connection_cut(struct connection *connection);

/* Accepts on every socket (again). */
void acceptors_start(struct net *net);

/* The same, if a shortage had stopped it: it may be over. */
void acceptors_resume(struct net *net);

#endif
