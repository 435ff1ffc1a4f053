/*
 * transport.h - what lies between the bytes of a socket and those of its owner
 *
 * A filter: connection.c does the one recv and the one send for every kind, and
 * has the transport turn raw bytes into plain ones and back.  For plain sockets
 * both are the same bytes, and nothing is copied.
 */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that are somebody else's. */
struct span {
	const uint8_t *bytes;
	size_t len;
};

enum transport_result {
	TRANSPORT_GOOD,
	TRANSPORT_END,   /* the peer has said that nothing more will come */
	TRANSPORT_BROKEN /* see why() */
};

struct identity;
struct transport;

struct transport_ops {
	/*
	 * Raw bytes that came; the plain ones among them in ret_plain, which
	 * are good until the next decode of any transport of this worker.
	 */
	enum transport_result (*decode)(struct transport *t, struct span raw,
	    struct span *ret_plain);
	/*
	 * Plain bytes that go; the raw ones in ret_raw, good until the next
	 * encode of any.  With no plain bytes: what the transport itself has to
	 * say.  False without memory.
	 */
	bool (*encode)(struct transport *t, struct span plain,
	    struct span *ret_raw);
	/* Plain bytes can be encoded: a handshake is over. */
	bool (*ready)(const struct transport *t);
	/* The last bytes have been encoded: what is said after them. */
	bool (*end)(struct transport *t, struct span *ret_raw);
	/* Why decode failed, for the log. */
	const char *(*why)(const struct transport *t);
	/*
	 * Who the peer is; a new reference, made anew each time.  NULL where it
	 * is not told: plain bytes, no memory.
	 */
	struct identity *(*identity)(const struct transport *t);
	/* What is wrong with the raw bytes ending here; NULL: nothing. */
	const char *(*cut)(const struct transport *t);
	/* Frees what the transport holds, not the socket. */
	void (*free)(struct transport *t);
};

/* One a connection, which embeds it. */
struct transport {
	const struct transport_ops *ops;
	void *state; /* private to ops */
};

/* Plain bytes over TCP or a Unix socket. */
extern const struct transport_ops transport_plain;

#endif
