/*
 * make.c - the config that outlines of files describe
 *
 * Runs in the master, and in a program that tests or prints its configuration.
 * What it makes stays when the outlines are gone.
 */
#include <config.h>

#include "config/make.h"

#include <string.h>

#include "config/memory.h"

struct making {
	struct config *config;
	const struct setting_context *context;
};

static const char *
keep(const struct making *making, const char *text)
{
	return memory_copy(making->context->memory, text, strlen(text));
}

/* What a section limits sets, as config_limits.given has it. */
static uint64_t
given(const struct scope *limits)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < kind_limits.n_directives; i++) {
		const char *name = kind_limits.directives[i].name;
		const struct directive *d =
		    kind_directive(limits->kind, name, strlen(name));

		if (d != NULL &&
		    limits->settings[d - limits->kind->directives].given)
			bits |= UINT64_C(1) << i;
	}
	return bits;
}

/* The limits that a section has, over those that it inherits. */
static struct config_limits
inherit_limits(const struct making *making, const struct scope *section,
    const struct kind *kind, const struct config_limits *from)
{
	const struct scope *limits = scope_child(section, kind, NULL);
	struct config_limits result = *from;

	result.given = 0;
	if (limits != NULL) {
		result.given = given(limits);
		setting_apply_all(limits, making->context, &result);
	}
	return result;
}

static struct config_tls
make_tls(const struct making *making, const struct scope *listener)
{
	const struct scope *scope = scope_child(listener, &kind_tls, NULL);
	struct config_tls tls = { .on = scope != NULL };

	if (scope == NULL)
		return tls;
	tls.file = keep(making, scope->at.file);
	tls.line = scope->at.line;
	setting_default_all(scope->kind, &scope->at, making->context, &tls.d);
	setting_apply_all(scope, making->context, &tls.d);
	return tls;
}

static void
make_listeners(const struct making *making, const struct scope *file)
{
	struct config *config = making->config;
	const struct scope *scope = NULL;
	size_t n = scope_children(file, &kind_listener);

	config->n_listeners = n;
	config->listeners = memory_alloc(making->context->memory,
	    n * sizeof(*config->listeners));
	for (size_t i = 0; i < n; i++) {
		struct config_listener *l = &config->listeners[i];

		scope = scope_child(file, &kind_listener, scope);
		l->name = keep(making, scope->title);
		l->file = keep(making, scope->at.file);
		l->line = scope->at.line;
		setting_default_all(scope->kind, &scope->at, making->context,
		    &l->d);
		setting_apply_all(scope, making->context, &l->d);
		l->limits = inherit_limits(making, scope, &kind_limits,
		    &config->limits);
		l->tls = make_tls(making, scope);
	}
}

static struct config_section
make_section(const struct making *making, const struct scope *scope)
{
	const struct flat *body = &scope->body;
	struct config_line *lines = memory_alloc(making->context->memory,
	    body->n_lines * sizeof(*lines));

	for (size_t i = 0; i < body->n_lines; i++) {
		lines[i] = body->lines[i];
		if (i > 0 && lines[i].file == body->lines[i - 1].file)
			lines[i].file = lines[i - 1].file;
		else
			lines[i].file = keep(making, lines[i].file);
	}
	return (struct config_section){
		.name = keep(making, scope->title),
		.body =
		    memory_copy(making->context->memory, body->text, body->len),
		.lines = lines,
		.n_lines = body->n_lines,
		.limits = inherit_limits(making, scope, &kind_call_limits,
		    &making->config->limits),
		.file = keep(making, scope->at.file),
		.line = scope->at.line,
	};
}

static struct config_section *
make_sections(const struct making *making, const struct scope *file,
    const struct kind *kind, size_t *ret_n)
{
	size_t n = scope_children(file, kind);
	struct config_section *sections =
	    memory_alloc(making->context->memory, n * sizeof(*sections));
	const struct scope *scope = NULL;

	for (size_t i = 0; i < n; i++) {
		scope = scope_child(file, kind, scope);
		sections[i] = make_section(making, scope);
	}
	*ret_n = n;
	return sections;
}

static void
make_methods(const struct making *making, const struct scope *file)
{
	struct config *config = making->config;
	const struct scope *scope = NULL;
	size_t n = scope_children(file, &kind_method);

	config->n_methods = n;
	config->methods =
	    memory_alloc(making->context->memory, n * sizeof(*config->methods));
	for (size_t i = 0; i < n; i++) {
		struct config_method *m = &config->methods[i];

		scope = scope_child(file, &kind_method, scope);
		m->path = keep(making, scope->title);
		m->file = keep(making, scope->at.file);
		m->line = scope->at.line;
		m->limits = inherit_limits(making, scope, &kind_call_limits,
		    config_service_limits(config, m->path));
		setting_default_all(scope->kind, &scope->at, making->context,
		    &m->d);
		setting_apply_all(scope, making->context, &m->d);
	}
}

void
make_config(struct config *config, const struct scope *file,
    const struct scope *overrides, const struct setting_context *context)
{
	const struct making making = { config, context };

	make_main(config, file, overrides, context);
	setting_default_all(&kind_limits, &file->at, context, &config->limits);
	config->limits =
	    inherit_limits(&making, file, &kind_limits, &config->limits);
	make_listeners(&making, file);
	config->services =
	    make_sections(&making, file, &kind_service, &config->n_services);
	config->modules =
	    make_sections(&making, file, &kind_module, &config->n_modules);
	make_methods(&making, file);
}

/* "grpcd.pid" has "grpcd.control" beside it. */
static const char *
beside(const char *pid_file, struct memory *memory)
{
	size_t len = strlen(pid_file);

	if (len > 4 && strcmp(pid_file + len - 4, ".pid") == 0)
		len -= 4;
	return memory_printf(memory, "%.*s.control", (int)len, pid_file);
}

void
make_main(struct config *config, const struct scope *file,
    const struct scope *overrides, const struct setting_context *context)
{
	setting_default_all(&kind_main, &file->at, context, &config->main);
	setting_apply_all(file, context, &config->main);
	setting_apply_all(overrides, context, &config->main);
	if (strcmp(config->main.control_socket, "auto") == 0 &&
	    config->main.pid_file != NULL)
		config->main.control_socket =
		    beside(config->main.pid_file, context->memory);
}
