/*
 * include.c - files that include others
 */
#include <config.h>

#include "sandbox.h"

#define L "listener \"a\" { address = \"127.0.0.1:1\" }\n"

static void
test_plain(void)
{
	struct config *c;

	sandbox_write("one.conf", "workers = 3\n");
	sandbox_write("two.conf", "x = 1 # no\n\ny = 2");
	sandbox_write("limits.conf", "max_deadline = 1s");
	c = sandbox_good(L "include one.conf\n"
			   "service a.B {\n"
			   "  w = 0\n"
			   "  include \"two.conf\"\n"
			   "  z = 3\n"
			   "  limits { include 'limits.conf' }\n"
			   "}\n",
	    NULL);
	is_int(3, c->main.workers, "a file at the top");
	is_text("w = 0\nx = 1\ny = 2\nz = 3", c->services[0].body,
	    "in a service's body");
	is_text(sandbox_path("main.conf"), c->services[0].lines[0].file,
	    "whose lines have their files");
	is_text(sandbox_path("two.conf"), c->services[0].lines[1].file,
	    "of the included");
	is_int(3, c->services[0].lines[2].line, "and their lines");
	is_int(6, c->services[0].lines[3].line, "and go on");
	is_int(1000, c->services[0].limits.max_deadline, "in limits");
	config_free(&c);
}

static void
test_patterns(void)
{
	struct config *c;

	mkdir(sandbox_path("c[d]"), 0700);
	sandbox_write("c[d]/20.conf", "service a.Two { }\n");
	sandbox_write("c[d]/10.conf", "service a.One { }\n");
	sandbox_write("c[d]/9.conf~", "no text of ours\n");
	sandbox_write("c[d]/all.inc", "include \"*.conf\"\n");
	sandbox_write("c[d]/none.inc", "");
	setenv("CONFIG_TEST", "none", 1);
	c = sandbox_good(L "include \"c[[]d]/all.inc\"\n"
			   "include \"nothing/*.conf\"\n"
			   "include \"c[[]d]/*.nothing\"\n"
			   "include \"c[[]d]/${CONFIG_TEST}.inc\"\n",
	    NULL);
	is_int(2, c->n_services, "a pattern, in a folder of an odd name");
	is_text("a.One", c->services[0].name, "sorted: first");
	is_text("a.Two", c->services[1].name, "sorted: second");
	config_free(&c);
}

static void
test_faults(void)
{
	sandbox_write("main.conf", "workers = 1\ninclude \"no.conf\"\n" L);
	sandbox_refuses(NULL,
	    "main.conf:2: cannot read no.conf: No such file or directory",
	    "a plain name must be there");

	mkdir(sandbox_path("folder"), 0700);
	mkdir(sandbox_path("folder/x.conf"), 0700);
	sandbox_write("main.conf", L "\ninclude folder\n");
	sandbox_refuses(NULL,
	    "main.conf:3: cannot read folder: it is a directory; a file is "
	    "wanted",
	    "a folder");
	sandbox_write("main.conf", L "include \"folder/*.conf\"\n");
	sandbox_refuses(NULL,
	    "main.conf:2: cannot read folder/x.conf: it is a directory; a "
	    "file is wanted",
	    "a folder of a pattern");

	mkfifo(sandbox_path("fifo"), 0600);
	sandbox_write("main.conf", L "include fifo\n");
	sandbox_refuses(NULL,
	    "main.conf:2: cannot read fifo: it is no regular file",
	    "a FIFO, without waiting");

	sandbox_write("main.conf", L "include\nx.conf\n");
	sandbox_refuses(NULL,
	    "main.conf:2: include wants a file or a pattern: include "
	    "\"conf.d/*.conf\"",
	    "no name");
	sandbox_write("main.conf", L "include = \"x.conf\"\n");
	sandbox_refuses(NULL,
	    "main.conf:2: include wants a file or a pattern: include "
	    "\"conf.d/*.conf\"",
	    "as a directive");
	sandbox_write("main.conf", L "include *.conf\n");
	sandbox_refuses(NULL,
	    "main.conf:2: *.conf must stand in quotes: \"*.conf\"",
	    "a pattern without quotes");
}

