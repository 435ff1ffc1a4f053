/*
 * flat.h - a text put together from tokens, whose lines know their places
 */
#ifndef CONFIG_FLAT_H
#define CONFIG_FLAT_H

#include "config/lex.h"

struct memory;

struct flat {
	char *text; /* ends in a zero byte */
	size_t len, size;
	struct config_line *lines;
	size_t n_lines; /* at least 1 */
	struct memory *memory;
};

/* An empty text, whose first line stands at a place. */
void flat_init(struct flat *flat, struct memory *memory,
    const struct place *at);

/* Appends a token: on a new line if it stands on another than the last. */
void flat_token(struct flat *flat, const struct token *token);

/* Appends a word that stands nowhere, as if at that place. */
void flat_word(struct flat *flat, const char *word, const struct place *at);

#endif
