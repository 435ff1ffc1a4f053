/*
 * reader.h - the files of a configuration, as one row of tokens
 *
 * Opens the file and those that it includes, sees that each is a text and that
 * the braces of each are balanced.
 */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include "config/lex.h"

struct reader {
	struct memory *memory; /* holds texts and tokens */
	struct problems *problems;
	struct token *tokens; /* never NULL */
	size_t n_tokens;
	size_t bytes; /* read so far */
};

/* Bytes of all files together, and depth of their includes. */
#define READER_BYTES ((size_t)16 << 20)
#define READER_DEPTH 16

/* Nothing read yet. */
void reader_init(struct reader *reader, struct memory *memory,
    struct problems *problems);

/* Appends the tokens of a file, given by its absolute path. */
void reader_file(struct reader *reader, const char *path);

/* Appends the tokens of a text, in which nothing can be included. */
void reader_text(struct reader *reader, const char *name, const char *text);

/* The same for a section's body, whose lines stand elsewhere. */
void reader_body(struct reader *reader, const struct config_section *section);

#endif
