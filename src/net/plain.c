/*
 * plain.c - the transport that changes nothing
 *
 * Runs in workers.  All it looks at is the first byte, since a client that
 * begins TLS here would otherwise get an answer that nobody understands.
 */
#include <config.h>

#include "net/transport.h"

/* The first byte of TLS, a record's type handshake (RFC 8446, 5.1). */
#define TLS_HANDSHAKE 22

/* The state of a transport to which something has come. */
static char begun;

static enum transport_result
plain_decode(struct transport *t, struct span raw, struct span *ret_plain)
{
	bool first = t->state == NULL;

	t->state = &begun;
	*ret_plain = (struct span){ NULL, 0 };
	if (first && raw.len > 0 && raw.bytes[0] == TLS_HANDSHAKE)
		return TRANSPORT_BROKEN;
	*ret_plain = raw;
	return TRANSPORT_GOOD;
}

static bool
plain_encode(struct transport *t, struct span plain, struct span *ret_raw)
{
	(void)t;
	*ret_raw = plain;
	return true;
}

static bool
plain_ready(const struct transport *t)
{
	(void)t;
	return true;
}

static bool
plain_end(struct transport *t, struct span *ret_raw)
{
	(void)t;
	*ret_raw = (struct span){ NULL, 0 };
	return true;
}

static const char *
plain_why(const struct transport *t)
{
	(void)t;
	return "its client speaks TLS, this listener does not: give the"
	       " listener a tls section, or have the client use none";
}

static struct identity *
plain_identity(const struct transport *t)
{
	(void)t;
	return NULL;
}

static const char *
plain_cut(const struct transport *t)
{
	(void)t;
	return NULL;
}

static void
plain_free(struct transport *t)
{
	(void)t;
}

const struct transport_ops transport_plain = {
	.decode = plain_decode,
	.encode = plain_encode,
	.ready = plain_ready,
	.end = plain_end,
	.why = plain_why,
	.identity = plain_identity,
	.cut = plain_cut,
	.free = plain_free,
};
