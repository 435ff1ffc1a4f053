/*
 * reach.c - on which listeners a service is served
 *
 * Runs in the checker and in workers.
 */
#include <config.h>

#include "grpc/reach.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/config.h"

/* Names stand between these. */
#define BETWEEN ", \t"

static const char *
nearest(const struct config *config, const char *name)
{
	const char **names = calloc(config->n_listeners + 1, sizeof(*names));
	const char *near;

	if (!names)
		return NULL;
	for (size_t i = 0; i < config->n_listeners; i++)
		names[i] = config->listeners[i].name;
	near = text_nearest(name, names, config->n_listeners);
	free(names);
	return near;
}

static bool
add(bool *reach, const char *name, const struct config *config,
    const struct config_section *section, struct config_messages *errors)
{
	const char *near;

	for (size_t i = 0; i < config->n_listeners; i++) {
		if (strcmp(config->listeners[i].name, name) != 0)
			continue;
		reach[i] = true;
		return true;
	}
	near = nearest(config, name);
	config_message(errors, section->file, section->line,
	    "service \"%s\": there is no listener \"%s\"%s%s%s", section->name,
	    name, near ? ": did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
	return false;
}

bool
reach_parse(const char *names, const struct config *config,
    const struct config_section *section, struct config_messages *errors,
    bool **ret_reach)
{
	char *copy, *rest, *name;
	bool good = true;

	*ret_reach = NULL;
	if (names[strspn(names, BETWEEN)] == '\0')
		return true;
	rest = copy = strdup(names);
	*ret_reach = calloc(config->n_listeners + 1, sizeof(**ret_reach));
	if (!copy || !*ret_reach) {
		config_message(errors, section->file, section->line,
		    "no memory");
		free(copy);
		return false;
	}
	while ((name = strtok_r(rest, BETWEEN, &rest)) != NULL)
		good &= add(*ret_reach, name, config, section, errors);
	free(copy);
	return good;
}
