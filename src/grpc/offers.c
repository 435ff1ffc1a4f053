/*
 * offers.c - which modules offer which services
 *
 * Runs in the checker and in workers, over what strangers built: nothing of a
 * module is followed before its magic number and version are known.
 */
#include <config.h>

#include "grpc/offers.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/config.h"
#include "grpc/registry.h"

static bool
check_module(const struct registry_source *source,
    struct config_messages *errors)
{
	const struct grpcd_module *module = source->module;

	if (module->magic != GRPCD_MODULE_MAGIC) {
		config_message(errors, source->file, source->line,
		    "\"%s\" is no module of grpcd: its grpcd_module was not"
		    " made by GRPCD_MODULE",
		    source->name);
		return false;
	}
	if (module->api != GRPCD_API) {
		config_message(errors, source->file, source->line,
		    "module \"%s\" was built for version %u of grpcd.h, and"
		    " this grpcd has version %u: build it again",
		    source->name, module->api, (unsigned)GRPCD_API);
		return false;
	}
	return true;
}

static const struct grpcd_service *
find_in(const struct registry_source *source, const char *name)
{
	const struct grpcd_service *const *s;

	for (s = source->module->services; *s; s++)
		if (strcmp((*s)->descriptor->name, name) == 0)
			return *s;
	return NULL;
}

/* Is a service of source i in one that was loaded before? */
static bool
check_twice(const struct offers *o, size_t i, struct config_messages *errors)
{
	const struct registry_source *source = &o->sources[i];
	const struct grpcd_service *const *s;
	bool good = true;

	for (s = source->module->services; *s; s++) {
		const char *name = (*s)->descriptor->name;

		for (size_t j = 0; j < i; j++) {
			if (!o->sources[j].file ||
			    !find_in(&o->sources[j], name))
				continue;
			config_message(errors, source->file, source->line,
			    "service \"%s\" of module \"%s\" is in module"
			    " \"%s\" too: load one of them",
			    name, source->name, o->sources[j].name);
			good = false;
		}
	}
	return good;
}

bool
offers_check(const struct offers *o, struct config_messages *errors)
{
	bool good = true;

	for (size_t i = 0; i < o->n; i++)
		good &= check_module(&o->sources[i], errors);
	for (size_t i = 0; good && i < o->n; i++)
		good &= check_twice(o, i, errors);
	return good;
}

const struct grpcd_service *
offers_find(const struct offers *o, const char *name,
    const struct registry_source **ret_source)
{
	const struct grpcd_service *found = NULL, *other;

	for (size_t i = 0; i < o->n; i++) {
		other = find_in(&o->sources[i], name);
		if (!other || (found && !o->sources[i].file))
			continue;
		found = other;
		*ret_source = &o->sources[i];
	}
	return found;
}

static size_t
count(const struct offers *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++)
		for (size_t j = 0; o->sources[i].module->services[j]; j++)
			n++;
	return n;
}

const char *
offers_nearest(const struct offers *o, const char *name)
{
	const char **names = calloc(count(o) + 1, sizeof(*names));
	const struct grpcd_service *const *s;
	const char *nearest;
	size_t n = 0;

	if (!names)
		return NULL;
	for (size_t i = 0; i < o->n; i++)
		for (s = o->sources[i].module->services; *s; s++)
			names[n++] = (*s)->descriptor->name;
	nearest = text_nearest(name, names, n);
	free(names);
	return nearest;
}
