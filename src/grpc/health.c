/*
 * health.c - which services serve, as they and the worker say
 *
 * Runs in workers.
 */
#include <config.h>

#include "grpc/health.h"

#include <stdlib.h>
#include <string.h>

#include "grpc/private.h"
#include "grpc/registry.h"
#include "grpc/service.h"

bool
health_init(struct health *h, const struct registry *registry)
{
	*h = (struct health){ .registry = registry };
	h->down = calloc(registry_count(registry) + 1, sizeof(*h->down));
	return h->down != NULL;
}

void
health_fini(struct health *h)
{
	free(h->down);
	h->down = NULL;
}

/* The number of services: there is none of that name. */
static size_t
index_of(const struct health *h, const char *service)
{
	size_t n = registry_count(h->registry), i;

	for (i = 0; i < n; i++)
		if (strcmp(registry_section(h->registry, i)->name, service) ==
		    0)
			break;
	return i;
}

enum introspect_health
health_of(const struct health *h, const char *service)
{
	size_t i = index_of(h, service);
	bool known = i < registry_count(h->registry);

	if (!known && service[0] != '\0')
		return INTROSPECT_UNKNOWN;
	return h->leaving || (known && h->down[i]) ? INTROSPECT_NOT_SERVING
						   : INTROSPECT_SERVING;
}

static void
note_change(struct grpc *g)
{
	g->health.due = true;
	service_soon(g);
}

bool
health_set(struct grpc *g, const char *service, bool serving)
{
	struct health *h = &g->health;
	size_t i = index_of(h, service);

	if (i == registry_count(h->registry))
		return false;
	if (h->down[i] == serving) {
		h->down[i] = !serving;
		note_change(g);
	}
	return true;
}

void
health_leave(struct grpc *g)
{
	g->health.leaving = true;
	note_change(g);
}

void
health_tell(struct grpc *g)
{
	struct health *h = &g->health;

	if (!h->due)
		return;
	h->due = false;
	if (!h->changed)
		return;
	service_enter(g);
	h->changed();
	service_leave(g);
}
