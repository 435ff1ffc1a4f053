/*
 * dump.c - a dump reads as the config that it is of
 */
#include <config.h>

#include "sandbox.h"

static char *
dump(const struct config *config)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	config_dump(config, f);
	fclose(f);
	return text;
}

/* The dump of the dump is the same; returned to be freed. */
static char *
dump_twice(const char *text, const char *overrides)
{
	struct config *c = sandbox_good(text, overrides);
	char *first = dump(c), *second;

	config_free(&c);
	c = sandbox_good(first, NULL);
	second = dump(c);
	is_text(first, second, "a dump reads as what it dumps");
	config_free(&c);
	free(second);
	return first;
}

static const char all[] =
    "workers = 2 cpu_affinity = off user = root group = root\n"
    "error_log = \"a \\\"b\\\" \\${c} \\\\ \\x01\\xff\\n\"\n"
    "daemon = on log_level = debug graceful_timeout = 1500ms\n"
    "listener \"quo\\\"te\" {\n"
    "  address = \"[::1]:1\"\n"
    "  limits { max_deadline = 5s reset_rate = 33 }\n"
    "}\n"
    "listener unix { address = \"unix:x\" mode = 0640 owner = root }\n"
    "limits { max_message_size = 1k }\n"
    "module \"a.so\" { } module \"b.so\" { x=1 }\n"
    "service a.B {\n"
    "\n  # comment\n"
    "  one=1 two='2' limits { max_deadline = 7s }\n"
    "  three {\n    four = \"x\\\n  y\"\n  }\n"
    "}\n"
    "method /a.B/C { limits { max_deadline = 7s max_reply_size = 1m } }\n"
    "method /a.B/D { } method /a.B/E { allow = { \"uri:x:y\", any } }\n"
    "method /a.B/F { allow = { } }\n";

static void
test_all(void)
{
	static const char *const lines[] = {
		"workers = 3\n",
		"\ncpu_affinity = \"off\"\n",
		"\nuser = \"root\"\n",
		"\ndaemon = on\n",
		"\npid_file = \"/prefix/grpcd.pid\"\n",
		"\nerror_log = \"/prefix/a \\\"b\\\" \\${c} \\\\ "
		"\\x01\xff\\x0a\"\n",
		"\nlog_level = debug\n",
		"\nmodule_dir = \"" MODULEDIR "\"\n",
		"\ngraceful_timeout = 1500ms\n",
		"\nlimits {\n\tmax_message_size = 1k\n\tmax_reply_size = 64m\n",
		"\n\tmax_connections = 10000\n",
	};
	char *text = dump_twice(all, "workers = 3");
	const char *sections = strstr(text, "\nmodule \"a.so\" {") + 1;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		ok(strstr(text, lines[i]) != NULL, "line %zu", i);
	is_text("module \"a.so\" {\n"
		"}\n"
		"\nmodule \"b.so\" {\n"
		"\tx = 1\n"
		"}\n"
		"\nlistener \"quo\\\"te\" {\n"
		"\taddress = \"[::1]:1\"\n"
		"\tbacklog = 511\n"
		"\tlimits {\n"
		"\t\tmax_deadline = 5s\n"
		"\t\treset_rate = 33\n"
		"\t}\n"
		"}\n"
		"\nlistener \"unix\" {\n"
		"\taddress = \"unix:/prefix/x\"\n"
		"\tbacklog = 511\n"
		"\tmode = 0640\n"
		"\towner = \"root\"\n"
		"\towner_group = \"\"\n"
		"}\n"
		"\nservice \"a.B\" {\n"
		"\tone = 1 two = '2'\n"
		"\tthree {\n"
		"\tfour = \"x\\\n"
		"  y\"\n"
		"\t}\n"
		"\tlimits {\n"
		"\t\tmax_deadline = 7s\n"
		"\t}\n"
		"}\n"
		"\nmethod \"/a.B/C\" {\n"
		"\tlimits {\n"
		"\t\tmax_reply_size = 1m\n"
		"\t\tmax_deadline = 7s\n"
		"\t}\n"
		"}\n"
		"\nmethod \"/a.B/D\" {\n"
		"}\n"
		"\nmethod \"/a.B/E\" {\n"
		"\tallow = { \"uri:x:y\", \"any\" }\n"
		"}\n"
		"\nmethod \"/a.B/F\" {\n"
		"\tallow = { }\n"
		"}\n",
	    sections, "the sections");
	free(text);
}

/* Every row of the table, with the default that a dump shows. */
static void
test_directives(void)
{
	char *rows = NULL;
	size_t len, n = 0;
	FILE *f = open_memstream(&rows, &len);
	char source[500], *text;
	struct config *c;

	sandbox_write("pem", "");
	snprintf(source, sizeof(source),
	    "listener a { address = \"127.0.0.1:1\" tls {\n"
	    "certificate = \"%s/pem\" key = \"%s/pem\" } }\n"
	    "service a.B { } method /a.B/C { allow = any }\n",
	    sandbox(), sandbox());
	c = sandbox_good(source, NULL);
	text = dump(c);
	config_print_directives(f);
	fclose(f);
	for (char *row = strtok(rows, "\n"); row;
	     row = strtok(NULL, "\n"), n++) {
		char context[20], name[40], type[20], line[60];
		unsigned tabs = 0;

		for (const char *t = row; *t != '\0'; t++)
			tabs += *t == '\t';
		is_int(5, tabs, "six fields: %s", row);
		is_int(3, sscanf(row, "%19s %39s %19s", context, name, type),
		    "of which three are words");
		snprintf(line, sizeof(line), "%s = ", name);
		if (strstr(row, "Unix socket's file") == NULL)
			ok(strstr(text, line) != NULL, "%s is dumped", name);
	}
	ok(n > 20, "all directives");
	free(rows);
	free(text);
	config_free(&c);
}

int
main(void)
{
	test_all();
	test_directives();
	return done();
}
