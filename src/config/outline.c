/*
 * outline.c - the statements of a configuration: sections and settings
 *
 * Runs wherever a config is read: master, checker, worker.  What is known and
 * right goes on to libconfuse as text; what is not is told and left out, so
 * that the rest of the file is looked at as well.
 */
#include <config.h>

#include "config/outline.h"

#include <string.h>

#include "config/advice.h"
#include "config/confuse.h"
#include "config/memory.h"

struct outline {
	const struct token *next, *end;
	struct problems *problems;
	struct flat *text; /* for libconfuse */
};

/* The token n behind the next. */
static const struct token *
ahead(const struct outline *o, size_t n)
{
	static const struct token end = { .kind = TOKEN_END, .text = "" };

	return (size_t)(o->end - o->next) > n ? o->next + n : &end;
}

static bool
is_value(const struct token *token)
{
	return token->kind == TOKEN_WORD || token->kind == TOKEN_STRING;
}

static bool
same_line(const struct token *a, const struct token *b)
{
	return a->at.line == b->at.line && a->at.file == b->at.file;
}

/* Passes over a section's content and its "}". */
static void
skip_section(struct outline *o)
{
	for (size_t depth = 1; depth > 0 && o->next < o->end; o->next++) {
		depth += o->next->kind == TOKEN_OPEN;
		depth -= o->next->kind == TOKEN_CLOSE;
	}
}

/* Passes over the rest of a line, and over what opens there. */
static void
skip_statement(struct outline *o)
{
	const struct token *first = o->next;

	while (o->next < o->end && same_line(o->next, first) &&
	       o->next->kind != TOKEN_CLOSE &&
	       o->next->kind != TOKEN_SEMICOLON) {
		if ((o->next++)->kind == TOKEN_OPEN)
			skip_section(o);
	}
}

static const struct directive *
find_directive(const struct kind *kind, const struct token *name)
{
	return kind_directive(kind, name->text, name->len);
}

static const struct kind *
find_child(const struct kind *kind, const struct token *name)
{
	return kind_child(kind, name->text, name->len);
}

static struct scope *
scope_new(const struct kind *kind, const struct place *at,
    struct memory *memory)
{
	struct scope *scope = memory_alloc(memory, sizeof(*scope));

	scope->kind = kind;
	scope->at = *at;
	scope->title = kind->title == NULL ? NULL : "";
	scope->settings = memory_alloc(memory,
	    (kind->n_directives + 1) * sizeof(*scope->settings));
	STAILQ_INIT(&scope->children);
	flat_init(&scope->body, memory, at);
	return scope;
}

/* Does the value that is the third token go on with words of no meaning? */
static bool
value_goes_on(const struct outline *o)
{
	const struct token *more = ahead(o, 3), *behind = ahead(o, 4);

	return is_value(more) && same_line(more, ahead(o, 2)) &&
	       !(more->kind == TOKEN_WORD &&
		   (behind->kind == TOKEN_EQUALS ||
		       behind->kind == TOKEN_OPEN ||
		       (is_value(behind) && ahead(o, 5)->kind == TOKEN_OPEN)));
}

/*
 * The tokens of a list, { "a", "b" }, that begins n behind the next, its braces
 * among them; 0 if it is none.
 */
static size_t
list_length(const struct outline *o, size_t n)
{
	size_t first = n++;

	if (ahead(o, first)->kind != TOKEN_OPEN)
		return 0;
	while (is_value(ahead(o, n))) {
		n++;
		if (ahead(o, n)->kind != TOKEN_COMMA)
			break;
		n++;
	}
	return ahead(o, n)->kind == TOKEN_CLOSE ? n + 1 - first : 0;
}

/* The tokens of the value that a directive has; 0 if there is none. */
static size_t
value_length(const struct outline *o, const struct directive *directive)
{
	if (!same_line(ahead(o, 2), ahead(o, 1)))
		return 0;
	if (is_value(ahead(o, 2)))
		return 1;
	return directive_is_list(directive) ? list_length(o, 2) : 0;
}

/* NAME = VALUE */
static void
read_setting(struct outline *o, struct scope *scope)
{
	const struct token *name = o->next;
	const struct directive *directive = find_directive(scope->kind, name);
	size_t len = directive == NULL ? 0 : value_length(o, directive);
	struct setting *setting;

	if (len == 0) {
		advise(o->problems, scope->kind, name);
		skip_statement(o);
		return;
	}
	setting = &scope->settings[directive - scope->kind->directives];
	if (len == 1 && value_goes_on(o)) {
		problem_add(o->problems, &name->at,
		    directive_is_list(directive)
			? "%s is a list: { \"...\", \"...\" }"
			: "%s has one value: several words must stand in "
			  "quotes",
		    directive->name);
		skip_statement(o);
		return;
	}
	if (setting->given) {
		problem_add(o->problems, &name->at,
		    "duplicate %s: it has a value from %s:%d already",
		    directive->name, setting->at.file, setting->at.line);
	} else {
		setting->given = true;
		setting->at = name->at;
		for (size_t i = 0; i < 2 + len; i++)
			flat_token(o->text, name + i);
	}
	o->next += 2 + len;
}

