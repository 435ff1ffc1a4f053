/*
 * glance.c - what is made out of a config that may be broken, or gone
 */
#include <config.h>

#include "sandbox.h"

static struct config *
glance(const char *text, const char *overrides)
{
	struct config_source source = { sandbox_path("main.conf"), "/prefix",
		overrides };

	if (text != NULL)
		sandbox_write("main.conf", text);
	return config_glance(&source);
}

static void
sees(const char *text, const char *overrides, const char *pid_file)
{
	static unsigned n;
	struct config *config = glance(text, overrides);

	is_text(pid_file, config->main.pid_file, "glance %u", ++n);
	is_int(0, config->n_listeners, "of the top alone");
	config_free(&config);
}

int
main(void)
{
	struct config *config;

	sees(NULL, NULL, "/prefix/grpcd.pid");
	sees(NULL, "pid_file = /g.pid", "/g.pid");
	sees("", NULL, "/prefix/grpcd.pid");
	sees("pid_file = x.pid", NULL, "/prefix/x.pid");
	sees("pid_file = x.pid", "pid_file = y.pid", "/prefix/y.pid");
	sees("pid_file = x.pid", "pid_file = {", "/prefix/x.pid");
	sees("pid_file = x.pid", "wokers = 2; }", "/prefix/x.pid");
	sees("pid_file = x.pid listener a { address = \"*:1\" }", NULL,
	    "/prefix/x.pid");
	sees("listener a { pid_file = no.pid } pid_file = x.pid", NULL,
	    "/prefix/x.pid");
	sees("wokers = 1\nworkers\n= { }\npid_file = x.pid", NULL,
	    "/prefix/x.pid");
	sees("pid_file = x.pid\nlistener a {\npid_file = no.pid\n", NULL,
	    "/prefix/x.pid");
	sees("}\npid_file = x.pid\n/* open", NULL, "/prefix/x.pid");
	sees("error_log = \"\\q\"\npid_file = \"x.pid\"", NULL,
	    "/prefix/x.pid");
	sees("error_log = \"open\npid_file = \"x.pid\"", NULL, "/prefix/x.pid");
	sees("pid_file = \"x.pid", NULL, "/prefix/grpcd.pid");
	sees("include \"none.conf\"\npid_file = \"x.pid\"", NULL,
	    "/prefix/x.pid");
	sees("pid_file = \"x.pid\" pid_file = \"y.pid\"", NULL,
	    "/prefix/x.pid");

	config = glance("workers = 9999 log_level = warn daemon = maybe", NULL);
	is_int(0, config->main.workers, "what is wrong has its default");
	is_int(LOG_LEVEL_WARN, config->main.log_level, "what is right counts");
	ok(!config->main.daemon, "in any order");
	config_free(&config);
	config = sandbox_good("listener a { address = \"*:1\" }", NULL);
	ok(config != NULL, "a good file is read as ever");
	config_free(&config);
	return done();
}
