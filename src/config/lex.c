/*
 * lex.c - the words of a configuration file
 *
 * Runs wherever a config is read: master, checker, worker.  It must take no
 * text that libconfuse's lexer reads in another way or fails at: that one keeps
 * its state in globals, so a failure there would spoil the next reload.
 */
#include <config.h>

#include "config/lex.h"

#include <stdlib.h>
#include <string.h>

#include "config/memory.h"

void
lexer_init(struct lexer *lexer, const char *text, const char *file,
    struct problems *problems)
{
	*lexer = (struct lexer){
		.next = text,
		.file = file,
		.line = 1,
		.problems = problems,
	};
}

bool
token_is(const struct token *token, const char *word)
{
	return token->kind == TOKEN_WORD && token->len == strlen(word) &&
	       memcmp(token->text, word, token->len) == 0;
}

static struct place
place_of(const struct lexer *lexer)
{
	struct place at = { lexer->file, lexer->line, lexer->order };
	size_t line = (size_t)lexer->line - 1;

	if (line < lexer->n_lines) {
		at.file = lexer->lines[line].file;
		at.line = lexer->lines[line].line;
	}
	return at;
}

/* Says what is wrong where the lexer stands. */
#define wrong(lexer, ...)                                          \
	do {                                                       \
		struct place at_ = place_of(lexer);                \
		problem_add((lexer)->problems, &at_, __VA_ARGS__); \
	} while (0)

static void
skip_block_comment(struct lexer *lexer)
{
	const char *close = strstr(lexer->next + 2, "*/");

	if (close == NULL) {
		wrong(lexer, "this comment is not closed: \"*/\" is missing");
		lexer->next += strlen(lexer->next);
		return;
	}
	for (; lexer->next < close + 2; lexer->next++)
		lexer->line += *lexer->next == '\n';
}

/* Skips what stands between tokens. */
static void
skip_blank(struct lexer *lexer)
{
	for (;;) {
		const char *c = lexer->next;

		if (*c == '#' || strncmp(c, "//", 2) == 0) {
			lexer->next += strcspn(c, "\n");
		} else if (strncmp(c, "/*", 2) == 0) {
			skip_block_comment(lexer);
		} else if (*c != '\0' && strchr(" \t\r\n", *c) != NULL) {
			lexer->line += *c == '\n';
			lexer->next++;
		} else {
			return;
		}
	}
}

static void
check_variable(struct lexer *lexer, const char *text, size_t len)
{
	size_t name_len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				       "abcdefghijklmnopqrstuvwxyz0123456789");
	const char *name = memory_copy(lexer->problems->memory, text, name_len);

	if (name_len > 0 && name_len == len) {
		if (getenv(name) == NULL)
			wrong(lexer,
			    "the environment has no %s: set it, or write "
			    "${%s:-DEFAULT}",
			    name, name);
	} else if (name_len == 0 || strncmp(text + name_len, ":-", 2) != 0) {
		wrong(lexer,
		    "\"${%.*s}\" is no variable: write ${NAME} or "
		    "${NAME:-DEFAULT}",
		    (int)len, text);
	}
}

/* From the "${" at c to what follows its "}". */
static const char *
scan_variable(struct lexer *lexer, const char *c)
{
	const char *text = c + 2;
	size_t len = strcspn(text, "}\n");

	if (text[len] != '}') {
		wrong(lexer, "\"${\" is not closed: \"}\" is missing");
		return text + len;
	}
	check_variable(lexer, text, len);
	return text + len + 1;
}

/*
 * The length of a number behind a backslash as libconfuse reads it: up to two
 * hex digits, or all decimal ones; 0 if it would refuse it or make a zero byte
 * of it.
 */
static size_t
number_length(const char *c)
{
	bool hex = *c == 'x';
	const char *digits = c + hex;
	size_t octal = strspn(digits, "01234567");
	size_t zeros = strspn(digits, "0");
	size_t len =
	    strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");

	if (hex && len > 2)
		len = 2;
	if (zeros >= len)
		return 0;
	if (!hex && (len > 3 || octal < len || (len == 3 && *digits > '3')))
		return 0;
	return hex + len;
}

