/*
 * diff.c - what becomes another from one config to the next
 *
 * Runs in the master, for an operator who wants to know before a reload.  What
 * has a name is matched by it.
 */
#include <config.h>

#include "config/config.h"

#include <string.h>

#include "config/memory.h"
#include "config/table.h"
#include "config/value.h"

struct diff {
	FILE *out;
	struct memory *memory;
	size_t n;
};

static bool
is_same(const struct diff *diff, const struct directive *d, const void *old,
    const void *new)
{
	const char *was =
	    value_text(d, (const char *)old + d->offset, diff->memory);
	const char *is =
	    value_text(d, (const char *)new + d->offset, diff->memory);

	return strcmp(was, is) == 0;
}

/* Values of one record; `of` stands before them: listener "public": . */
static void
diff_values(struct diff *diff, const struct kind *kind, const char *of,
    const void *old, const void *new)
{
	for (size_t i = 0; i < kind->n_directives; i++) {
		const struct directive *d = &kind->directives[i];
		const char *was =
		    value_text(d, (const char *)old + d->offset, diff->memory);
		const char *is =
		    value_text(d, (const char *)new + d->offset, diff->memory);

		if (strcmp(was, is) == 0)
			continue;
		diff->n++;
		fprintf(diff->out, "%s%s: %s becomes %s\n", of, d->name, was,
		    is);
	}
}

static void
diff_limits(struct diff *diff, const char *of, const struct config_limits *old,
    const struct config_limits *new)
{
	diff_values(diff, &kind_limits,
	    memory_printf(diff->memory, "%slimits: ", of), old, new);
}

/*
 * The same of a section that inherits them: one that it sets itself counts for
 * more than the same number from elsewhere.
 */
static void
diff_own_limits(struct diff *diff, const char *of,
    const struct config_limits *old, const struct config_limits *new)
{
	diff_limits(diff, of, old, new);
	for (size_t i = 0; i < kind_limits.n_directives; i++) {
		const struct directive *d = &kind_limits.directives[i];
		bool was = config_gives(old, (enum config_limit)i);
		bool is = config_gives(new, (enum config_limit)i);

		if (was == is || !is_same(diff, d, old, new))
			continue;
		diff->n++;
		fprintf(diff->out, "%slimits: %s: %s is %s\n", of, d->name,
		    value_text(d, (const char *)new + d->offset, diff->memory),
		    is ? "its own" : "inherited");
	}
}

static void
say(struct diff *diff, const char *kind, const char *name, const char *what)
{
	diff->n++;
	fprintf(diff->out, "%s %s %s\n", kind, value_quote(name, diff->memory),
	    what);
}

static const char *
label(const struct diff *diff, const char *kind, const char *name)
{
	return memory_printf(diff->memory, "%s %s: ", kind,
	    value_quote(name, diff->memory));
}

static const struct config_listener *
find_listener(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_listeners; i++)
		if (strcmp(config->listeners[i].name, name) == 0)
			return &config->listeners[i];
	return NULL;
}

static void
diff_listeners(struct diff *diff, const struct config *old,
    const struct config *new)
{
	for (size_t i = 0; i < old->n_listeners; i++)
		if (!find_listener(new, old->listeners[i].name))
			say(diff, "listener", old->listeners[i].name, "goes");
	for (size_t i = 0; i < new->n_listeners; i++) {
		const struct config_listener *is = &new->listeners[i];
		const struct config_listener *was =
		    find_listener(old, is->name);
		const char *of = label(diff, "listener", is->name);

		if (!was) {
			say(diff, "listener", is->name, "is new");
			continue;
		}
		diff_values(diff, &kind_listener, of, &was->d, &is->d);
		diff_own_limits(diff, of, &was->limits, &is->limits);
	}
}

/* Services or modules. */
struct sections {
	const char *kind;
	const struct config_section *sections;
	size_t n;
};

static const struct config_section *
find_section(const struct sections *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->sections[i].name, name) == 0)
			return &s->sections[i];
	return NULL;
}

static void
diff_sections(struct diff *diff, const struct sections *old,
    const struct sections *new)
{
	for (size_t i = 0; i < old->n; i++)
		if (!find_section(new, old->sections[i].name))
			say(diff, old->kind, old->sections[i].name, "goes");
	for (size_t i = 0; i < new->n; i++) {
		const struct config_section *is = &new->sections[i];
		const struct config_section *was = find_section(old, is->name);

		if (!was) {
			say(diff, new->kind, is->name, "is new");
			continue;
		}
		if (strcmp(was->body, is->body) != 0)
			say(diff, new->kind, is->name,
			    "has other directives of its own");
		diff_own_limits(diff, label(diff, new->kind, is->name),
		    &was->limits, &is->limits);
	}
}

static const struct config_method *
find_method(const struct config *config, const char *path)
{
	for (size_t i = 0; i < config->n_methods; i++)
		if (strcmp(config->methods[i].path, path) == 0)
			return &config->methods[i];
	return NULL;
}

static void
diff_methods(struct diff *diff, const struct config *old,
    const struct config *new)
{
	for (size_t i = 0; i < old->n_methods; i++)
		if (!find_method(new, old->methods[i].path))
			say(diff, "method", old->methods[i].path, "goes");
	for (size_t i = 0; i < new->n_methods; i++) {
		const struct config_method *is = &new->methods[i];
		const struct config_method *was = find_method(old, is->path);

		const char *of = label(diff, "method", is->path);

		if (!was) {
			say(diff, "method", is->path, "is new");
			continue;
		}
		diff_values(diff, &kind_method, of, &was->d, &is->d);
		diff_own_limits(diff, of, &was->limits, &is->limits);
	}
}

size_t
config_diff(const struct config *old, const struct config *new, FILE *out)
{
	struct diff diff = { out, memory_new(), 0 };

	diff_values(&diff, &kind_main, "", &old->main, &new->main);
	diff_limits(&diff, "", &old->limits, &new->limits);
	diff_listeners(&diff, old, new);
	diff_sections(&diff,
	    &(struct sections){ "service", old->services, old->n_services },
	    &(struct sections){ "service", new->services, new->n_services });
	diff_sections(&diff,
	    &(struct sections){ "module", old->modules, old->n_modules },
	    &(struct sections){ "module", new->modules, new->n_modules });
	diff_methods(&diff, old, new);
	memory_free(&diff.memory);
	return diff.n;
}