/* Faults in an included file are told with that file's lines. */
static void
test_places(void)
{
	sandbox_write("main.conf",
	    "wokers = 1\ninclude \"in.conf\"\nworkers = 2\n" L);
	sandbox_write("in.conf", "\nworkers = none\nlog_levle = info\n");
	sandbox_refuses(NULL,
	    "main.conf:1: unknown directive \"wokers\" at the top of the file: "
	    "did you mean \"workers\"?\n"
	    "in.conf:2: workers: \"none\" is not a number (auto, or 1 to "
	    "1024)\n"
	    "in.conf:3: unknown directive \"log_levle\" at the top of the "
	    "file: did you mean \"log_level\"?\n"
	    "main.conf:3: duplicate workers: it has a value from in.conf:2 "
	    "already",
	    "across files, in order");

	sandbox_write("in.conf", "# x\nlistener b {\n");
	sandbox_write("main.conf", L "include in.conf\n}\n");
	sandbox_refuses(NULL,
	    "in.conf:2: the section that begins here is not closed: \"}\" is "
	    "missing\n"
	    "main.conf:3: no section is open here that \"}\" could close",
	    "braces are balanced in each file");

	sandbox_write("in.conf", "include \"deeper/no.conf\"\n");
	sandbox_write("main.conf", L "include in.conf\n");
	sandbox_refuses(NULL,
	    "in.conf:1: cannot read deeper/no.conf: No such file or directory",
	    "a nested include that fails");
}

static void
test_circles(void)
{
	char name[32], text[64];

	sandbox_write("main.conf", L "include a.conf\n");
	sandbox_write("a.conf", "\ninclude b.conf\n");
	sandbox_write("b.conf", "include \"./a.conf\"\n");
	sandbox_refuses(NULL,
	    "b.conf:1: files that include each other have no end: a.conf -> "
	    "b.conf -> ./a.conf",
	    "a circle");
	sandbox_write("main.conf", "include main.conf\n");
	sandbox_refuses(NULL,
	    "main.conf:1: files that include each other have no end: main.conf "
	    "-> main.conf",
	    "a circle of one");

	sandbox_write("main.conf", L "include d0\n");
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		snprintf(text, sizeof(text), "include d%d\n", i + 1);
		sandbox_write(name, text);
	}
	sandbox_refuses(NULL, "d15:1: includes nest deeper than 16",
	    "too deep");
	sandbox_write("d15", "workers = 7\n");
	{
		char *messages;
		struct config *c = sandbox_load(NULL, &messages);

		is_text("", messages, "just deep enough");
		is_int(7, c == NULL ? 0 : c->main.workers, "is read");
		config_free(&c);
		free(messages);
	}
}

/* The file itself, as it may be given with -c. */
static void
test_first(void)
{
	const char *file = sandbox_path("main.conf");

	unlink(file);
	sandbox_refuses(NULL,
	    "main.conf:1: cannot read main.conf: No such file or directory",
	    "no file");
	mkdir(file, 0700);
	sandbox_refuses(NULL,
	    "main.conf:1: cannot read main.conf: it is a directory; a file is "
	    "wanted",
	    "a folder");
	rmdir(file);
	sandbox_write("main.conf", L);
	if (geteuid() != 0) {
		chmod(file, 0);
		sandbox_refuses(NULL,
		    "main.conf:1: cannot read main.conf: Permission denied",
		    "no permission");
		unlink(file);
	}
}

static void
test_size(void)
{
	size_t len = ((size_t)16 << 20) + 1;
	char *text = malloc(len);

	memset(text, ' ', len);
	sandbox_write_bytes("main.conf", text, len);
	free(text);
	sandbox_refuses(NULL,
	    "main.conf:1: cannot read main.conf: with it the configuration is "
	    "larger than 16m",
	    "too large");
}

int
main(void)
{
	test_plain();
	test_patterns();
	test_faults();
	test_places();
	test_circles();
	test_first();
	test_size();
	return done();
}
