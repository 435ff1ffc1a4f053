/*
 * confuse.h - values by libconfuse, and nothing else of it
 */
#ifndef CONFIG_CONFUSE_H
#define CONFIG_CONFUSE_H

#include "config/lex.h"

struct flat;
struct memory;
struct scope;

/* A section's title stands in the text as the value of this directive. */
#define CONFUSE_TITLE "@title"

/*
 * Reads the text that the scope's statements make, and sets the text of every
 * setting and title in the scope and below it.
 */
void confuse_read(struct scope *scope, const struct flat *text,
    struct problems *problems);

/* What a token means: without quotes, escapes and variables resolved. */
const char *confuse_unquote(struct memory *memory, const struct token *token);

#endif
