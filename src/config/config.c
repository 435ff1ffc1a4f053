/*
 * config.c - reads grpcd.conf from end to end
 *
 * Runs in the master, and in a program that tests or prints its configuration.
 * Each step looks at all of it and tells all that it finds: words and files
 * (reader.c), statements (outline.c), values (setting.c), sense (check.c).  No
 * step begins on what an earlier one could not make out.
 */
#include <config.h>

#include "config/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/check.h"
#include "config/memory.h"
#include "config/reader.h"
#include "config/setting.h"

/* What one load needs at hand. */
struct load {
	struct config *config;
	struct memory *memory; /* the config's */
	struct problems problems;
	struct setting_context settings;
};

/* Of a path that the command line has, relative to where we are. */
static const char *
absolute(struct memory *memory, const char *path)
{
	char *here;
	const char *joined;

	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (*path == '/')
		return memory_copy(memory, path, strlen(path));
	/* Without a name for it, "." still says what is meant. */
	here = getcwd(NULL, 0);
	joined = memory_printf(memory, "%s/%s",
	    here == NULL             ? "."
	    : strcmp(here, "/") == 0 ? ""
				     : here,
	    path);
	free(here);
	return joined;
}

static struct config_limits
inherit_limits(const struct load *load, const struct scope *section,
    const struct kind *kind, const struct config_limits *from)
{
	const struct scope *limits = scope_child(section, kind, NULL);
	struct config_limits result = *from;

	if (limits != NULL)
		setting_apply_all(limits, &load->settings, &result);
	return result;
}

static const char *
keep(const struct load *load, const char *text)
{
	return memory_copy(load->memory, text, strlen(text));
}

static void
make_listeners(struct load *load, const struct scope *file)
{
	struct config *config = load->config;
	const struct scope *scope = NULL;
	size_t n = scope_children(file, &kind_listener);

	config->n_listeners = n;
	config->listeners =
	    memory_alloc(load->memory, n * sizeof(*config->listeners));
	for (size_t i = 0; i < n; i++) {
		struct config_listener *l = &config->listeners[i];

		scope = scope_child(file, &kind_listener, scope);
		l->name = keep(load, scope->title);
		l->file = keep(load, scope->at.file);
		l->line = scope->at.line;
		setting_default_all(scope->kind, &scope->at, &load->settings,
		    &l->d);
		setting_apply_all(scope, &load->settings, &l->d);
		l->limits =
		    inherit_limits(load, scope, &kind_limits, &config->limits);
	}
}

static struct config_section
make_section(struct load *load, const struct scope *scope)
{
	const struct flat *body = &scope->body;
	struct config_line *lines =
	    memory_alloc(load->memory, body->n_lines * sizeof(*lines));

	for (size_t i = 0; i < body->n_lines; i++) {
		lines[i] = body->lines[i];
		if (i > 0 && lines[i].file == body->lines[i - 1].file)
			lines[i].file = lines[i - 1].file;
		else
			lines[i].file = keep(load, lines[i].file);
	}
	return (struct config_section){
		.name = keep(load, scope->title),
		.body = memory_copy(load->memory, body->text, body->len),
		.lines = lines,
		.n_lines = body->n_lines,
		.limits = inherit_limits(load, scope, &kind_call_limits,
		    &load->config->limits),
		.file = keep(load, scope->at.file),
		.line = scope->at.line,
	};
}

static struct config_section *
make_sections(struct load *load, const struct scope *file,
    const struct kind *kind, size_t *ret_n)
{
	size_t n = scope_children(file, kind);
	struct config_section *sections =
	    memory_alloc(load->memory, n * sizeof(*sections));
	const struct scope *scope = NULL;

	for (size_t i = 0; i < n; i++) {
		scope = scope_child(file, kind, scope);
		sections[i] = make_section(load, scope);
	}
	*ret_n = n;
	return sections;
}

static void
make_methods(struct load *load, const struct scope *file)
{
	struct config *config = load->config;
	const struct scope *scope = NULL;
	size_t n = scope_children(file, &kind_method);

	config->n_methods = n;
	config->methods =
	    memory_alloc(load->memory, n * sizeof(*config->methods));
	for (size_t i = 0; i < n; i++) {
		struct config_method *m = &config->methods[i];

		scope = scope_child(file, &kind_method, scope);
		m->path = keep(load, scope->title);
		m->file = keep(load, scope->at.file);
		m->line = scope->at.line;
		m->limits = inherit_limits(load, scope, &kind_call_limits,
		    config_service_limits(config, m->path));
	}
}

