/*
 * load.c - files that are right, and the values that they give
 */
#include <config.h>

#include "sandbox.h"

#define LISTENER "listener \"a\" { address = \"127.0.0.1:1\" }\n"

/* As it stands in the manual and the sample. */
static const char example[] =
    "workers          = 2            # or auto\n"
    "cpu_affinity     = auto         # off, or a list such as \"0,2-3\"\n"
    "pid_file         = \"grpcd.pid\"\n"
    "error_log        = \"stderr\"     # or a path\n"
    "log_level        = info\n"
    "graceful_timeout = 30s\n"
    "\n"
    "listener \"public\" {\n"
    "    address = \"127.0.0.1:50051\" # \"[::1]:50051\", \"*:50051\"\n"
    "    backlog = 511\n"
    "}\n"
    "service \"helloworld.Greeter\" {\n"
    "    greeting = \"Hello\"\n"
    "}\n";

static void
test_example(void)
{
	struct config *c = sandbox_good(example, NULL);

	is_int(2, c->main.workers, "workers");
	is_int(CONFIG_CPUS_AUTO, c->main.cpu_affinity.kind, "cpu_affinity");
	is_text("/prefix/grpcd.pid", c->main.pid_file, "pid_file");
	is_text("stderr", c->main.error_log, "error_log");
	is_int(LOG_LEVEL_INFO, c->main.log_level, "log_level");
	is_int(30000, c->main.graceful_timeout, "graceful_timeout");
	is_int(1, c->n_listeners, "one listener");
	is_text("public", c->listeners[0].name, "its name");
	is_int(8, c->listeners[0].line, "its line");
	is_text(sandbox_path("main.conf"), c->listeners[0].file, "its file");
	is_text("127.0.0.1:50051", c->listeners[0].d.address.text, "address");
	is_int(511, c->listeners[0].d.backlog, "backlog");
	is_int(1, c->n_services, "one service");
	is_text("helloworld.Greeter", c->services[0].name, "its name");
	is_text("greeting = \"Hello\"", c->services[0].body, "its body");
	is_int(1, c->services[0].n_lines, "of one line");
	is_int(13, c->services[0].lines[0].line, "which stands there");
	is_text("/prefix", c->prefix, "the prefix");
	is_text(sandbox_path("main.conf"), c->file, "the file");
	config_free(&c);
	ok(c == NULL, "freed and cleared");
}

static void
test_defaults(void)
{
	struct config *c = sandbox_good(LISTENER, NULL);

	is_int(0, c->main.workers, "workers = auto is 0");
	ok(!c->main.daemon, "daemon is off");
	ok(!c->main.user.set, "no user");
	ok(!c->main.group.set, "no group");
	is_text(MODULEDIR, c->main.module_dir, "module_dir is the build's");
	is_int(0666, c->listeners[0].d.mode, "mode is octal");
	is_int(4194304, c->limits.max_message_size, "a size");
	is_int(4194304, c->listeners[0].limits.max_message_size, "inherited");
	is_int(60000, c->main.send_timeout, "a time");
	is_int(0, c->n_services, "no service");
	is_int(0, c->n_modules, "no module");
	is_int(0, c->n_methods, "no method");
	config_free(&c);
}

