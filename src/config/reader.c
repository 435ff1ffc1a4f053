/*
 * reader.c - the files of a configuration, as one row of tokens
 *
 * Runs in the master and, for bodies of sections, in checker and workers.
 */
#include <config.h>

#include "config/reader.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

#include "config/confuse.h"
#include "config/file.h"
#include "config/memory.h"

/* A file that is being read, and that which includes it. */
struct chain {
	const struct chain *by;
	struct file file;
	unsigned depth;
};

static void read_tokens(struct reader *reader, struct lexer *lexer,
    const struct chain *chain);

/* Sees that the bytes are text, with lines that end in "\n" alone. */
static bool
check_text(struct reader *reader, struct file *file)
{
	struct place at = { file->path, 1, reader->n_tokens };
	const char *zero = memchr(file->text, '\0', file->len);
	char *to = file->text;

	if (strncmp(file->text, "\xef\xbb\xbf", 3) == 0) {
		problem_add(reader->problems, &at,
		    "the file begins with a byte order mark: save it as UTF-8 "
		    "without one");
		return false;
	}
	if (zero != NULL) {
		for (const char *c = file->text; c < zero; c++)
			at.line += *c == '\n';
		problem_add(reader->problems, &at,
		    "there is a zero byte: this is no text file");
		return false;
	}
	for (const char *c = file->text; *c != '\0'; c++) {
		if (c[0] != '\r' || c[1] != '\n')
			*to++ = *c;
	}
	*to = '\0';
	return true;
}

/* True, with the whole circle told, if a file is being read already. */
static bool
is_circle(struct reader *reader, const struct chain *chain,
    const struct place *at)
{
	const struct chain *c = chain->by;
	const char *circle = chain->file.path;

	while (c != NULL && !file_same(&c->file, &chain->file)) {
		circle = memory_printf(reader->memory, "%s -> %s", c->file.path,
		    circle);
		c = c->by;
	}
	if (c == NULL)
		return false;
	problem_add(reader->problems, at,
	    "files that include each other have no end: %s -> %s", c->file.path,
	    circle);
	return true;
}

/* at is where the file is asked for: the include, or its own first line. */
static void
read_file(struct reader *reader, struct chain *chain, const struct place *at)
{
	struct file *file = &chain->file;
	struct lexer lexer;
	const char *why =
	    file_read(file, READER_BYTES - reader->bytes, reader->memory);

	if (why != NULL) {
		problem_add(reader->problems, at, "cannot read %s: %s",
		    file->path, why);
		return;
	}
	reader->bytes += file->len;
	if (file->len == 0 && chain->by == NULL)
		problem_add(reader->problems, at,
		    "the file is empty: at least one listener is needed");
	if (is_circle(reader, chain, at) || !check_text(reader, file))
		return;
	lexer_init(&lexer, file->text, file->path, reader->problems);
	read_tokens(reader, &lexer, chain);
}

static int
glob_error(const char *path, int error)
{
	(void)path;
	return error != ENOENT && error != ENOTDIR;
}

/* The folder of the file that includes, and behind it the name. */
static const char *
below_folder(struct reader *reader, const struct chain *by, const char *name,
    bool escape)
{
	size_t folder =
	    (size_t)(strrchr(by->file.path, '/') + 1 - by->file.path);
	char *out = memory_alloc(reader->memory, 2 * folder + strlen(name) + 1);
	char *to = out;

	if (*name == '/')
		return name;
	for (size_t i = 0; i < folder; i++) {
		if (escape && strchr("*?[\\", by->file.path[i]) != NULL)
			*to++ = '\\';
		*to++ = by->file.path[i];
	}
	strcpy(to, name);
	return out;
}

static void
include_file(struct reader *reader, const struct chain *by, const char *path,
    const struct place *at)
{
	struct chain chain = {
		.by = by,
		.file.path = memory_copy(reader->memory, path, strlen(path)),
		.depth = by->depth + 1,
	};

	read_file(reader, &chain, at);
}

static void
include_pattern(struct reader *reader, const struct chain *by,
    const char *pattern, const struct place *at)
{
	glob_t found = { 0 };
	int rc = glob(below_folder(reader, by, pattern, true), 0, glob_error,
	    &found);

	if (rc != 0 && rc != GLOB_NOMATCH)
		problem_add(reader->problems, at,
		    "cannot search for \"%s\": %s", pattern,
		    rc == GLOB_NOSPACE ? strerror(ENOMEM)
				       : "a folder on its way is unreadable");
	for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++)
		include_file(reader, by, found.gl_pathv[i], at);
	globfree(&found);
}

