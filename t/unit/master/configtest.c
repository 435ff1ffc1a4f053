/*
 * configtest.c - grpcd -t: what would a start meet?
 */
#include <config.h>

#include "rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "master/master.h"

#define ONE_WORKER                             \
	"workers = 1\nstart_timeout = 200ms\n" \
	"pid_file = \"run/grpcd.pid\"\n"       \
	"error_log = \"log/error.log\"\n"      \
	"listener a { address = \"unix:a.sock\" }\n"

/* What -t says of the rig's config: "" if it is ok. */
static const char *
test(struct rig *rig)
{
	static char text[4096];
	struct master_options options = rig_options(rig);
	struct config_messages errors = { 0 };
	struct config *config = config_load(&options.source, &errors);
	bool good;

	text[0] = '\0';
	good = config != NULL && master_test(&options, config, &errors);
	for (size_t i = 0; i < errors.n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s\n", errors.text[i]);
	ok(good == (errors.n == 0), "%s", good ? "ok" : "errors are told");
	config_messages_free(&errors);
	config_free(&config);
	return text;
}

static bool
there(const struct rig *rig, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", rig->dir, name);
	return access(path, F_OK) == 0;
}

static void
make(const struct rig *rig, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", rig->dir, name);
	mkdir(path, 0700);
}

static void
nothing_is_touched(void)
{
	struct rig *rig = rig_new();

	make(rig, "run");
	make(rig, "log");
	rig_config(rig, ONE_WORKER);
	is_text("", test(rig), "a config is ok");
	ok(!there(rig, "run/grpcd.pid") && !there(rig, "log/error.log") &&
		!there(rig, "a.sock"),
	    "nothing is made");
	rig_end(rig);
}

static void
files_cannot_be_made(void)
{
	struct rig *rig = rig_new();
	const char *said;

	rig_config(rig,
	    "workers = 1\npid_file = \"no/a.pid\"\nerror_log = \"no/a.log\"\n"
	    "listener a { address = \"unix:a.sock\" }\n");
	said = test(rig);
	ok(strstr(said, "no/a.pid cannot be written: No such file") != NULL,
	    "the pid file has no folder");
	ok(strstr(said, "no/a.log cannot be written: No such file") != NULL,
	    "nor has the log");
	rig_config(rig,
	    "workers = 1\npid_file = \"/tmp\"\nerror_log = \"/tmp\"\n"
	    "listener a { address = \"unix:a.sock\" }\n");
	said = test(rig);
	ok(strstr(said, "pid_file /tmp cannot be written: Is a") != NULL,
	    "a folder is no pid file");
	ok(strstr(said, "error_log /tmp cannot be written: Is a") != NULL,
	    "and no log");
	rig_end(rig);
}

static void
the_check_fails(int how, const char *what)
{
	struct rig *rig = rig_new();
	const char *said;

	rig->orders->checker = how;
	rig_config(rig, ONE_WORKER);
	said = test(rig);
	ok(strstr(said, what) != NULL, "%s", what);
	rig_end(rig);
}

static void
a_long_check_is_heard_to_its_end(void)
{
	struct rig *rig = rig_new();

	rig->orders->checker = CHECKER_TALK;
	rig_config(rig, ONE_WORKER);
	make(rig, "run");
	make(rig, "log");
	is_text("", test(rig), "thousands of services are ok");
	rig_end(rig);
}

static void
all_is_told(void)
{
	struct rig *rig = rig_new();
	const char *said;

	rig_config(rig,
	    "workers = 1\nmodule \"no.so\" { }\nmodule_dir = \"/no\"\n"
	    "listener a { address = \"unix:no/a.sock\" }\n");
	said = test(rig);
	ok(strstr(said, "grpcd.conf:4: module \"no.so\": cannot open "
			"/no/no.so: No such file") != NULL,
	    "a module that is missing");
	ok(strstr(said, "grpcd.conf:6: address unix:") != NULL,
	    "and an address that cannot be had");
	rig_end(rig);
}

static void
addresses(void)
{
	struct rig *rig = rig_new(), *other = rig_new();
	int port = rig_port();

	rig_config(rig,
	    "workers = 2\nlistener a { address = \"127.0.0.1:%d\" }\n"
	    "listener b { address = \"unix:b.sock\" }\n",
	    port);
	rig_start(rig);
	ok(rig_expect(rig, "ready"), "a server runs");
	is_text("", test(rig), "its own addresses count as free");
	rig_config(rig, "workers = 2\nlistener a { address = \"*:%d\" }\n",
	    port);
	is_text("", test(rig), "and so does what contains them");
	rig_config(other,
	    "workers = 2\nlistener a { address = \"127.0.0.1:%d\" }\n", port);
	ok(strstr(test(other), "is in use by another process") != NULL,
	    "to another server they are in use");
	rig_end(other);
	rig_end(rig);
}

int
main(void)
{
	nothing_is_touched();
	files_cannot_be_made();
	the_check_fails(CHECKER_ERROR, "grpcd.conf:7: no such greeting");
	the_check_fails(CHECKER_HANG, "took longer than start_timeout");
	the_check_fails(CHECKER_CRASH, "was killed by signal 9");
	a_long_check_is_heard_to_its_end();
	all_is_told();
	addresses();
	return done();
}
