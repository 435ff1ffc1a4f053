/*
 * checker.c - tries the services of a config before anything depends on them
 *
 * A short-lived child of the master, at -t, start and reload: without
 * privileges, under the master's time limit.  It loads the modules, parses the
 * sections of all services, asks the services themselves, and tries the
 * certificates and keys.  What it finds is written to the answer, a line each;
 * whatever a module does here, the master has only lost a child.
 */
#include <config.h>

#include "worker/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "config/config.h"
#include "grpc/registry.h"
#include "grpcd.h"
#include "net/net.h"
#include "proc/process.h"
#include "proc/title.h"
#include "worker/modules.h"

/* What the services themselves say of their directives. */
static void
ask_services(const struct registry *registry, int answer,
    struct config_messages *errors)
{
	for (size_t i = 0; i < registry_count(registry); i++) {
		const struct config_section *s = registry_section(registry, i);
		const struct grpcd_service *service =
		    registry_service(registry, i);
		const char *why;

		dprintf(answer, CHECKER_AT "%s:%d: service \"%s\"\n", s->file,
		    s->line, s->name);
		why = service->check ? service->check() : NULL;
		if (why)
			config_message(errors, s->file, s->line,
			    "service \"%s\": %s", s->name, why);
	}
}

static struct registry *
examine(const struct config *config, const struct modules *modules, int answer,
    struct config_messages *errors)
{
	struct registry *registry;

	registry = registry_new(config, modules_sources(modules),
	    modules_count(modules), errors);
	if (registry) {
		registry_warn(registry);
		ask_services(registry, answer, errors);
	}
	return registry;
}

static void
tell_services(const struct registry *registry, int answer)
{
	for (size_t i = 0; i < registry_count(registry); i++) {
		const struct grpcd_descriptor *d =
		    registry_service(registry, i)->descriptor;

		dprintf(answer, "service %s, %zu methods\n", d->name,
		    d->n_methods);
	}
}

static void
tell_expiry(void *arg, const struct net_expiry *e)
{
	const int *answer = arg;

	dprintf(*answer, CHECKER_EXPIRES "%zu %" PRId64 " %s %s\n", e->listener,
	    e->ends_s, e->directive, e->path);
}

int
checker_main(const struct config *config, const int *modules, int answer)
{
	struct config_messages errors = { NULL, 0 };
	struct modules *loaded = NULL;
	struct registry *registry = NULL;
	const struct net_expiries expiries = { tell_expiry, &answer };
	const char *why;
	int status;

	log_role("checker");
	title_set("grpcd: checker of %s", config->file);
	why = process_prepare(config);
	if (!why)
		why = heritage_drop_privileges(config);
	if (!why)
		why = process_confine(config);
	if (why)
		config_message(&errors, config->file, 1, "%s", why);
	else
		loaded = modules_load(config, modules, answer, &errors);
	if (loaded)
		registry = examine(config, loaded, answer, &errors);
	if (!why)
		net_check_tls(config, &expiries, &errors);
	for (size_t i = 0; i < errors.n; i++)
		dprintf(answer, "%s\n", errors.text[i]);
	if (errors.n == 0)
		tell_services(registry, answer);
	status = errors.n > 0;
	registry_free(&registry);
	modules_free(&loaded);
	config_messages_free(&errors);
	return status;
}
