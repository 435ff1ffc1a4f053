/*
 * health.h - which services serve, as they and the worker say
 */
#ifndef GRPC_HEALTH_H
#define GRPC_HEALTH_H

#include <stdbool.h>

#include "grpc/introspect.h"

struct grpc;
struct registry;

struct health {
	const struct registry *registry;
	bool *down;   /* by service: it has said that it does not serve */
	bool leaving; /* none does */
	bool due;     /* changed is to run */
	void (*changed)(void);
};

/* All serve; false without memory. */
bool health_init(struct health *h, const struct registry *registry);
void health_fini(struct health *h);

enum introspect_health health_of(const struct health *h, const char *service);

/* Either has whom it matters to hear of it soon; false: no such service. */
bool health_set(struct grpc *g, const char *service, bool serving);
void health_leave(struct grpc *g);

/* Tells that something has changed; not from within a service. */
void health_tell(struct grpc *g);

#endif
