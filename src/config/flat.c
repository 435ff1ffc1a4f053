/*
 * flat.c - a text put together from tokens, whose lines know their places
 *
 * Runs wherever a config is read: master, checker, worker.
 */
#include <config.h>

#include "config/flat.h"

#include <string.h>

#include "config/memory.h"

static void
append(struct flat *flat, const char *text, size_t len)
{
	if (flat->size - flat->len <= len) {
		size_t size = 2 * (flat->size + len);
		char *larger = memory_alloc(flat->memory, size);

		memcpy(larger, flat->text, flat->len);
		flat->text = larger;
		flat->size = size;
	}
	memcpy(flat->text + flat->len, text, len);
	flat->len += len;
	flat->text[flat->len] = '\0';
}

static void
add_line(struct flat *flat, const char *file, int line)
{
	flat->lines = memory_grow(flat->memory, flat->lines, flat->n_lines,
	    sizeof(*flat->lines));
	flat->lines[flat->n_lines++] = (struct config_line){ file, line };
}

void
flat_init(struct flat *flat, struct memory *memory, const struct place *at)
{
	*flat = (struct flat){ .memory = memory, .size = 64 };
	flat->text = memory_alloc(memory, flat->size);
	add_line(flat, at->file, at->line);
}

void
flat_token(struct flat *flat, const struct token *token)
{
	struct config_line *last = &flat->lines[flat->n_lines - 1];
	int line = token->at.line;

	if (flat->len == 0) {
		*last = (struct config_line){ token->at.file, line };
	} else if (last->line == line &&
		   strcmp(last->file, token->at.file) == 0) {
		append(flat, " ", 1);
	} else {
		append(flat, "\n", 1);
		add_line(flat, token->at.file, line);
	}
	append(flat, token->text, token->len);
	/* A string goes on behind a backslash at the end of a line. */
	for (size_t i = 0; i < token->len; i++) {
		if (token->text[i] == '\n')
			add_line(flat, token->at.file, ++line);
	}
}

void
flat_word(struct flat *flat, const char *word, const struct place *at)
{
	struct token token = {
		.kind = TOKEN_WORD,
		.text = word,
		.len = strlen(word),
		.at = *at,
	};

	flat_token(flat, &token);
}
