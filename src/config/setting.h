/*
 * setting.h - from what a section sets to the variables that hold it
 */
#ifndef CONFIG_SETTING_H
#define CONFIG_SETTING_H

#include "config/outline.h"

struct setting_context {
	const char *prefix;    /* what relative paths are relative to */
	struct memory *memory; /* holds strings */
	struct problems *problems;
};

/* Sets target to the default, where there is one; at is for complaints. */
void setting_default(const struct directive *directive, const struct place *at,
    const struct setting_context *context, void *target);

/*
 * Sets target to what the scope sets of a directive of its kind, or leaves it;
 * what has no default must be set.
 */
void setting_apply(const struct scope *scope, const struct directive *directive,
    const struct setting_context *context, void *target);

/* The same for all directives of a kind, into the fields of its record. */
void setting_default_all(const struct kind *kind, const struct place *at,
    const struct setting_context *context, void *record);
void setting_apply_all(const struct scope *scope,
    const struct setting_context *context, void *record);

#endif