static void
test_limits(void)
{
	struct config *c = sandbox_good(
	    "limits { max_message_size = 1k  max_reply_size = 2k }\n"
	    "listener \"a\" { limits { max_reply_size = 3k }\n"
	    "  address = \"127.0.0.1:1\" }\n"
	    "listener \"b\" { address = \"127.0.0.1:2\" }\n"
	    "service \"a.A\" {\n"
	    "  x = 1\n"
	    "  limits { max_reply_size = 4k }\n"
	    "  y = 2\n"
	    "}\n"
	    "method \"/a.A/One\" { limits { max_message_size = 5k } }\n"
	    "method \"/a.A/Two\" { }\n"
	    "service \"a.B\" { limits { max_queued_calls = 5 } }\n"
	    "method \"/a.B/C\" { limits { max_calls = 5 } }\n",
	    NULL);

	is_int(1024, c->limits.max_message_size, "the top's");
	is_int(2048, c->limits.max_reply_size, "the top's other");
	is_int(1024, c->listeners[0].limits.max_message_size, "inherited");
	is_int(3072, c->listeners[0].limits.max_reply_size, "a listener's");
	is_int(2048, c->listeners[1].limits.max_reply_size, "none of its own");
	is_int(1024, c->services[0].limits.max_message_size, "inherited");
	is_int(4096, c->services[0].limits.max_reply_size, "a service's");
	is_int(5120, c->methods[0].limits.max_message_size, "a method's");
	is_int(4096, c->methods[0].limits.max_reply_size, "its service's");
	is_int(1024, c->methods[1].limits.max_message_size, "the top's");
	is_int(2048, c->services[1].limits.max_reply_size, "the top's");
	ok(config_gives(&c->limits, CONFIG_LIMIT_max_reply_size),
	    "the top sets it");
	ok(!config_gives(&c->listeners[1].limits, CONFIG_LIMIT_max_reply_size),
	    "a listener inherits it");
	ok(config_gives(&c->services[0].limits, CONFIG_LIMIT_max_reply_size),
	    "a service sets it");
	ok(!config_gives(&c->methods[0].limits, CONFIG_LIMIT_max_reply_size),
	    "its method inherits it");
	is_text("x = 1\ny = 2", c->services[0].body,
	    "limits are cut out of the body");
	is_int(8, c->services[0].lines[1].line, "whose lines stay");
	ok(config_service_limits(c, "/a.A/Three") == &c->services[0].limits,
	    "a path's service");
	ok(config_service_limits(c, "/a.AA/X") == &c->limits,
	    "a path of no section");
	config_free(&c);
}

static void
test_units(void)
{
	struct config *c = sandbox_good(
	    "start_timeout=500ms\n"
	    "graceful_timeout = 2h lingering_timeout = 10\n"
	    "send_timeout = 1m\n"
	    "limits {\n"
	    "  max_message_size = 64k max_reply_size = 4m\n"
	    "  max_call_memory = 1g\n"
	    "  max_concurrent_streams = 010\n"
	    "}\n"
	    "listener a { address = \"unix:sock\" mode = 0600 owner = root\n"
	    "  owner_group = root }\n"
	    "log_level = alert daemon = on user = root\n"
	    "error_log = log/error.log pid_file = /run/x.pid\n",
	    NULL);

	is_int(500, c->main.start_timeout, "500ms, and no blanks at =");
	is_int(7200000, c->main.graceful_timeout, "2h");
	is_int(10000, c->main.lingering_timeout, "10 is seconds");
	is_int(60000, c->main.send_timeout, "1m is a minute");
	is_int(65536, c->limits.max_message_size, "64k");
	is_int(4194304, c->limits.max_reply_size, "4m");
	is_int(1073741824, c->limits.max_call_memory, "1g");
	is_int(10, c->limits.max_concurrent_streams, "010 is ten");
	is_text("unix:/prefix/sock", c->listeners[0].d.address.text,
	    "a Unix socket's path is below the prefix");
	ok(address_is_unix(&c->listeners[0].d.address.address), "parsed");
	is_int(0600, c->listeners[0].d.mode, "mode");
	ok(c->listeners[0].d.owner.set, "owner");
	is_int(0, c->listeners[0].d.owner.uid, "who is root");
	is_int(0, c->listeners[0].d.owner_group.gid, "as is the group");
	is_int(LOG_LEVEL_ALERT, c->main.log_level, "alert");
	ok(c->main.daemon, "on");
	is_text("root", c->main.user.name, "user");
	is_text("/prefix/log/error.log", c->main.error_log, "relative");
	is_text("/run/x.pid", c->main.pid_file, "absolute");
	config_free(&c);
}

/* The value that a file's error_log has when it is written so. */
static void
test_text(const char *written, const char *expected)
{
	static unsigned n;
	char text[512];
	struct config *c;

	snprintf(text, sizeof(text), "error_log = %s\n" LISTENER, written);
	c = sandbox_good(text, NULL);
	is_text(expected, c->main.error_log, "text %u", ++n);
	config_free(&c);
}

