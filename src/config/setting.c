/*
 * setting.c - from what a section sets to the variables that hold it
 *
 * Runs wherever a config is read: master, checker, worker.
 */
#include <config.h>

#include "config/setting.h"

#include "config/memory.h"
#include "config/value.h"

static const char *
set(const struct directive *directive, const struct setting *setting,
    const struct setting_context *context, void *target)
{
	struct value_input in = {
		.directive = directive,
		.text = setting->text,
		.items = setting->items,
		.n_items = setting->n_items,
		.at = &setting->at,
		.prefix = context->prefix,
		.memory = context->memory,
	};

	return value_set(&in, target);
}

void
setting_default(const struct directive *directive, const struct place *at,
    const struct setting_context *context, void *target)
{
	/* That of a list is none. */
	const struct setting setting = { .text = directive->fallback };
	const char *why;

	if (directive->fallback == NULL)
		return;
	why = set(directive, &setting, context, target);
	if (why != NULL)
		problem_add(context->problems, at, "the default of %s: %s",
		    directive->name, why);
}

void
setting_apply(const struct scope *scope, const struct directive *directive,
    const struct setting_context *context, void *target)
{
	const struct setting *setting =
	    &scope->settings[directive - scope->kind->directives];
	const char *why;

	if (setting->text != NULL) {
		why = set(directive, setting, context, target);
		if (why != NULL)
			problem_add(context->problems, &setting->at, "%s: %s",
			    directive->name, why);
	} else if (directive->fallback == NULL && context->problems->n == 0) {
		/* With problems around it may be there, but misspelt. */
		problem_add(context->problems, &scope->at,
		    "%s is missing %s: it must be given", directive->name,
		    scope_where(scope, context->problems->memory));
	}
}

void
setting_default_all(const struct kind *kind, const struct place *at,
    const struct setting_context *context, void *record)
{
	for (size_t i = 0; i < kind->n_directives; i++)
		setting_default(&kind->directives[i], at, context,
		    (char *)record + kind->directives[i].offset);
}

void
setting_apply_all(const struct scope *scope,
    const struct setting_context *context, void *record)
{
	for (size_t i = 0; i < scope->kind->n_directives; i++)
		setting_apply(scope, &scope->kind->directives[i], context,
		    (char *)record + scope->kind->directives[i].offset);
}