static void
include(struct reader *reader, const struct chain *by, const char *name,
    const struct place *at)
{
	if (strpbrk(name, "*?[") != NULL)
		include_pattern(reader, by, name, at);
	else
		include_file(reader, by, below_folder(reader, by, name, false),
		    at);
}

/* `include` has been read; what follows it must be a name, on its line. */
static void
read_include(struct reader *reader, struct lexer *lexer, const struct chain *by,
    const struct place *at)
{
	struct lexer before = *lexer;
	struct token name = lexer_next(lexer);

	if (name.kind == TOKEN_BAD)
		return;
	if ((name.kind != TOKEN_WORD && name.kind != TOKEN_STRING) ||
	    name.at.line != at->line) {
		*lexer = before;
		problem_add(reader->problems, at,
		    "include wants a file or a pattern: include "
		    "\"conf.d/*.conf\"");
	} else if (by == NULL) {
		problem_add(reader->problems, at,
		    "include has no place here, but in files alone");
	} else if (by->depth == READER_DEPTH) {
		problem_add(reader->problems, at,
		    "includes nest deeper than %d", READER_DEPTH);
	} else {
		include(reader, by, confuse_unquote(reader->memory, &name), at);
	}
}

/* Braces that are open in a file. */
struct braces {
	struct place *v;
	size_t n;
};

static bool
balance(struct reader *reader, struct braces *open, const struct token *token)
{
	if (token->kind == TOKEN_OPEN) {
		open->v = memory_grow(reader->memory, open->v, open->n,
		    sizeof(*open->v));
		open->v[open->n++] = token->at;
	} else if (token->kind == TOKEN_CLOSE) {
		if (open->n == 0) {
			problem_add(reader->problems, &token->at,
			    "no section is open here that \"}\" could close");
			return false;
		}
		open->n--;
	}
	return true;
}

static void
read_tokens(struct reader *reader, struct lexer *lexer,
    const struct chain *chain)
{
	struct braces open = { 0 };
	struct token token;
	bool value = false; /* what comes is one, behind "=" */

	for (;;) {
		lexer->order = reader->n_tokens;
		token = lexer_next(lexer);
		if (token.kind == TOKEN_END)
			break;
		if (!value && token_is(&token, "include")) {
			read_include(reader, lexer, chain, &token.at);
			continue;
		}
		value = token.kind == TOKEN_EQUALS;
		if (token.kind == TOKEN_SEMICOLON && chain != NULL)
			problem_add(reader->problems, &token.at,
			    "no \";\" is wanted: a directive ends with its "
			    "line");
		if (!balance(reader, &open, &token))
			continue;
		reader->tokens = memory_grow(reader->memory, reader->tokens,
		    reader->n_tokens, sizeof(*reader->tokens));
		reader->tokens[reader->n_tokens++] = token;
	}
	for (size_t i = 0; i < open.n; i++)
		problem_add(reader->problems, &open.v[i],
		    "the section that begins here is not closed: \"}\" is "
		    "missing");
}

void
reader_init(struct reader *reader, struct memory *memory,
    struct problems *problems)
{
	*reader = (struct reader){
		.memory = memory,
		.problems = problems,
		.tokens = memory_alloc(memory, sizeof(*reader->tokens)),
	};
}

void
reader_file(struct reader *reader, const char *path)
{
	struct chain chain = { .file.path = path };
	struct place at = { path, 1, reader->n_tokens };

	read_file(reader, &chain, &at);
}

void
reader_text(struct reader *reader, const char *name, const char *text)
{
	struct lexer lexer;

	lexer_init(&lexer, text, name, reader->problems);
	read_tokens(reader, &lexer, NULL);
}

void
reader_body(struct reader *reader, const struct config_section *section)
{
	struct lexer lexer;

	lexer_init(&lexer, section->body, section->file, reader->problems);
	lexer.line = section->line;
	if (section->n_lines > 0) {
		lexer.line = 1;
		lexer.lines = section->lines;
		lexer.n_lines = section->n_lines;
	}
	read_tokens(reader, &lexer, NULL);
}