static void
test_texts(void)
{
	setenv("CONFIG_TEST", "/of \"test\" # {", 1);
	setenv("CONFIG_TEST_EMPTY", "", 1);
	unsetenv("CONFIG_TEST_NO");
	test_text("/a", "/a");
	test_text("'/a'", "/a");
	test_text("\"/a b\"", "/a b");
	test_text("\"/# // /* */ = { } ; '\"", "/# // /* */ = { } ; '");
	test_text("'/# // /* */ = { } ; \"'", "/# // /* */ = { } ; \"");
	test_text("\"/\\\"\\\\\\$\\'\"", "/\"\\$'");
	test_text("'/\\'\\\\\\n'", "/'\\\\n");
	test_text("\"/\\n\\t\\r\\x41\\102\\e\"", "/\n\t\rAB\033");
	test_text("\"/a\\\nb\"", "/ab");
	test_text("'/a\\\nb'", "/ab");
	test_text("\"/\xc3\xa4\\xff\"", "/\xc3\xa4\xff");
	test_text("/a#comment", "/a");
	test_text("\"/a\"#comment", "/a");
	test_text("/a // comment", "/a");
	test_text("/* a */ /a /* b\n c */", "/a");
	test_text("${CONFIG_TEST}", "/of \"test\" # {");
	test_text("\"/x${CONFIG_TEST}\"", "/x/of \"test\" # {");
	test_text("\"${CONFIG_TEST_NO:-/def \" ault}\"", "/def \" ault");
	test_text("${CONFIG_TEST_NO:-/def # ault}", "/def # ault");
	test_text("\"/x${CONFIG_TEST_EMPTY}${CONFIG_TEST_NO:-}\"", "/x");
	test_text("syslog", "syslog");
	test_text("\"syslog:tag=a,facility=user\"",
	    "syslog:tag=a,facility=user");
	test_text("'/${CONFIG_TEST_NO}'", "/${CONFIG_TEST_NO}");
	test_text("\"/\\${CONFIG_TEST_NO}\"", "/${CONFIG_TEST_NO}");
}

static void
test_bodies(void)
{
	struct config *c =
	    sandbox_good("module \"m.so\" {\n"
			 "  limits { x = 1 }  # its own\n"
			 "}\n"
			 "service a.B { /* none */ }\n"
			 "service \"${CONFIG_TEST_NO:-a.C}\" {\n\n"
			 "  one = \"}\" // {\n"
			 "  two {\n"
			 "    three = \"a\\\n  b\" }\n"
			 "  limits { max_deadline = 1s }\n"
			 "}\n" LISTENER,
		NULL);
	const struct config_section *s = &c->services[1];

	is_int(1, c->n_modules, "one module");
	is_text("m.so", c->modules[0].name, "its name");
	is_text("limits { x = 1 }", c->modules[0].body, "its limits");
	is_text("", c->services[0].body, "an empty body");
	is_int(1, c->services[0].n_lines, "of one line");
	is_int(4, c->services[0].lines[0].line, "which has a place");
	is_text("a.C", s->name, "a name from the environment");
	is_text("one = \"}\"\ntwo {\nthree = \"a\\\n  b\" }", s->body,
	    "sections and braces");
	is_int(4, s->n_lines, "of four lines");
	is_int(7, s->lines[0].line, "the first");
	is_int(8, s->lines[1].line, "the second");
	is_int(9, s->lines[2].line, "the third");
	is_int(10, s->lines[3].line, "that of a text that goes on");
	is_int(1000, s->limits.max_deadline, "limits");
	config_free(&c);
}

static void
test_overrides(void)
{
	const char text[] = "workers = 2\nlog_level = warn\n" LISTENER;
	struct config *c =
	    sandbox_good(text, "workers = 3; error_log = \"/a;b\"\ndaemon=on;");

	is_int(3, c->main.workers, "-g wins");
	is_int(LOG_LEVEL_WARN, c->main.log_level, "the rest stays");
	is_text("/a;b", c->main.error_log, "a semicolon in quotes");
	ok(c->main.daemon, "what the file does not have");
	config_free(&c);
	c = sandbox_good(text, "");
	is_int(2, c->main.workers, "an empty -g");
	config_free(&c);
}

/* Names on the command line are relative to where we are. */
static void
test_here(void)
{
	struct config_messages messages = { 0 };
	struct config_source source = { "./main.conf", "state", NULL };
	char here[512];
	struct config *c;

	sandbox_write("main.conf", LISTENER);
	ok(chdir(sandbox()) == 0 && getcwd(here, sizeof(here)) != NULL, "cd");
	c = config_load(&source, &messages);
	ok(c != NULL && messages.n == 0, "loaded");
	if (c == NULL)
		return;
	ok(strncmp(c->file, here, strlen(here)) == 0, "-c is made absolute");
	is_text("/main.conf", c->file + strlen(here), "without ./");
	is_text("/state/grpcd.pid", c->main.pid_file + strlen(here),
	    "so is -p");
	config_free(&c);
}

int
main(void)
{
	test_example();
	test_defaults();
	test_limits();
	test_units();
	test_texts();
	test_bodies();
	test_overrides();
	test_here();
	return done();
}
