/*
 * lex.h - the words of a configuration file
 *
 * Everything that libconfuse's own lexer stumbles over ends here, with its
 * place and a cure: what passes is words, quoted texts and five signs.
 */
#ifndef CONFIG_LEX_H
#define CONFIG_LEX_H

#include <stdbool.h>

#include "config/problem.h"

enum token_kind {
	TOKEN_END,
	TOKEN_BAD,    /* a word or string that problems tell of */
	TOKEN_WORD,   /* 30s, ${HOME} */
	TOKEN_STRING, /* with its quotes, on one line unless continued by \ */
	TOKEN_EQUALS,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_SEMICOLON,
	TOKEN_COMMA
};

struct token {
	enum token_kind kind;
	const char *text; /* in the lexer's text: ends in no zero byte */
	size_t len;
	struct place at;
};

struct lexer {
	const char *next; /* ends in a zero byte */
	const char *file;
	int line;
	size_t order; /* of the next token; its reader counts */
	/* Of a text that was put together: where each of its lines stands. */
	const struct config_line *lines;
	size_t n_lines;
	struct problems *problems;
};

/* The text must stay as long as its tokens. */
void lexer_init(struct lexer *lexer, const char *text, const char *file,
    struct problems *problems);

/*
 * The next token, comments left out; TOKEN_END for good at the end.  What is
 * wrong goes to problems.
 */
struct token lexer_next(struct lexer *lexer);

/* True if the token is this word, unquoted. */
bool token_is(const struct token *token, const char *word);

/* For %.*s in messages: a token's text, not too much of it. */
#define TOKEN_SHOWN(token) \
	(int)((token)->len > 60 ? 60 : (token)->len), (token)->text

#endif
