/*
 * outline.h - the statements of a configuration: sections and settings
 *
 * Between the tokens and the values: which directive stands in which section,
 * known, once, and with a value.
 */
#ifndef CONFIG_OUTLINE_H
#define CONFIG_OUTLINE_H

#include <sys/queue.h>

#include "config/flat.h"
#include "config/table.h"

struct memory;

/* What a section says of one directive of its kind. */
struct setting {
	bool given;
	struct place at;
	const char *text;   /* the value, quotes and variables resolved */
	const char **items; /* of a list, instead of the text */
	size_t n_items;
};

/* A section, or the file as a whole. */
struct scope {
	const struct kind *kind;
	struct place at;
	const char *title;        /* resolved as well; NULL if kind has none */
	struct setting *settings; /* by index of kind->directives */
	struct flat body;         /* of a foreign kind */
	STAILQ_HEAD(, scope) children;
	STAILQ_ENTRY(scope) next;
};

/*
 * The scope that the tokens of a file (or -g, or a body) make, which stands at
 * a place.  What problems tell is left out of it.  It lives in their memory.
 */
struct scope *outline_read(const struct kind *kind, const struct place *at,
    const struct token *tokens, size_t n_tokens, struct problems *problems);

/* The next child of a kind, behind `after`; the first behind NULL. */
const struct scope *scope_child(const struct scope *scope,
    const struct kind *kind, const struct scope *after);

/* For messages: in listener "public". */
const char *scope_where(const struct scope *scope, struct memory *memory);

/* How many children of a kind there are. */
size_t scope_children(const struct scope *scope, const struct kind *kind);

/* What is set of a directive, which the scope's kind must have. */
const struct setting *scope_setting(const struct scope *scope,
    const char *name);

#endif
