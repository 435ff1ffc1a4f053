/*
 * allow.c - the directive `allow`: whose certificates may call
 *
 * Parsed in checker and workers, asked in workers, once a connection.
 */
#include <config.h>

#include "grpc/allow.h"

#include <stdlib.h>

#include "base/log.h"
#include "config/config.h"
#include "grpc/pattern.h"

struct allows {
	const struct config *config;
	size_t n;
	struct allow v[]; /* with room for all that the config may have */
};

static bool
wrong(const struct allow *a, struct config_messages *errors, const char *what)
{
	config_message(errors, a->file, a->line, "%s \"%s\": allow: %s",
	    a->what, a->name, what);
	return false;
}

/* The next listener that serves it and asks, or does not ask, for identity. */
static const struct config_listener *
next_listener(const struct allow *a, const struct config *config, bool asks,
    size_t *at)
{
	while (*at < config->n_listeners) {
		size_t i = (*at)++;
		const struct config_listener *l = &config->listeners[i];
		bool does = l->tls.on && l->tls.d.verify != CONFIG_VERIFY_NONE;

		if ((!a->reach || a->reach[i]) && does == asks)
			return l;
	}
	return NULL;
}

struct allows *
allows_new(const struct config *config)
{
	struct allows *all =
	    calloc(1, sizeof(*all) + (config->n_services + config->n_methods) *
					 sizeof(*all->v));

	if (all)
		all->config = config;
	return all;
}

size_t
allows_count(const struct allows *all)
{
	return all->n;
}

static bool
parse(struct allow *a, const struct config_strings *patterns,
    struct config_messages *errors)
{
	bool good = true;

	a->patterns = calloc(patterns->n, sizeof(*a->patterns));
	if (!a->patterns)
		return wrong(a, errors, "no memory");
	for (size_t i = 0; i < patterns->n; i++) {
		const char *why =
		    pattern_parse(patterns->v[i], &a->patterns[a->n_patterns]);

		a->n_patterns += !why;
		good &= !why;
		if (why)
			config_message(errors, a->file, a->line,
			    "%s \"%s\": allow: \"%s\": %s", a->what, a->name,
			    patterns->v[i], why);
	}
	return good;
}

bool
allows_add(struct allows *all, const struct allow *about,
    const struct config_strings *patterns, struct config_messages *errors,
    const struct allow **ret_allow)
{
	struct allow *a = &all->v[all->n];
	size_t at = 0;

	if (!patterns->v)
		return true;
	*a = *about;
	a->number = all->n++;
	a->file = patterns->file;
	a->line = patterns->line;
	*ret_allow = a;
	if (patterns->n == 0)
		return wrong(a, errors,
		    "an empty list would let nobody call: name who may, or"
		    " leave it out");
	if (!next_listener(a, all->config, true, &at))
		return wrong(a, errors,
		    "nobody could call, since no listener that serves this"
		    " asks for certificates: say verify = require in its tls"
		    " section");
	return parse(a, patterns, errors);
}

void
allows_free(struct allows **allows)
{
	struct allows *all = *allows;

	*allows = NULL;
	for (size_t i = 0; all && i < all->n; i++) {
		struct allow *a = &all->v[i];

		for (size_t j = 0; j < a->n_patterns; j++)
			pattern_release(&a->patterns[j]);
		free(a->patterns);
	}
	free(all);
}

static void
warn(const struct allow *a, const struct config *config)
{
	const struct config_listener *l;
	size_t at = 0;

	while ((l = next_listener(a, config, false, &at)) != NULL)
		log_warn("%s:%d: %s \"%s\": allow refuses all calls by way of"
			 " listener \"%s\", which asks for no certificates",
		    a->file, a->line, a->what, a->name, l->name);
}

void
allows_warn(const struct allows *all)
{
	for (size_t i = 0; i < all->n; i++)
		warn(&all->v[i], all->config);
}

bool
allow_matches(const struct allow *a, const struct identity *identity)
{
	for (size_t i = 0; i < a->n_patterns; i++)
		if (pattern_matches(&a->patterns[i], identity))
			return true;
	return false;
}
