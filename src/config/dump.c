/*
 * dump.c - writes the effective config as a file that reads the same
 *
 * Runs in the program that prints its configuration (-T).  Limits are
 * written in the sections that set them.
 */
#include <config.h>

#include "config/config.h"

#include <string.h>

#include "config/memory.h"
#include "config/table.h"
#include "config/value.h"

struct dump {
	FILE *out;
	struct memory *memory;
};

static void
dump_value(const struct dump *dump, const struct directive *directive,
    const void *record, const char *indent)
{
	const void *source = (const char *)record + directive->offset;

	fprintf(dump->out, "%s%s = %s\n", indent, directive->name,
	    value_text(directive, source, dump->memory));
}

static void
dump_values(const struct dump *dump, const struct kind *kind,
    const void *record, const char *indent)
{
	for (size_t i = 0; i < kind->n_directives; i++)
		dump_value(dump, &kind->directives[i], record, indent);
}

/* Those that the section sets itself, be they what it would inherit. */
static void
dump_limits(const struct dump *dump, const struct config_limits *limits)
{
	if (limits->given == 0)
		return;
	fputs("\tlimits {\n", dump->out);
	for (size_t i = 0; i < kind_limits.n_directives; i++)
		if (config_gives(limits, (enum config_limit)i))
			dump_value(dump, &kind_limits.directives[i], limits,
			    "\t\t");
	fputs("\t}\n", dump->out);
}

static void
dump_listener(const struct dump *dump, const struct config_listener *listener)
{
	bool is_unix = address_is_unix(&listener->d.address.address);

	fprintf(dump->out, "\nlistener %s {\n",
	    value_quote(listener->name, dump->memory));
	for (size_t i = 0; i < kind_listener.n_directives; i++) {
		const struct directive *d = &kind_listener.directives[i];

		if (is_unix || !directive_is_unix(d))
			dump_value(dump, d, &listener->d, "\t");
	}
	if (listener->tls.on) {
		fputs("\ttls {\n", dump->out);
		dump_values(dump, &kind_tls, &listener->tls.d, "\t\t");
		fputs("\t}\n", dump->out);
	}
	dump_limits(dump, &listener->limits);
	fputs("}\n", dump->out);
}

static void
dump_body(const struct dump *dump, const char *body)
{
	bool goes_on = false; /* a string, from the line before */

	while (*body != '\0') {
		size_t len = strcspn(body, "\n");

		fprintf(dump->out, "%s%.*s\n", goes_on ? "" : "\t", (int)len,
		    body);
		goes_on = body[len - 1] == '\\';
		body += len + (body[len] == '\n');
	}
}

static void
dump_section(const struct dump *dump, const struct kind *kind,
    const struct config_section *section)
{
	fprintf(dump->out, "\n%s %s {\n", kind->name,
	    value_quote(section->name, dump->memory));
	dump_body(dump, section->body);
	dump_limits(dump, &section->limits);
	fputs("}\n", dump->out);
}

static void
dump_method(const struct dump *dump, const struct config_method *method)
{
	fprintf(dump->out, "\nmethod %s {\n",
	    value_quote(method->path, dump->memory));
	/* An empty list is another thing than none. */
	if (method->d.allow.v != NULL)
		dump_values(dump, &kind_method, &method->d, "\t");
	dump_limits(dump, &method->limits);
	fputs("}\n", dump->out);
}

void
config_dump(const struct config *config, FILE *out)
{
	struct dump dump = { out, memory_new() };

	dump_values(&dump, &kind_main, &config->main, "");
	fputs("\nlimits {\n", out);
	dump_values(&dump, &kind_limits, &config->limits, "\t");
	fputs("}\n", out);
	for (size_t i = 0; i < config->n_modules; i++)
		dump_section(&dump, &kind_module, &config->modules[i]);
	for (size_t i = 0; i < config->n_listeners; i++)
		dump_listener(&dump, &config->listeners[i]);
	for (size_t i = 0; i < config->n_services; i++)
		dump_section(&dump, &kind_service, &config->services[i]);
	for (size_t i = 0; i < config->n_methods; i++)
		dump_method(&dump, &config->methods[i]);
	memory_free(&dump.memory);
}
