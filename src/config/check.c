/*
 * check.c - what may be wrong with a config whose every part is right
 *
 * Runs in the master, which reads it; opens and looks up nothing.
 */
#include <config.h>

#include "config/check.h"

#include <string.h>

#include "base/text.h"
#include "config/memory.h"

#define NAME_START "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define NAME_REST NAME_START "0123456789"

/* "package.Service": the length of the name that text begins with. */
static size_t
service_name_length(const char *text)
{
	size_t len = 0;

	for (;;) {
		if (strspn(text + len, NAME_START) == 0)
			return 0;
		len += strspn(text + len, NAME_REST);
		if (text[len] != '.')
			return len;
		len++;
	}
}

static bool
is_service(const char *title)
{
	size_t len = service_name_length(title);

	return len > 0 && title[len] == '\0';
}

/* "/package.Service/Method" */
static bool
is_method(const char *title)
{
	size_t len = *title == '/' ? service_name_length(title + 1) : 0;
	const char *method = title + 1 + len + 1;

	return len > 0 && method[-1] == '/' && strspn(method, NAME_START) > 0 &&
	       method[strspn(method, NAME_REST)] == '\0';
}

static bool
is_name(const char *title)
{
	return *title != '\0';
}

/* Sections with titles: each of its form, and none twice. */
static void
check_titles(const struct scope *file, const struct kind *kind,
    bool (*is_right)(const char *title), struct problems *problems)
{
	const struct scope *scope = NULL;

	while ((scope = scope_child(file, kind, scope)) != NULL) {
		const struct scope *same = scope_child(file, kind, NULL);

		while (strcmp(same->title, scope->title) != 0)
			same = scope_child(file, kind, same);
		if (same != scope)
			problem_add(problems, &scope->at,
			    "duplicate %s \"%s\": it stands at %s:%d already",
			    kind->name, scope->title, same->at.file,
			    same->at.line);
		if (!is_right(scope->title))
			problem_add(problems, &scope->at,
			    "\"%s\" cannot name a %s: write it as in %s \"%s\"",
			    scope->title, kind->name, kind->name, kind->title);
	}
}

static void
check_unix_only(const struct scope *scope, struct problems *problems)
{
	for (size_t i = 0; i < scope->kind->n_directives; i++) {
		const struct directive *d = &scope->kind->directives[i];

		if (scope->settings[i].given && directive_is_unix(d))
			problem_add(problems, &scope->settings[i].at,
			    "%s is of Unix sockets: it has no effect on %s",
			    d->name, scope_setting(scope, "address")->text);
	}
}

/* Said of a directive of a tls section, which may not be set. */
static void
tell_tls(const struct scope *tls, const char *name, const char *what,
    struct problems *problems)
{
	const struct setting *setting = scope_setting(tls, name);

	problem_add(problems, setting->given ? &setting->at : &tls->at,
	    "%s: %s", name, what);
}

static void
check_tls(const struct config_tls *tls, const struct scope *scope,
    struct problems *problems)
{
	const struct config_tls_directives *d = &tls->d;

	if (d->certificate.n == 0)
		tell_tls(scope, "certificate", "at least one is needed",
		    problems);
	else if (d->certificate.n != d->key.n)
		tell_tls(scope, "key",
		    "each certificate needs its key, in the same order: both "
		    "lists must be of the same length",
		    problems);
	if (d->verify != CONFIG_VERIFY_NONE && d->client_ca.n == 0)
		tell_tls(scope, "verify",
		    "without client_ca no client's certificate is good: name "
		    "the CAs in client_ca",
		    problems);
	if (d->verify == CONFIG_VERIFY_NONE && d->client_ca.n > 0)
		tell_tls(scope, "client_ca",
		    "it has no effect: say verify = require, or request",
		    problems);
	if (d->verify == CONFIG_VERIFY_NONE && d->crl.n > 0)
		tell_tls(scope, "crl",
		    "it has no effect: say verify = require, or request",
		    problems);
}

/* One that all listeners together have already, so that it says nothing. */
static void
check_ceiling(const struct scope *limits, const char *name, int64_t own,
    int64_t top, struct problems *problems)
{
	const struct setting *setting = scope_setting(limits, name);

	if (!setting->given || top == 0 || (own != 0 && own <= top))
		return;
	problem_add(problems, &setting->at,
	    "%s of a listener has no effect above that of the top, %lld, which "
	    "is of the whole server: raise that, or lower this",
	    name, (long long)top);
}

static void
check_ceilings(const struct config_limits *own, const struct config_limits *top,
    const struct scope *listener, struct problems *problems)
{
	const struct scope *limits = scope_child(listener, &kind_limits, NULL);

	if (limits == NULL)
		return;
	check_ceiling(limits, "max_connections", own->max_connections,
	    top->max_connections, problems);
	check_ceiling(limits, "max_connections_per_address",
	    own->max_connections_per_address, top->max_connections_per_address,
	    problems);
}