/* From the backslash at c to what follows the escape. */
static const char *
scan_escape(struct lexer *lexer, const char *c)
{
	size_t len = 1;

	c++;
	if (*c == '\0')
		return c;
	lexer->line += *c == '\n';
	if ((*c >= '0' && *c <= '9') || *c == 'x')
		len = number_length(c);
	else if (((*c | ' ') >= 'a' && (*c | ' ') <= 'z') &&
		 strchr("nrbfaetv", *c) == NULL)
		len = 0;
	if (len > 0)
		return c + len;
	wrong(lexer,
	    "\"\\%c\" begins no escape here: a backslash itself is \"\\\\\"",
	    *c);
	return c + 1;
}

/* Leaves the lexer behind the text whose quote it stands at. */
static void
scan_string(struct lexer *lexer)
{
	char quote = *lexer->next;
	const char *c = lexer->next + 1;

	while (*c != quote && *c != '\n' && *c != '\0') {
		if (quote == '"' && *c == '\\') {
			c = scan_escape(lexer, c);
		} else if (quote == '"' && strncmp(c, "${", 2) == 0) {
			c = scan_variable(lexer, c);
		} else if (*c == '\\' && c[1] != '\0') {
			lexer->line += c[1] == '\n';
			c += 2;
		} else {
			c++;
		}
	}
	if (*c != quote)
		wrong(lexer,
		    "this quote is not closed: %c is missing (a longer text "
		    "goes on behind a \\ at the end of the line)",
		    quote);
	lexer->next = c + (*c == quote);
}

/* Leaves the lexer behind the word where it stands. */
static void
scan_word(struct lexer *lexer)
{
	const char *start = lexer->next, *c = start;
	size_t len;
	bool odd = false;

	if (strncmp(c, "${", 2) == 0)
		c = scan_variable(lexer, c);
	odd = c != start && strchr(" \t\r\n\"'#={};", *c) == NULL;
	for (; strchr(" \t\r\n\"'#={};", *c) == NULL; c++) {
		/* In a list it ends here; libconfuse agrees. */
		if (*c == ',' && strchr(" \t\r\n}", c[1]) != NULL)
			break;
		odd |= strchr("*()+,", *c) != NULL || (unsigned char)*c < ' ' ||
		       *c == 0x7f || strncmp(c, "//", 2) == 0 ||
		       strncmp(c, "/*", 2) == 0 || strncmp(c, "${", 2) == 0;
	}
	lexer->next = c;
	if (!odd)
		return;
	len = strcspn(start, " \t\r\n");
	wrong(lexer, "%.*s must stand in quotes: \"%.*s\"", (int)len, start,
	    (int)len, start);
	lexer->next = start + len;
}

struct token
lexer_next(struct lexer *lexer)
{
	static const char signs[] = "={};,";
	static const enum token_kind kinds[] = { TOKEN_EQUALS, TOKEN_OPEN,
		TOKEN_CLOSE, TOKEN_SEMICOLON, TOKEN_COMMA };
	struct token token;
	size_t n_problems;
	const char *sign;

	skip_blank(lexer);
	n_problems = lexer->problems->n;
	token.at = place_of(lexer);
	token.text = lexer->next;
	if (*token.text == '\0') {
		token.kind = TOKEN_END;
	} else if ((sign = strchr(signs, *token.text)) != NULL) {
		token.kind = kinds[sign - signs];
		lexer->next++;
	} else if (*token.text == '"' || *token.text == '\'') {
		token.kind = TOKEN_STRING;
		scan_string(lexer);
	} else {
		token.kind = TOKEN_WORD;
		scan_word(lexer);
	}
	if (lexer->problems->n > n_problems)
		token.kind = TOKEN_BAD;
	token.len = (size_t)(lexer->next - token.text);
	return token;
}
