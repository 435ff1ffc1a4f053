/*
 * introspect.c - what built-in services may know of the server they are in
 *
 * Runs in workers; each has one server, grpc_here.
 */
#include <config.h>

#include "grpc/introspect.h"

#include "grpc/call.h"
#include "grpc/gate.h"
#include "grpc/handle.h"
#include "grpc/health.h"
#include "grpc/private.h"
#include "grpc/registry.h"
#include "grpc/server.h"
#include "http2/session.h"

size_t
introspect_services(void)
{
	return registry_count(grpc_here->registry);
}

const struct grpcd_descriptor *
introspect_service(size_t i)
{
	return registry_service(grpc_here->registry, i)->descriptor;
}

bool
introspect_reaches(struct grpcd_call *call, size_t i)
{
	const struct call *c = handle_find(call);

	return c && c->peer &&
	       registry_reaches(c->grpc->registry, i, c->peer->listener);
}

enum introspect_health
introspect_health(const char *service)
{
	return health_of(&grpc_here->health, service);
}

void
introspect_on_health(void (*changed)(void))
{
	grpc_here->health.changed = changed;
}

void
introspect_discount(struct grpcd_call *call)
{
	struct call *c = handle_find(call);

	if (!c || !c->stream)
		return;
	http2_discount(c->stream);
	gate_leave(c);
}
