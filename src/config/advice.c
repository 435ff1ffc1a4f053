/*
 * advice.c - what to say of a statement that is none
 *
 * Runs wherever a config is read: master, checker, worker.
 */
#include <config.h>

#include "config/advice.h"

#include "base/text.h"
#include "config/memory.h"

#define NAMES_TOLD 8 /* in a message, at most */

/* Where a name that a kind does not know has its place; NULL: nowhere. */
static const char *
home_of(const struct token *name)
{
	static const struct {
		const struct kind *kind;
		const char *place;
	} homes[] = {
		{ &kind_main, "at the top of the file" },
		{ &kind_listener, "in a listener" },
		{ &kind_tls, "in the tls section of a listener" },
		{ &kind_method, "in a service or method" },
		{ &kind_call_limits, "in a section limits" },
		{ &kind_limits, "in limits at the top or in a listener" },
	};

	for (size_t i = 0; i < sizeof(homes) / sizeof(*homes); i++) {
		const struct kind *kind = homes[i].kind;

		if (kind_directive(kind, name->text, name->len) != NULL ||
		    (i == 0 && kind_child(kind, name->text, name->len) != NULL))
			return homes[i].place;
	}
	return NULL;
}

/* All that may begin a statement; the number in ret_n. */
static const char **
names_of(const struct kind *kind, struct memory *memory, size_t *ret_n)
{
	size_t n = 0;
	const char **names = memory_alloc(memory,
	    (kind->n_directives + kind->n_children + 1) * sizeof(*names));

	for (size_t i = 0; i < kind->n_directives; i++)
		names[n++] = kind->directives[i].name;
	for (size_t i = 0; i < kind->n_children; i++)
		names[n++] = kind->children[i]->name;
	if (kind == &kind_main)
		names[n++] = "include";
	*ret_n = n;
	return names;
}

/* What to do about a name that resembles none: the names, if they are few. */
static const char *
advice_of(const char *const *names, size_t n, struct memory *memory)
{
	const char *list = "known are ";

	if (n == 0)
		return "none is known there";
	if (n > NAMES_TOLD)
		return "grpcd.conf(5) lists those that there are";
	for (size_t i = 0; i < n; i++)
		list = memory_printf(memory, "%s%s%s", list, i == 0 ? "" : ", ",
		    names[i]);
	return list;
}

static void
tell_unknown(struct problems *problems, const struct kind *kind,
    const struct token *token)
{
	struct memory *memory = problems->memory;
	const char *name = memory_copy(memory, token->text, token->len);
	const char *home = home_of(token);
	size_t n;
	const char **names = names_of(kind, memory, &n);
	const char *nearest = text_nearest(name, names, n);

	if (nearest != NULL && home == NULL)
		problem_add(problems, &token->at,
		    "unknown directive \"%s\" %s: did you mean \"%s\"?", name,
		    kind->where, nearest);
	else if (home != NULL)
		problem_add(problems, &token->at,
		    "\"%s\" has no place %s: it belongs %s", name, kind->where,
		    home);
	else
		problem_add(problems, &token->at,
		    "unknown directive \"%.*s\" %s: %s", TOKEN_SHOWN(token),
		    kind->where, advice_of(names, n, memory));
}

void
advise(struct problems *problems, const struct kind *kind,
    const struct token *name)
{
	const struct directive *directive =
	    kind_directive(kind, name->text, name->len);
	const struct kind *child = kind_child(kind, name->text, name->len);

	if (directive != NULL)
		problem_add(problems, &name->at, "%s wants a value: %s = %s",
		    directive->name, directive->name,
		    directive->fallback == NULL || *directive->fallback == '\0'
			? "..."
			: directive->fallback);
	else if (child == NULL)
		tell_unknown(problems, kind, name);
	else if (child->title == NULL)
		problem_add(problems, &name->at, "%s is a section: %s { ... }",
		    child->name, child->name);
	else
		problem_add(problems, &name->at,
		    "%s is a section, with a name: %s \"%s\" { ... }",
		    child->name, child->name, child->title);
}
