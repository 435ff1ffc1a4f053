/*
 * access.c - who the client of a connection is, and what it may call
 *
 * Runs in workers.  Verdicts are kept by connection and list, so that a call
 * costs a look at one byte.
 */
#include <config.h>

#include "grpc/access.h"

#include <stdlib.h>

#include "base/identity.h"
#include "base/log.h"
#include "grpc/allow.h"
#include "grpc/call.h"
#include "grpc/private.h"
#include "grpc/registry.h"
#include "stats/stats.h"

/* Of a connection; made by the first question, and only if it is TLS. */
struct access {
	struct identity *identity;
	uint8_t verdicts[]; /* by number of the list: enum verdict */
};

enum verdict { UNKNOWN, ALLOWED, NO_CERTIFICATE, NOT_ALLOWED };

static const enum refusal refusals[] = {
	[ALLOWED] = REFUSALS,
	[NO_CERTIFICATE] = REFUSAL_NO_CERTIFICATE,
	[NOT_ALLOWED] = REFUSAL_NOT_ALLOWED,
};

/* NULL: there is no identity. */
static struct access *
access_of(struct grpc_peer *peer)
{
	const struct grpc *g = peer->grpc;
	struct identity *identity;

	if (peer->access)
		return peer->access;
	identity = g->host->identify(peer);
	if (!identity)
		return NULL;
	peer->access = calloc(1,
	    sizeof(*peer->access) + registry_allow_count(g->registry));
	if (peer->access)
		peer->access->identity = identity;
	else
		identity_unref(&identity);
	return peer->access;
}

struct identity *
access_identity(struct grpc_peer *peer)
{
	struct access *access = access_of(peer);

	return access ? access->identity : NULL;
}

static enum verdict
judge(const struct identity *identity, const struct allow *allow)
{
	if (!identity || !identity->facts[IDENTITY_FINGERPRINT])
		return NO_CERTIFICATE;
	return allow_matches(allow, identity) ? ALLOWED : NOT_ALLOWED;
}

/* The client is told little, so this must tell all. */
static void
log_verdict(const struct call *c, const struct identity *identity,
    enum verdict verdict)
{
	const struct registry_method *m = c->request.method;
	char who[IDENTITY_TEXT];

	if (verdict == NO_CERTIFICATE)
		log_limited(LOG_LEVEL_NOTICE,
		    "%s %s refused: its client has no certificate, and allow"
		    " at %s:%d wants one",
		    m->path, c->peer->address, m->allow->file, m->allow->line);
	else if (verdict == NOT_ALLOWED)
		log_limited(LOG_LEVEL_NOTICE,
		    "%s %s refused: its client \"%s\" is not among those of"
		    " allow at %s:%d",
		    m->path, c->peer->address, identity_text(identity, who),
		    m->allow->file, m->allow->line);
}

static enum refusal
ask_allow(const struct call *c, const struct allow *allow)
{
	struct access *access = access_of(c->peer);
	const struct identity *identity = access ? access->identity : NULL;
	enum verdict verdict =
	    access ? access->verdicts[allow->number] : UNKNOWN;

	if (verdict == UNKNOWN) {
		verdict = judge(identity, allow);
		log_verdict(c, identity, verdict);
	}
	if (access)
		access->verdicts[allow->number] = (uint8_t)verdict;
	if (verdict != ALLOWED)
		STATS_ADD(c->grpc->row, calls_denied, 1);
	return refusals[verdict];
}

enum refusal
access_ask(const struct call *c)
{
	const struct registry_method *m = c->request.method;

	if (m->reach && !m->reach[c->peer->listener])
		return REFUSAL_NO_SERVICE;
	return m->allow ? ask_allow(c, m->allow) : REFUSALS;
}

void
access_free(struct access **access)
{
	struct access *a = *access;

	*access = NULL;
	if (!a)
		return;
	identity_unref(&a->identity);
	free(a);
}