static void
check_listeners(const struct config *config, const struct scope *file,
    struct problems *problems)
{
	const struct scope *scope = NULL;

	if (config->n_listeners == 0)
		problem_add(problems, &file->at,
		    "there is no listener: at least one is needed, such as "
		    "listener \"public\" { address = \"127.0.0.1:50051\" }");
	for (size_t i = 0; i < config->n_listeners; i++) {
		const struct config_listener *l = &config->listeners[i];
		size_t same = 0;

		scope = scope_child(file, &kind_listener, scope);
		while (!address_equal(&l->d.address.address,
		    &config->listeners[same].d.address.address))
			same++;
		if (same != i)
			problem_add(problems,
			    &scope_setting(scope, "address")->at,
			    "duplicate address %s: \"%s\" at %s:%d has it",
			    l->d.address.text, config->listeners[same].name,
			    config->listeners[same].file,
			    config->listeners[same].line);
		if (!address_is_unix(&l->d.address.address))
			check_unix_only(scope, problems);
		check_ceilings(&l->limits, &config->limits, scope, problems);
		if (l->tls.on)
			check_tls(&l->tls, scope_child(scope, &kind_tls, NULL),
			    problems);
	}
}

/* Limits of a method are of no use where its service is not served. */
static void
check_methods(const struct scope *file, struct problems *problems)
{
	const struct scope *method = NULL;

	while ((method = scope_child(file, &kind_method, method)) != NULL) {
		const char *service = memory_copy(problems->memory,
		    method->title + 1, service_name_length(method->title + 1));
		const struct scope *its =
		    scope_child(file, &kind_service, NULL);

		while (its != NULL && strcmp(its->title, service) != 0)
			its = scope_child(file, &kind_service, its);
		if (its == NULL)
			problem_add(problems, &method->at,
			    "method \"%s\": its service is not served: there "
			    "is no service \"%s\" { ... }",
			    method->title, service);
	}
}

/* What a section limits sets a number to that is not 0; NULL: it does not. */
static const struct setting *
number_in(const struct scope *limits, const char *name)
{
	const struct setting *setting =
	    limits == NULL ? NULL : scope_setting(limits, name);

	return setting != NULL && setting->given &&
		       strcmp(setting->text, "0") != 0
		   ? setting
		   : NULL;
}

/* The first such setting of a limit of calls, wherever it stands. */
static const struct setting *
number_anywhere(const struct scope *file, const char *name)
{
	static const struct {
		const struct kind *section, *limits;
	} places[] = { { &kind_listener, &kind_limits },
		{ &kind_service, &kind_call_limits },
		{ &kind_method, &kind_call_limits } };
	const struct setting *found =
	    number_in(scope_child(file, &kind_limits, NULL), name);

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const struct scope *scope = NULL;

		while (found == NULL && (scope = scope_child(file,
					     places[i].section, scope)) != NULL)
			found = number_in(scope_child(scope, places[i].limits,
					      NULL),
			    name);
	}
	return found;
}

static void
check_queue(const struct scope *file, struct problems *problems)
{
	const struct setting *queue = number_anywhere(file, "max_queued_calls");

	if (queue != NULL && number_anywhere(file, "max_calls") == NULL)
		problem_add(problems, &queue->at,
		    "max_queued_calls: it has no effect without max_calls");
}

static void
check_drain(const struct config_main *main, const struct scope *file,
    struct problems *problems)
{
	char spread[TEXT_MAX], graceful[TEXT_MAX];

	if (main->drain_spread <= main->graceful_timeout)
		return;
	problem_add(problems, &scope_setting(file, "drain_spread")->at,
	    "drain_spread %s is longer than graceful_timeout %s",
	    text_format_time(main->drain_spread, spread),
	    text_format_time(main->graceful_timeout, graceful));
}

static void
check_environment(const struct config_strings *variables,
    const struct scope *file, struct problems *problems)
{
	for (size_t i = 0; i < variables->n; i++) {
		const char *v = variables->v[i];

		if (strspn(v, NAME_START) == 0 ||
		    v[strspn(v, NAME_REST)] != '=')
			problem_add(problems,
			    &scope_setting(file, "environment")->at,
			    "environment: \"%s\" is not NAME=VALUE", v);
	}
}

void
check_config(const struct config *config, const struct scope *file,
    struct problems *problems)
{
	check_titles(file, &kind_listener, is_name, problems);
	check_titles(file, &kind_service, is_service, problems);
	check_titles(file, &kind_module, is_name, problems);
	check_titles(file, &kind_method, is_method, problems);
	if (problems->n > 0)
		return;
	check_drain(&config->main, file, problems);
	check_environment(&config->main.environment, file, problems);
	check_listeners(config, file, problems);
	check_methods(file, problems);
	check_queue(file, problems);
}
