/*
 * confuse.c - values by libconfuse, and nothing else of it
 *
 * Runs wherever a config is read: master, checker, worker.  The text has been
 * through lex.c and outline.c, since libconfuse has lines wrong after comments,
 * exits on a directory, takes half sections and duplicates silently, and stays
 * broken after some errors.  It must never be given a file's own text.
 */
#include <config.h>

#include "config/confuse.h"

#include <confuse.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "config/memory.h"
#include "config/outline.h"

/*
 * What is being read, for tell(): libconfuse hands no pointer on, and has one
 * parser for the process anyway.
 */
static const struct flat *reading;
static struct problems *reading_problems;

/* libconfuse's options of a kind: every value a string, every title too. */
static cfg_opt_t *
options_of(const struct kind *kind, struct memory *memory)
{
	size_t n = 0;
	cfg_opt_t *options = memory_alloc(memory,
	    (kind->n_directives + kind->n_children + 2) * sizeof(*options));

	for (size_t i = 0; i < kind->n_directives; i++)
		options[n++] = (cfg_opt_t)CFG_STR(kind->directives[i].name,
		    NULL,
		    directive_is_list(&kind->directives[i]) ? CFGF_LIST
							    : CFGF_NODEFAULT);
	for (size_t i = 0; i < kind->n_children; i++)
		options[n++] = (cfg_opt_t)CFG_SEC(kind->children[i]->name,
		    options_of(kind->children[i], memory), CFGF_MULTI);
	options[n++] = (cfg_opt_t)CFG_STR(CONFUSE_TITLE, NULL, CFGF_NODEFAULT);
	options[n] = (cfg_opt_t)CFG_END();
	return options;
}

/* Its complaint, where we had none: still one with the right place. */
__attribute__((format(printf, 2, 0))) static void
tell(cfg_t *cfg, const char *fmt, va_list args)
{
	size_t line = cfg->line > 0 ? (size_t)cfg->line - 1 : 0;
	const struct config_line *at;
	struct place place;

	if (line >= reading->n_lines)
		line = reading->n_lines - 1;
	at = &reading->lines[line];
	place = (struct place){ at->file, at->line, SIZE_MAX };
	problem_add(reading_problems, &place, "%s",
	    memory_vprintf(reading_problems->memory, fmt, args));
}

static bool
parse(cfg_t *cfg, const char *text, size_t len)
{
	/* Never written to: the mode is "r". */
	FILE *f = fmemopen((char *)(uintptr_t)text, len, "r");
	bool done;

	ENSURE(f != NULL);
	done = cfg_parse_fp(cfg, f) == CFG_SUCCESS;
	fclose(f);
	return done;
}

static const char *
copy_string(cfg_t *cfg, const char *name, struct memory *memory)
{
	const char *text = cfg_getstr(cfg, name);

	return text == NULL ? NULL : memory_copy(memory, text, strlen(text));
}

static void
copy_list(cfg_t *cfg, const char *name, struct setting *setting,
    struct memory *memory)
{
	unsigned n = cfg_size(cfg, name);

	if (!setting->given)
		return;
	setting->text = "";
	setting->items = memory_alloc(memory, (n + 1) * sizeof(char *));
	for (unsigned i = 0; i < n; i++) {
		const char *item = cfg_getnstr(cfg, name, i);

		setting->items[i] = memory_copy(memory, item, strlen(item));
	}
	setting->n_items = n;
}

static void
copy_values(cfg_t *cfg, struct scope *scope, struct memory *memory)
{
	const struct kind *kind = scope->kind;

	if (cfg_size(cfg, CONFUSE_TITLE) > 0)
		scope->title = copy_string(cfg, CONFUSE_TITLE, memory);
	for (size_t i = 0; i < kind->n_directives; i++) {
		if (directive_is_list(&kind->directives[i]))
			copy_list(cfg, kind->directives[i].name,
			    &scope->settings[i], memory);
		else
			scope->settings[i].text =
			    copy_string(cfg, kind->directives[i].name, memory);
	}
	for (size_t i = 0; i < kind->n_children; i++) {
		const struct kind *child_kind = kind->children[i];
		struct scope *child;
		unsigned nth = 0;

		STAILQ_FOREACH (child, &scope->children, next) {
			if (child->kind == child_kind)
				copy_values(cfg_getnsec(cfg, child_kind->name,
						nth++),
				    child, memory);
		}
	}
}

void
confuse_read(struct scope *scope, const struct flat *text,
    struct problems *problems)
{
	size_t n_problems = problems->n;
	cfg_t *cfg;

	if (text->len == 0)
		return;
	cfg = cfg_init(options_of(scope->kind, problems->memory), CFGF_NONE);
	ENSURE(cfg != NULL);
	cfg_set_error_function(cfg, tell);
	reading = text;
	reading_problems = problems;
	if (parse(cfg, text->text, text->len))
		copy_values(cfg, scope, problems->memory);
	else if (problems->n == n_problems)
		problem_add(problems, &scope->at,
		    "libconfuse refuses this, and does not say why");
	reading = NULL;
	reading_problems = NULL;
	cfg_free(cfg);
}

const char *
confuse_unquote(struct memory *memory, const struct token *token)
{
	cfg_opt_t options[] = { CFG_STR(CONFUSE_TITLE, NULL, CFGF_NODEFAULT),
		CFG_END() };
	cfg_t *cfg = cfg_init(options, CFGF_NONE);
	char *text = memory_printf(memory, CONFUSE_TITLE " = %.*s\n",
	    (int)token->len, token->text);
	const char *value;

	ENSURE(cfg != NULL && parse(cfg, text, strlen(text)));
	value = copy_string(cfg, CONFUSE_TITLE, memory);
	cfg_free(cfg);
	return value;
}
