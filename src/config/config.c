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
#include "config/make.h"
#include "config/memory.h"
#include "config/reader.h"

/* What one load needs at hand, and leaves behind but for the config. */
struct load {
	struct config *config;
	struct setting_context context; /* of the config's memory */
	struct problems problems;       /* of memory that goes with the load */
	struct reader reader;
	size_t n_file; /* tokens of the file; -g's follow them */
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

static void
load_begin(struct load *load, const struct config_source *source)
{
	struct memory *memory = memory_new();
	struct config *config = memory_alloc(memory, sizeof(*config));

	config->memory = memory;
	config->file = absolute(memory, source->file);
	config->prefix = absolute(memory, source->prefix);
	*load = (struct load){
		.config = config,
		.context = { config->prefix, memory, &load->problems },
		.problems = { .memory = memory_new() },
	};
	reader_init(&load->reader, load->problems.memory, &load->problems);
	reader_file(&load->reader, config->file);
	load->n_file = load->reader.n_tokens;
	if (source->overrides != NULL)
		reader_text(&load->reader, "-g", source->overrides);
}

static struct scope *
outline_file(struct load *load)
{
	const struct place at = { load->config->file, 1, 0 };

	return outline_read(&kind_main, &at, load->reader.tokens, load->n_file,
	    &load->problems);
}

static struct scope *
outline_overrides(struct load *load)
{
	const struct place at = { "-g", 1, load->n_file };

	return outline_read(&kind_overrides, &at,
	    load->reader.tokens + load->n_file,
	    load->reader.n_tokens - load->n_file, &load->problems);
}

/* Gives all back but the config. */
static struct config *
load_end(struct load *load)
{
	memory_free(&load->problems.memory);
	return load->config;
}

static void
load_all(struct load *load)
{
	const struct scope *file = outline_file(load);

	make_config(load->config, file, outline_overrides(load),
	    &load->context);
	if (load->problems.n == 0)
		check_config(load->config, file, &load->problems);
}

struct config *
config_load(const struct config_source *source, struct config_messages *errors)
{
	struct load load;

	load_begin(&load, source);
	if (load.problems.n == 0)
		load_all(&load);
	if (load.problems.n > 0) {
		problems_tell(&load.problems, errors);
		config_free(&load.config);
	}
	return load_end(&load);
}

static bool
is_setting(const struct token *tokens)
{
	return tokens[0].kind == TOKEN_WORD && tokens[1].kind == TOKEN_EQUALS &&
	       (tokens[2].kind == TOKEN_WORD || tokens[2].kind == TOKEN_STRING);
}

/* Keeps the settings of the file that stand outside of all sections. */
static void
keep_outermost(struct load *load)
{
	struct token *tokens = load->reader.tokens;
	size_t kept = 0, depth = 0;

	for (size_t i = 0; i < load->n_file; i++) {
		if (depth == 0 && i + 2 < load->n_file &&
		    is_setting(tokens + i)) {
			memmove(tokens + kept, tokens + i, 3 * sizeof(*tokens));
			kept += 3;
			i += 2;
		}
		depth += tokens[i].kind == TOKEN_OPEN;
		depth -= depth > 0 && tokens[i].kind == TOKEN_CLOSE;
	}
	load->n_file = kept;
}

struct config *
config_glance(const struct config_source *source)
{
	struct load load;
	const struct scope *overrides;

	load_begin(&load, source);
	overrides = outline_overrides(&load);
	keep_outermost(&load);
	make_main(load.config, outline_file(&load), overrides, &load.context);
	return load_end(&load);
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

int64_t
config_drain_ms(const struct config_main *main)
{
	return main->drain_delay + main->graceful_timeout +
	       main->lingering_timeout;
}

void
config_forget_secrets(const struct config *config)
{
	memory_forget_secrets(config->memory);
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

int64_t
config_user_timeout_ms(const struct config *config,
    const struct config_listener *listener)
{
	int64_t own = listener->limits.keepalive_timeout;
	int64_t send = config->main.send_timeout;

	if (listener->limits.keepalive_time == 0)
		return 0;
	return own > send ? own : send;
}
