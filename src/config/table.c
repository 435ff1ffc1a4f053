/*
 * table.c - directives.def and the kinds of sections, as arrays
 *
 * Constant data, in every process.
 */
#include <config.h>

#include "config/table.h"

#include <string.h>

#include "config/memory.h"
#include "config/value.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Each array takes its contexts' rows: their macros make rows, others none. */
#define ROW(record, name, type, min, max, fallback, help) \
	{ #name, VALUE_##type, min, max, fallback, help,  \
		offsetof(struct record, name) },
#define ROW_MAIN(...)
#define ROW_LISTENER(...)
#define ROW_UNIX(...)
#define ROW_TLS(...)
#define ROW_METHOD(...)
#define ROW_LIMITS(...)
#define ROW_CONNECTION(...)

static const struct directive main_directives[] = {
#undef ROW_MAIN
#define ROW_MAIN(...) ROW(config_main, __VA_ARGS__)
#define DIRECTIVE(context, ...) ROW_##context(__VA_ARGS__)
#include "config/directives.def"
#undef ROW_MAIN
#define ROW_MAIN(...)
};

static const struct directive unix_directives[] = {
#undef ROW_UNIX
#define ROW_UNIX(...) ROW(config_listener_directives, __VA_ARGS__)
#define DIRECTIVE(context, ...) ROW_##context(__VA_ARGS__)
#include "config/directives.def"
};

static const struct directive listener_directives[] = {
#undef ROW_LISTENER
#define ROW_LISTENER(...) ROW(config_listener_directives, __VA_ARGS__)
#define DIRECTIVE(context, ...) ROW_##context(__VA_ARGS__)
#include "config/directives.def"
#undef ROW_LISTENER
#undef ROW_UNIX
#define ROW_LISTENER(...)
#define ROW_UNIX(...)
};

static const struct directive tls_directives[] = {
#undef ROW_TLS
#define ROW_TLS(...) ROW(config_tls_directives, __VA_ARGS__)
#define DIRECTIVE(context, ...) ROW_##context(__VA_ARGS__)
#include "config/directives.def"
#undef ROW_TLS
#define ROW_TLS(...)
};

static const struct directive method_directives[] = {
#undef ROW_METHOD
#define ROW_METHOD(...) ROW(config_method_directives, __VA_ARGS__)
#define DIRECTIVE(context, ...) ROW_##context(__VA_ARGS__)
#include "config/directives.def"
#undef ROW_METHOD
#define ROW_METHOD(...)
};

static const struct directive call_limits_directives[] = {
#undef ROW_LIMITS
#define ROW_LIMITS(...) ROW(config_limits, __VA_ARGS__)
#define DIRECTIVE(context, ...) ROW_##context(__VA_ARGS__)
#include "config/directives.def"
};

static const struct directive limits_directives[] = {
#undef ROW_CONNECTION
#define ROW_CONNECTION(...) ROW(config_limits, __VA_ARGS__)
#define DIRECTIVE(context, ...) ROW_##context(__VA_ARGS__)
#include "config/directives.def"
};

const struct kind kind_limits = {
	.name = "limits",
	.where = "in limits at the top or in a listener",
	.directives = limits_directives,
	.n_directives = COUNT(limits_directives),
};

const struct kind kind_call_limits = {
	.name = "limits",
	.where = "in limits of a service or method",
	.directives = call_limits_directives,
	.n_directives = COUNT(call_limits_directives),
};

const struct kind kind_tls = {
	.name = "tls",
	.where = "in the tls section of a listener",
	.directives = tls_directives,
	.n_directives = COUNT(tls_directives),
};

static const struct kind *const in_listener[] = { &kind_limits, &kind_tls };
static const struct kind *const with_call_limits[] = { &kind_call_limits };

const struct kind kind_listener = {
	.name = "listener",
	.where = "in a listener",
	.title = "public",
	.directives = listener_directives,
	.n_directives = COUNT(listener_directives),
	.children = in_listener,
	.n_children = COUNT(in_listener),
};

const struct kind kind_service = {
	.name = "service",
	.where = "in a service",
	.title = "helloworld.Greeter",
	.foreign = true,
	.children = with_call_limits,
	.n_children = COUNT(with_call_limits),
};

const struct kind kind_module = {
	.name = "module",
	.where = "in a module",
	.title = "greeter.so",
	.foreign = true,
};

const struct kind kind_method = {
	.name = "method",
	.where = "in a method",
	.title = "/helloworld.Greeter/SayHello",
	.directives = method_directives,
	.n_directives = COUNT(method_directives),
	.children = with_call_limits,
	.n_children = COUNT(with_call_limits),
};

static const struct kind *const sections[] = { &kind_listener, &kind_service,
	&kind_module, &kind_method, &kind_limits };

const struct kind kind_main = {
	.where = "at the top of the file",
	.directives = main_directives,
	.n_directives = COUNT(main_directives),
	.children = sections,
	.n_children = COUNT(sections),
};

const struct kind kind_overrides = {
	.where = "in -g",
	.directives = main_directives,
	.n_directives = COUNT(main_directives),
};

const struct directive *
kind_directive(const struct kind *kind, const char *name, size_t len)
{
	for (size_t i = 0; i < kind->n_directives; i++) {
		const struct directive *d = &kind->directives[i];

		if (strncmp(d->name, name, len) == 0 && d->name[len] == '\0')
			return d;
	}
	return NULL;
}

const struct kind *
kind_child(const struct kind *kind, const char *name, size_t len)
{
	for (size_t i = 0; i < kind->n_children; i++) {
		const struct kind *child = kind->children[i];

		if (strncmp(child->name, name, len) == 0 &&
		    child->name[len] == '\0')
			return child;
	}
	return NULL;
}

bool
directive_is_list(const struct directive *directive)
{
	return directive->type == VALUE_STRINGS ||
	       directive->type == VALUE_FILES ||
	       directive->type == VALUE_SECRETS;
}

bool
directive_is_unix(const struct directive *directive)
{
	for (size_t i = 0; i < COUNT(unix_directives); i++) {
		if (strcmp(directive->name, unix_directives[i].name) == 0)
			return true;
	}
	return false;
}

void
config_print_directives(FILE *out)
{
	static const struct {
		const char *context;
		const struct kind *kind;
	} contexts[] = {
		{ "main", &kind_main },
		{ "listener", &kind_listener },
		{ "tls", &kind_tls },
		{ "method", &kind_method },
		{ "limits", &kind_limits },
	};
	struct memory *memory = memory_new();

	for (size_t i = 0; i < COUNT(contexts); i++) {
		const struct kind *kind = contexts[i].kind;

		for (size_t j = 0; j < kind->n_directives; j++) {
			const struct directive *d = &kind->directives[j];

			fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n",
			    contexts[i].context, d->name, value_type_name(d),
			    d->fallback == NULL ? "(required)" : d->fallback,
			    value_range(d, memory), d->help);
		}
	}
	memory_free(&memory);
}
