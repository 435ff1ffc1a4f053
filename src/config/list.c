/*
 * list.c - the types of values that are lists: strings, files, secrets
 *
 * Runs wherever a config is read.  Files are read by the master, before it
 * serves and while it does, so that a key may be root's alone and workers need
 * no file at all.
 */
#include <config.h>

#include "config/list.h"

#include "config/file.h"
#include "config/memory.h"
#include "config/problem.h"

const char *
list_set_strings(const struct value_input *in, void *target)
{
	struct config_strings *strings = target;
	const char **v;

	*strings = (struct config_strings){ .v = NULL };
	if (in->items == NULL)
		return NULL;
	v = memory_alloc(in->memory, (in->n_items + 1) * sizeof(*v));
	for (size_t i = 0; i < in->n_items; i++) {
		if (*in->items[i] == '\0')
			return "\"\" is of no use in it";
		v[i] = memory_printf(in->memory, "%s", in->items[i]);
	}
	strings->v = v;
	strings->n = in->n_items;
	strings->file = memory_printf(in->memory, "%s", in->at->file);
	strings->line = in->at->line;
	return NULL;
}

static const char *
read_one(const struct value_input *in, const char *item, bool secret,
    struct config_file *ret)
{
	struct file file = { .path = value_absolute(in, item) };
	const char *why = *item == '\0' ? "it has no name"
					: file_load(&file, secret, in->memory);

	if (why != NULL)
		return memory_printf(in->memory,
		    "cannot read \"%s\": %s (it must be a file that whoever"
		    " starts grpcd may read)",
		    file.path, why);
	*ret = (struct config_file){ file.path, file.text, file.len };
	return NULL;
}

static const char *
set_files(const struct value_input *in, bool secret, void *target)
{
	struct config_file *v =
	    memory_alloc(in->memory, (in->n_items + 1) * sizeof(*v));
	const char *why = NULL;

	for (size_t i = 0; i < in->n_items && why == NULL; i++)
		why = read_one(in, in->items[i], secret, &v[i]);
	if (why == NULL)
		*(struct config_files *)target =
		    (struct config_files){ v, in->n_items };
	return why;
}

const char *
list_set_files(const struct value_input *in, void *target)
{
	return set_files(in, false, target);
}

const char *
list_set_secrets(const struct value_input *in, void *target)
{
	return set_files(in, true, target);
}

/* The list so far and one item more. */
static const char *
add_item(const char *list, const char *item, struct memory *memory)
{
	return memory_printf(memory, "%s%s %s", list,
	    list[1] == '\0' ? "" : ",", value_quote(item, memory));
}

const char *
list_text_strings(const struct config_strings *strings, struct memory *memory)
{
	const char *list = "{";

	for (size_t i = 0; i < strings->n; i++)
		list = add_item(list, strings->v[i], memory);
	return memory_printf(memory, "%s }", list);
}

const char *
list_text_files(const struct config_files *files, struct memory *memory)
{
	const char *list = "{";

	for (size_t i = 0; i < files->n; i++)
		list = add_item(list, files->v[i].path, memory);
	return memory_printf(memory, "%s }", list);
}
