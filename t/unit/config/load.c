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
	    "service \"a.B\" { }\n",
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
	is_text("x = 1\ny = 2", c->services[0].body,
	    "limits are cut out of the body");
	is_int(8, c->services[0].lines[1].line, "whose lines stay");
	ok(config_service_limits(c, "/a.A/Three") == &c->services[0].limits,
	    "a path's service");
	ok(config_service_limits(c, "/a.AA/X") == &c->limits,
	    "a path of no section");
	config_free(&c);
}

int
main(void)
{
	test_example();
	test_defaults();
	test_limits();
	return done();
}
