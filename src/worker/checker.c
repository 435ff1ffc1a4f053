/*
 * checker.c - tries the services of a config before anything depends on them
 *
 * A short-lived child of the master, at -t, start and reload: without
 * privileges, under the master's time limit.  It loads the modules, parses the
 * sections of all services, asks the services themselves, tries the
 * certificates and keys, and starts and stops the services.  What it finds is
 * written to the answer, a line each; whatever a module does here, the master
 * has only lost a child.
 */
#include <config.h>

#include "worker/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "grpc/host.h"
#include "grpc/registry.h"
#include "grpc/server.h"
#include "grpcd.h"
#include "net/net.h"
#include "proc/process.h"
#include "proc/title.h"
#include "stats/stats.h"
#include "worker/modules.h"

/* All that a check needs and frees. */
struct checker {
	const struct config *config;
	int answer;
	struct config_messages errors;
	struct modules *modules;
	struct registry *registry;
	struct grpc *grpc;
	struct stats_row row; /* that nobody reads */
};

/* Names the function that runs next, should it not return. */
static void
tell_next(const struct checker *c, size_t i, const char *function)
{
	const struct config_section *s = registry_section(c->registry, i);

	dprintf(c->answer, CHECKER_AT "%s:%d: %s() of %s\n", s->file, s->line,
	    function, registry_title(c->registry, i));
}

/* What the services themselves say of their directives. */
static void
ask_services(struct checker *c)
{
	for (size_t i = 0; i < registry_count(c->registry); i++) {
		const struct config_section *s =
		    registry_section(c->registry, i);
		const struct grpcd_service *service =
		    registry_service(c->registry, i);
		const char *why = NULL;

		tell_next(c, i, "check");
		if (service->check)
			why = service->check();
		if (why)
			config_message(&c->errors, s->file, s->line, "%s: %s",
			    registry_title(c->registry, i), why);
	}
}

/*
 * The host of a worker that never turns: there are no calls, whose timers they
 * would be, so none is ever set.
 */
static struct host_timer *
timer_new(void *host, void (*fire)(void *arg), void *arg)
{
	(void)fire, (void)arg;
	return host;
}

static void
timer_set(struct host_timer *timer, int64_t when_us)
{
	(void)timer, (void)when_us;
}

static void
timer_free(struct host_timer **timer)
{
	*timer = NULL;
}

static const struct host host = {
	.timer_new = timer_new,
	.timer_set = timer_set,
	.timer_free = timer_free,
};

/* Starts and stops the services as a worker will; the first failure ends it. */
static void
try_services(struct checker *c)
{
	size_t i, n = registry_count(c->registry);

	c->grpc = grpc_new(c->registry, &host, c, &c->row);
	if (!c->grpc) {
		config_message(&c->errors, c->config->file, 1, "no memory");
		return;
	}
	grpc_set_time(c->grpc, clock_now_us());
	for (i = 0; i < n; i++) {
		tell_next(c, i, "start");
		if (!grpc_start(c->grpc, i, &c->errors))
			break;
	}
	while (i > 0) {
		tell_next(c, --i, "stop");
		grpc_stop(c->grpc, i);
	}
	grpc_free(&c->grpc);
}

static void
tell_expiry(void *arg, const struct net_expiry *e)
{
	const struct checker *c = arg;

	dprintf(c->answer,
	    CHECKER_EXPIRES "%zu %" PRId64 " %" PRId64 " %s %s\n", e->listener,
	    e->ends_s, e->warns_s, e->directive, e->path);
}

static void
examine(struct checker *c, const int *files)
{
	const struct net_expiries expiries = { tell_expiry, c };

	c->modules = modules_load(c->config, files, c->answer, &c->errors);
	if (c->modules)
		c->registry =
		    registry_new(c->config, modules_sources(c->modules),
			modules_count(c->modules), &c->errors);
	if (c->registry) {
		registry_warn(c->registry);
		ask_services(c);
	}
	dprintf(c->answer, CHECKER_AT "%s: certificates and keys\n",
	    c->config->file);
	net_check_tls(c->config, &expiries, &c->errors);
	if (c->registry && c->errors.n == 0)
		try_services(c);
}

static void
tell_services(const struct checker *c)
{
	for (size_t i = 0; i < registry_count(c->registry); i++) {
		const struct grpcd_descriptor *d =
		    registry_service(c->registry, i)->descriptor;

		dprintf(c->answer, "service %s, %zu methods\n", d->name,
		    d->n_methods);
	}
}

/* What a worker does, too, before it runs code of a module. */
static const char *
prepare(const struct config *config)
{
	const char *why = process_prepare(config);

	if (!why)
		why = heritage_drop_privileges(config);
	return why ? why : process_confine(config);
}

int
checker_main(const struct config *config, const int *modules, int answer)
{
	struct checker c = { .config = config, .answer = answer };
	const char *why;
	int status;

	log_role("checker");
	title_set("grpcd: checker of %s", config->file);
	why = prepare(config);
	if (why)
		config_message(&c.errors, config->file, 1, "%s", why);
	else
		examine(&c, modules);
	for (size_t i = 0; i < c.errors.n; i++)
		dprintf(answer, "%s\n", c.errors.text[i]);
	status = c.errors.n > 0;
	if (status == 0)
		tell_services(&c);
	registry_free(&c.registry);
	modules_free(&c.modules);
	config_messages_free(&c.errors);
	dprintf(answer, CHECKER_DONE "\n");
	return status;
}
