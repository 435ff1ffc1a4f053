/*
 * reader.c - the files of a configuration, as one row of tokens
 *
 * Runs in the master and, for bodies of sections, in checker and workers.  It
 * must never block or end the process, whatever a path leads to.
 */
#include <config.h>

#include "config/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "config/confuse.h"
#include "config/memory.h"

/* A file that is being read, and that which includes it. */
struct chain {
	const struct chain *by;
	const char *path;
	dev_t dev;
	ino_t ino;
	unsigned depth;
};

static void read_tokens(struct reader *reader, struct lexer *lexer,
    const struct chain *chain);

/* Reads to the end of fd; NULL, or why not. */
static const char *
read_all(struct reader *reader, int fd, struct buffer *into)
{
	ssize_t got;

	do {
		uint8_t *room = buffer_reserve(into, 4096);

		if (room == NULL)
			return strerror(ENOMEM);
		got = read(fd, room, 4096);
		if (got == -1 && errno != EINTR)
			return strerror(errno);
		if (got > 0) {
			buffer_added(into, (size_t)got);
			reader->bytes += (size_t)got;
		}
		if (reader->bytes > READER_BYTES)
			return "with it the configuration is larger than 16m";
	} while (got != 0);
	return NULL;
}

/* Opens a regular file and nothing else; NULL, or why not. */
static const char *
open_file(struct chain *chain, int *ret_fd)
{
	struct stat st;
	const char *why = NULL;
	/* Non-blocking: the open of a FIFO would wait for its writer. */
	int fd =
	    open(chain->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return strerror(errno);
	if (fstat(fd, &st) == -1)
		why = strerror(errno);
	else if (S_ISDIR(st.st_mode))
		why = "it is a directory; a file is wanted";
	else if (!S_ISREG(st.st_mode))
		why = "it is no regular file";
	if (why != NULL) {
		close(fd);
		return why;
	}
	chain->dev = st.st_dev;
	chain->ino = st.st_ino;
	*ret_fd = fd;
	return NULL;
}

/* Sees that the bytes are text, with lines that end in "\n" alone. */
static bool
check_text(struct reader *reader, const char *path, char *text, size_t len)
{
	struct place at = { path, 1, reader->n_tokens };
	const char *zero = memchr(text, '\0', len);
	char *to = text;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		problem_add(reader->problems, &at,
		    "the file begins with a byte order mark: save it as UTF-8 "
		    "without one");
		return false;
	}
	if (zero != NULL) {
		for (const char *c = text; c < zero; c++)
			at.line += *c == '\n';
		problem_add(reader->problems, &at,
		    "there is a zero byte: this is no text file");
		return false;
	}
	for (const char *c = text; *c != '\0'; c++) {
		if (c[0] != '\r' || c[1] != '\n')
			*to++ = *c;
	}
	*to = '\0';
	return true;
}

static void
lex_file(struct reader *reader, const struct chain *chain,
    const struct buffer *bytes)
{
	struct place at = { chain->path, 1, reader->n_tokens };
	size_t len = buffer_length(bytes);
	struct lexer lexer;
	char *text;

	if (len == 0) {
		if (chain->by == NULL)
			problem_add(reader->problems, &at,
			    "the file is empty: at least one listener is "
			    "needed");
		return;
	}
	text = memory_copy(reader->memory, buffer_bytes(bytes), len);
	if (!check_text(reader, chain->path, text, len))
		return;
	lexer_init(&lexer, text, chain->path, reader->problems);
	read_tokens(reader, &lexer, chain);
}

/* True, with the whole circle told, if a file is being read already. */
static bool
is_circle(struct reader *reader, const struct chain *chain,
    const struct place *at)
{
	const struct chain *c = chain->by;
	const char *circle = chain->path;

	while (c != NULL && (c->dev != chain->dev || c->ino != chain->ino)) {
		circle =
		    memory_printf(reader->memory, "%s -> %s", c->path, circle);
		c = c->by;
	}
	if (c == NULL)
		return false;
	problem_add(reader->problems, at,
	    "files that include each other have no end: %s -> %s", c->path,
	    circle);
	return true;
}

/* at is where the file is asked for: the include, or its own first line. */
static void
read_file(struct reader *reader, struct chain *chain, const struct place *at)
{
	struct buffer bytes = BUFFER_INIT;
	const char *why;
	int fd = -1;

	why = open_file(chain, &fd);
	if (why == NULL && !is_circle(reader, chain, at)) {
		why = read_all(reader, fd, &bytes);
		if (why == NULL)
			lex_file(reader, chain, &bytes);
	}
	if (why != NULL)
		problem_add(reader->problems, at, "cannot read %s: %s",
		    chain->path, why);
	buffer_release(&bytes);
	if (fd != -1)
		close(fd);
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
	size_t folder = (size_t)(strrchr(by->path, '/') + 1 - by->path);
	char *out = memory_alloc(reader->memory, 2 * folder + strlen(name) + 1);
	char *to = out;

	if (*name == '/')
		return name;
	for (size_t i = 0; i < folder; i++) {
		if (escape && strchr("*?[\\", by->path[i]) != NULL)
			*to++ = '\\';
		*to++ = by->path[i];
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
		.path = memory_copy(reader->memory, path, strlen(path)),
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
	struct chain chain = { .path = path };
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
