/*
 * problem.c - what is wrong with a config, in the order of the files
 *
 * Runs wherever a config is read: master, checker, worker.
 */
#include <config.h>

#include "config/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "config/memory.h"

static void
message_add(struct config_messages *m, char *text)
{
	char **larger = realloc(m->text, (m->n + 1) * sizeof(*larger));

	if (text == NULL || larger == NULL)
		log_fatal("no memory left for what is wrong with the "
			  "configuration");
	larger[m->n++] = text;
	m->text = larger;
}

void
config_message(struct config_messages *m, const char *file, int line,
    const char *fmt, ...)
{
	char *what = NULL, *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&what, fmt, args) == -1)
		what = NULL;
	va_end(args);
	if (file == NULL || what == NULL) {
		message_add(m, what);
		return;
	}
	if (asprintf(&text, "%s:%d: %s", file, line, what) == -1)
		text = NULL;
	free(what);
	message_add(m, text);
}

void
config_messages_free(struct config_messages *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->text[i]);
	free(m->text);
	m->text = NULL;
	m->n = 0;
}

void
problem_add(struct problems *problems, const struct place *at, const char *fmt,
    ...)
{
	const char *text;
	va_list args;
	size_t i;

	va_start(args, fmt);
	text = memory_vprintf(problems->memory, fmt, args);
	va_end(args);
	problems->v = memory_grow(problems->memory, problems->v, problems->n,
	    sizeof(*problems->v));
	for (i = problems->n++; i > 0; i--) {
		if (problems->v[i - 1].at.order <= at->order)
			break;
		problems->v[i] = problems->v[i - 1];
	}
	problems->v[i] = (struct problem){ *at, text };
}

void
problems_tell(const struct problems *problems,
    struct config_messages *ret_errors)
{
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->v[i];

		if (i == PROBLEMS_TOLD) {
			config_message(ret_errors, p->at.file, p->at.line,
			    "here and below are %zu problems more",
			    problems->n - i);
			break;
		}
		config_message(ret_errors, p->at.file, p->at.line, "%s",
		    p->text);
	}
}
