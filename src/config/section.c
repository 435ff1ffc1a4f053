/*
 * section.c - the body of a service's section, parsed with its own directives
 *
 * Runs in the checker and in workers.
 */
#include <config.h>

#include "config/section.h"

#include <string.h>

#include "config/memory.h"
#include "config/reader.h"
#include "config/setting.h"

static const enum value_type value_types[] = {
	[SECTION_STRING] = VALUE_STRING,
	[SECTION_PATH] = VALUE_PATH,
	[SECTION_BOOL] = VALUE_BOOL,
	[SECTION_INT] = VALUE_INT,
	[SECTION_SIZE] = VALUE_SIZE,
	[SECTION_TIME] = VALUE_TIME,
	[SECTION_STRINGS] = VALUE_STRINGS,
};

static struct directive *
table_of(const struct section_directive *directives, size_t n,
    struct memory *memory)
{
	struct directive *table =
	    memory_alloc(memory, (n + 1) * sizeof(*table));

	for (size_t i = 0; i < n; i++) {
		table[i].name = directives[i].name;
		table[i].type = value_types[directives[i].type];
		table[i].min = directives[i].min;
		table[i].max = directives[i].max;
		table[i].fallback = directives[i].fallback;
	}
	return table;
}

/* Strings outlive the parse: they belong to the process. */
static struct memory *
lasting_memory(void)
{
	static struct memory *memory;

	if (memory == NULL)
		memory = memory_new();
	return memory;
}

bool
section_parse(const struct config_section *section,
    const struct section_directive *directives, size_t n_directives,
    const char *prefix, struct config_messages *errors)
{
	struct memory *scratch = memory_new();
	struct problems problems = { .memory = scratch };
	struct setting_context context = { prefix, lasting_memory(),
		&problems };
	struct reader reader;
	struct place at = { section->file, section->line, 0 };
	struct kind kind = {
		.where =
		    memory_printf(scratch, "in service \"%s\"", section->name),
		.directives = table_of(directives, n_directives, scratch),
		.n_directives = n_directives,
	};
	bool done;

	reader_init(&reader, scratch, &problems);
	reader_body(&reader, section);
	if (problems.n == 0) {
		const struct scope *body = outline_read(&kind, &at,
		    reader.tokens, reader.n_tokens, &problems);

		for (size_t i = 0; i < n_directives; i++) {
			const struct directive *d = &kind.directives[i];

			setting_default(d, &at, &context, directives[i].value);
			setting_apply(body, d, &context, directives[i].value);
		}
	}
	problems_tell(&problems, errors);
	done = problems.n == 0;
	memory_free(&scratch);
	return done;
}