/* From the outlines of the file and of -g, which may be NULL, to values. */
static void
make_config(struct load *load, const struct scope *file,
    const struct scope *overrides)
{
	struct config *config = load->config;

	setting_default_all(&kind_main, &file->at, &load->settings,
	    &config->main);
	setting_apply_all(file, &load->settings, &config->main);
	if (overrides != NULL)
		setting_apply_all(overrides, &load->settings, &config->main);
	setting_default_all(&kind_limits, &file->at, &load->settings,
	    &config->limits);
	config->limits =
	    inherit_limits(load, file, &kind_limits, &config->limits);
	make_listeners(load, file);
	config->services =
	    make_sections(load, file, &kind_service, &config->n_services);
	config->modules =
	    make_sections(load, file, &kind_module, &config->n_modules);
	make_methods(load, file);
	if (load->problems.n == 0)
		check_config(config, file, &load->problems);
}

static void
load_files(struct load *load, const struct config_source *source)
{
	struct place file_at = { load->config->file, 1, 0 };
	struct place overrides_at = { "-g", 1, 0 };
	struct scope *file, *overrides = NULL;
	struct reader reader;
	size_t n_file;

	reader_init(&reader, load->problems.memory, &load->problems);
	reader_file(&reader, load->config->file);
	n_file = reader.n_tokens;
	if (source->overrides != NULL)
		reader_text(&reader, "-g", source->overrides);
	if (load->problems.n > 0)
		return;
	file = outline_read(&kind_main, &file_at, reader.tokens, n_file,
	    &load->problems);
	if (source->overrides != NULL)
		overrides = outline_read(&kind_overrides, &overrides_at,
		    reader.tokens + n_file, reader.n_tokens - n_file,
		    &load->problems);
	make_config(load, file, overrides);
}

/* Nothing read yet; what is wrong goes to scratch. */
static struct load
load_new(const struct config_source *source, struct memory *scratch)
{
	struct load load = { .memory = memory_new(),
		.problems = { .memory = scratch } };

	load.config = memory_alloc(load.memory, sizeof(*load.config));
	load.config->memory = load.memory;
	load.config->file = absolute(load.memory, source->file);
	load.config->prefix = absolute(load.memory, source->prefix);
	load.settings =
	    (struct setting_context){ load.config->prefix, load.memory, NULL };
	return load;
}

struct config *
config_load(const struct config_source *source, struct config_messages *errors)
{
	struct memory *scratch = memory_new();
	struct load load = load_new(source, scratch);

	load.settings.problems = &load.problems;
	load_files(&load, source);
	if (load.problems.n > 0) {
		problems_tell(&load.problems, errors);
		config_free(&load.config);
	}
	memory_free(&scratch);
	return load.config;
}

/* Keeps the settings that stand outside of all sections; returns how many. */
static size_t
keep_outermost(struct token *tokens, size_t n)
{
	size_t kept = 0, depth = 0;

	for (size_t i = 0; i < n; i++) {
		if (depth == 0 && i + 2 < n && tokens[i].kind == TOKEN_WORD &&
		    tokens[i + 1].kind == TOKEN_EQUALS) {
			memmove(tokens + kept, tokens + i, 3 * sizeof(*tokens));
			kept += 3;
			i += 2;
		}
		depth += tokens[i].kind == TOKEN_OPEN;
		depth -= tokens[i].kind == TOKEN_CLOSE && depth > 0;
	}
	return kept;
}

/* As load_files, with the eyes half shut. */
static void
glance_at(struct load *load, struct reader *reader)
{
	struct place at = { load->config->file, 1, 0 };
	size_t n = keep_outermost(reader->tokens, reader->n_tokens);

	setting_apply_all(outline_read(&kind_main, &at, reader->tokens, n,
			      reader->problems),
	    &load->settings, &load->config->main);
	reader->n_tokens = 0;
}

struct config *
config_glance(const struct config_source *source)
{
	struct memory *scratch = memory_new();
	struct load load = load_new(source, scratch);
	struct reader reader = { .memory = scratch,
		.problems = &load.problems };
	struct place at = { load.config->file, 1, 0 };

	load.settings.problems = &load.problems;
	setting_default_all(&kind_main, &at, &load.settings,
	    &load.config->main);
	reader_file(&reader, load.config->file);
	glance_at(&load, &reader);
	if (source->overrides != NULL)
		reader_text(&reader, "-g", source->overrides);
	glance_at(&load, &reader);
	memory_free(&scratch);
	return load.config;
}

const struct config_limits *
config_service_limits(const struct config *config, const char *path)
{
	for (size_t i = 0; *path == '/' && i < config->n_services; i++) {
		const struct config_section *s = &config->services[i];
		size_t len = strlen(s->name);

		if (strncmp(path + 1, s->name, len) == 0 &&
		    path[1 + len] == '/')
			return &s->limits;
	}
	return &config->limits;
}

void
config_free(struct config **config)
{
	struct memory *memory;

	if (*config == NULL)
		return;
	memory = (*config)->memory; /* which holds the config as well */
	memory_free(&memory);
	*config = NULL;
}
