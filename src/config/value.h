/*
 * value.h - the types of values: how each is read, checked and written
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/table.h"

struct memory;

/* A value as the file has it, and what it takes to read it. */
struct value_input {
	const struct directive *directive;
	const char *text;
	const char *const *items; /* of a list, instead of the text */
	size_t n_items;
	const struct place *at; /* where it stands */
	const char *prefix;     /* what relative paths are relative to */
	struct memory *memory;  /* for strings, and for what is wrong */
};

/*
 * Sets target, which has the C type of the directive's type (config.h).  NULL;
 * or what is wrong with the text and what would be right.
 */
const char *value_set(const struct value_input *in, void *target);

/* What value_set says of a text that its type does not know. */
const char *value_why_not(const struct value_input *in);

/* A path of the input, made absolute against the prefix. */
const char *value_absolute(const struct value_input *in, const char *path);

/* A value as it may stand in the file. */
const char *value_text(const struct directive *directive, const void *source,
    struct memory *memory);

/* "size" */
const char *value_type_name(const struct directive *directive);

/* "4k to 1g"; "" where there is none. */
const char *value_range(const struct directive *directive,
    struct memory *memory);

/* A string in quotes that reads as the same string. */
const char *value_quote(const char *text, struct memory *memory);

#endif