static void read_child(struct outline *o, struct scope *parent);

/* The body that belongs to a service, up to its "}". */
static void
read_foreign(struct outline *o, struct scope *scope)
{
	size_t depth = 0;

	while (o->next < o->end) {
		const struct token *token = o->next;

		if (depth == 0 && token->kind == TOKEN_CLOSE)
			return;
		if (depth == 0 && token->kind == TOKEN_WORD &&
		    ahead(o, 1)->kind == TOKEN_OPEN &&
		    find_child(scope->kind, token) != NULL) {
			read_child(o, scope);
			continue;
		}
		depth += token->kind == TOKEN_OPEN;
		depth -= token->kind == TOKEN_CLOSE;
		flat_token(&scope->body, token);
		o->next++;
	}
}

/* Statements up to the end, or to the "}" of their section. */
static void
read_statements(struct outline *o, struct scope *scope)
{
	while (o->next < o->end && o->next->kind != TOKEN_CLOSE) {
		const struct token *name = o->next;

		if (name->kind == TOKEN_SEMICOLON) {
			o->next++;
		} else if (name->kind != TOKEN_WORD) {
			problem_add(o->problems, &name->at,
			    "here should be the name of a directive, not %.*s",
			    TOKEN_SHOWN(name));
			skip_statement(o);
		} else if (ahead(o, 1)->kind == TOKEN_EQUALS) {
			read_setting(o, scope);
		} else if (ahead(o, 1)->kind == TOKEN_OPEN ||
			   (is_value(ahead(o, 1)) &&
			       ahead(o, 2)->kind == TOKEN_OPEN)) {
			read_child(o, scope);
		} else {
			advise(o->problems, scope->kind, name);
			skip_statement(o);
		}
	}
}

static void
check_child(struct outline *o, const struct scope *parent,
    const struct kind *kind, const struct token *title)
{
	const struct token *name = o->next;
	const struct scope *same = scope_child(parent, kind, NULL);

	if (kind->title != NULL ? title == NULL : title != NULL)
		advise(o->problems, parent->kind, name);
	else if (kind->title == NULL && same != NULL)
		problem_add(o->problems, &name->at,
		    "duplicate %s: they are set at %s:%d already", kind->name,
		    same->at.file, same->at.line);
}

/* NAME { ... } or NAME TITLE { ... } */
static void
read_child(struct outline *o, struct scope *parent)
{
	const struct token *name = o->next;
	const struct token *title = is_value(name + 1) ? name + 1 : NULL;
	const struct token *open = title == NULL ? name + 1 : name + 2;
	const struct kind *kind = find_child(parent->kind, name);
	struct scope *scope;

	if (kind == NULL) {
		advise(o->problems, parent->kind, name);
		o->next = open + 1;
		skip_section(o);
		return;
	}
	check_child(o, parent, kind, title);
	scope = scope_new(kind, &name->at, o->problems->memory);
	STAILQ_INSERT_TAIL(&parent->children, scope, next);
	flat_token(o->text, name);
	flat_token(o->text, open);
	if (title != NULL && kind->title != NULL) {
		flat_word(o->text, CONFUSE_TITLE " =", &title->at);
		flat_token(o->text, title);
	}
	o->next = open + 1;
	if (kind->foreign)
		read_foreign(o, scope);
	else
		read_statements(o, scope);
	flat_token(o->text, ahead(o, 0));
	o->next++;
}

struct scope *
outline_read(const struct kind *kind, const struct place *at,
    const struct token *tokens, size_t n_tokens, struct problems *problems)
{
	struct scope *scope = scope_new(kind, at, problems->memory);
	struct flat text;
	struct outline o = { tokens, tokens + n_tokens, problems, &text };

	flat_init(&text, problems->memory, at);
	read_statements(&o, scope);
	confuse_read(scope, &text, problems);
	return scope;
}

const struct scope *
scope_child(const struct scope *scope, const struct kind *kind,
    const struct scope *after)
{
	const struct scope *child = after == NULL
					? STAILQ_FIRST(&scope->children)
					: STAILQ_NEXT(after, next);

	while (child != NULL && child->kind != kind)
		child = STAILQ_NEXT(child, next);
	return child;
}

const char *
scope_where(const struct scope *scope, struct memory *memory)
{
	if (scope->title == NULL)
		return scope->kind->where;
	return memory_printf(memory, "in %s \"%s\"", scope->kind->name,
	    scope->title);
}

size_t
scope_children(const struct scope *scope, const struct kind *kind)
{
	size_t n = 0;

	for (const struct scope *child = scope_child(scope, kind, NULL);
	     child != NULL; child = scope_child(scope, kind, child))
		n++;
	return n;
}

const struct setting *
scope_setting(const struct scope *scope, const char *name)
{
	const struct directive *directive =
	    kind_directive(scope->kind, name, strlen(name));

	return &scope->settings[directive - scope->kind->directives];
}
