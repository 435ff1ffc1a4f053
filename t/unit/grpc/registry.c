/* registry.c - services of modules, sections of the config, methods by path */
#include <config.h>

#include "grpc/registry.h"

#include "node.h"

#include <stdio.h>
#include <stdlib.h>
#include <tap.h>

/* Two services more, one of the same name as another. */
static const struct grpcd_method methods[] = {
	{ "A", &node_type, &node_type, false, false, NULL, NULL, NULL },
	{ "LongerName", &node_type, &node_type, false, false, NULL, NULL,
	    NULL },
};
static const struct grpcd_descriptor other = { "test.Other", methods, 2, NULL,
	0 };

static struct {
	const char *word;
	const char *path;
	bool flag;
	int64_t number, size, time_ms;
} conf;
static const struct grpcd_directive directives[] = {
	GRPCD_STRING("word", &conf.word, "none", "A word."),
	GRPCD_PATH("path", &conf.path, "data", "A path."),
	GRPCD_BOOL("flag", &conf.flag, "off", "A flag."),
	GRPCD_INT("number", &conf.number, "5", 0, 9, "A number."),
	GRPCD_SIZE("size", &conf.size, "1k", 0, 1 << 20, "A size."),
	GRPCD_TIME("time", &conf.time_ms, "2s", 0, 10000, "A time."),
	GRPCD_DIRECTIVES_END,
};

static const struct grpcd_service nodes = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };
static const struct grpcd_service others = { &other, &node_ops, directives,
	NULL, NULL, NULL, NULL };
static const struct grpcd_service others_too = { &other, &node_ops, directives,
	NULL, NULL, NULL, NULL };

static const struct grpcd_service *const all[] = { &nodes, &others, NULL };
static const struct grpcd_service *const one[] = { &others_too, NULL };
static const struct grpcd_module all_module = { GRPCD_MODULE_MAGIC, GRPCD_API,
	all };
static const struct grpcd_module one_module = { GRPCD_MODULE_MAGIC, GRPCD_API,
	one };
static const struct grpcd_module old_module = { GRPCD_MODULE_MAGIC,
	GRPCD_API + 1, one };
static const struct grpcd_module no_module = { 1, GRPCD_API, one };

static struct config_line line = { "grpcd.conf", 7 };

static struct config_section
section(const char *name, const char *body, int64_t max_message)
{
	return (struct config_section){ .name = name,
		.body = body,
		.lines = &line,
		.n_lines = 1,
		.limits = { .max_message_size = max_message,
		    .given = UINT64_MAX },
		.file = "grpcd.conf",
		.line = 7 };
}

/* The errors as one text, "" if there was none. */
static char told[4096];

static struct registry *
make(struct config *config, const struct registry_source *sources, size_t n)
{
	struct config_messages errors = { NULL, 0 };
	static struct config_listener listener;
	struct registry *r;

	config->listeners = &listener;
	config->n_listeners = 1;
	config->file = "grpcd.conf";
	config->prefix = "/var/lib/grpcd";
	r = registry_new(config, sources, n, &errors);
	told[0] = '\0';
	for (size_t i = 0; i < errors.n; i++)
		snprintf(told + strlen(told), sizeof(told) - strlen(told),
		    "%s%s", i > 0 ? "\n" : "", errors.text[i]);
	config_messages_free(&errors);
	return r;
}

static const struct registry_source built_in = { &all_module, "built-in", NULL,
	0 };

static struct registry_method *
find(struct registry *r, const char *path)
{
	return registry_find(r, path, strlen(path));
}

static void
check_find(void)
{
	struct config_section sections[] = {
		section("test.Other", "", 10),
		section("test.Nodes", "", 20),
	};
	struct config_method own = { .path = "/test.Nodes/Up",
		.limits = { .max_message_size = 30, .given = UINT64_MAX },
		.file = "grpcd.conf",
		.line = 9 };
	struct config config = { .services = sections,
		.n_services = 2,
		.methods = &own,
		.n_methods = 1 };
	struct registry *r = make(&config, &built_in, 1);
	static const char *const unknown[] = { "", "/", "//", "/test.Nodes",
		"/test.Nodes/", "/test.Nodes/up", "test.Nodes/Up",
		"/test.Nodes/Up/", "/test.Nodes/Upp", "/test.nodes/Up" };

	is_text("", told, "no error");
	if (!r)
		return;
	is_int(2, registry_count(r), "two services");
	ok(registry_service(r, 0) == &others, "in the order of the config");
	ok(registry_section(r, 1) == &sections[1], "with their sections");
	ok(find(r, "/test.Nodes/Unary") != NULL, "a method");
	is_text("/test.Other/LongerName",
	    find(r, "/test.Other/LongerName")->path, "another");
	ok(find(r, "/test.Other/A")->service == &others, "its service");
	is_int(10, find(r, "/test.Other/A")->limits[0].max_message,
	    "limits of the service");
	is_int(30, find(r, "/test.Nodes/Up")->limits[0].max_message,
	    "limits of the method");
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		ok(!find(r, unknown[i]), "no method \"%s\"", unknown[i]);
	ok(registry_has_service(r, "/test.Nodes/x", 13), "a known service");
	ok(!registry_has_service(r, "/test.Node/x", 12), "an unknown one");
	ok(!registry_has_service(r, "/test.Nodes", 11), "and no path");
	registry_free(&r);
	ok(!r, "freed");
}

static void
check_values(void)
{
	struct config_section good =
	    section("test.Other", "word = \"hi\"; flag = on; size = 64k", 0);
	struct config_section bad = section("test.Other", "wodr = \"hi\"", 0);
	struct config config = { .services = &good, .n_services = 1 };
	struct registry *r = make(&config, &built_in, 1);

	is_text("", told, "no error");
	is_text("hi", conf.word, "a string");
	is_text("/var/lib/grpcd/data", conf.path, "a path of the prefix");
	ok(conf.flag, "a switch");
	is_int(5, conf.number, "a number by default");
	is_int(65536, conf.size, "a size");
	is_int(2000, conf.time_ms, "a time");
	registry_free(&r);
	config.services = &bad;
	ok(!make(&config, &built_in, 1), "a directive that is not there");
	ok(strstr(told, "grpcd.conf:7: ") && strstr(told, "\"word\""),
	    "is told with its place and the right word");
}

static void
check_errors(void)
{
	struct config_section typo = section("test.Nodse", "", 0);
	struct config_section far = section("a.b.C", "", 0);
	struct config_section nodes_section = section("test.Nodes", "", 0);
	struct config_method aged = { .path = "/test.Nodes/Unary",
		.limits = { .max_stream_age = 1, .given = UINT64_MAX },
		.file = "m.conf",
		.line = 4 };
	struct config_method wrong = {
		.path = "/test.Nodes/Unray", .file = "m.conf", .line = 3
	};
	struct config config = { .services = &typo, .n_services = 1 };

	ok(!make(&config, &built_in, 1), "a service that nobody offers");
	is_text("grpcd.conf:7: no module offers the service \"test.Nodse\": did"
		" you mean \"test.Nodes\"?",
	    told, "with the nearest");
	config.services = &far;
	ok(!make(&config, &built_in, 1), "one that is not near to any");
	is_text("grpcd.conf:7: no module offers the service \"a.b.C\"", told,
	    "says so");
	config.services = &nodes_section;
	config.methods = &wrong;
	config.n_methods = 1;
	ok(!make(&config, &built_in, 1), "an unknown method");
	is_text("m.conf:3: no service that is served has the method"
		" \"/test.Nodes/Unray\": did you mean \"/test.Nodes/Unary\"?",
	    told, "with the nearest");
	config.methods = &aged;
	ok(!make(&config, &built_in, 1), "an age of what is no stream");
	is_text("m.conf:4: method \"/test.Nodes/Unary\": max_stream_age has no"
		" effect, since it streams neither way",
	    told, "says so");
}

static void
check_modules(void)
{
	const struct registry_source loaded[] = {
		built_in,
		{ &one_module, "one.so", "grpcd.conf", 3 },
		{ &one_module, "two.so", "grpcd.conf", 4 },
	};
	const struct registry_source old = { &old_module, "old.so",
		"grpcd.conf", 5 };
	const struct registry_source none = { &no_module, "none.so",
		"grpcd.conf", 6 };
	struct config_section sections = section("test.Other", "", 0);
	struct config config = { .services = &sections, .n_services = 1 };
	struct registry *r = make(&config, loaded, 2);

	ok(r && registry_service(r, 0) == &others_too,
	    "a module that was loaded replaces what is built in");
	registry_free(&r);
	ok(!make(&config, loaded, 3), "two that were loaded");
	is_text(
	    "grpcd.conf:4: service \"test.Other\" of module \"two.so\" is in"
	    " module \"one.so\" too: load one of them",
	    told, "do not agree");
	ok(!make(&config, &old, 1), "a module for another version");
	is_text("grpcd.conf:5: module \"old.so\" was built for version 2 of"
		" grpcd.h, and this grpcd has version 1: build it again",
	    told, "is told both");
	ok(!make(&config, &none, 1), "what is no module");
	is_text("grpcd.conf:6: \"none.so\" is no module of grpcd: its"
		" grpcd_module was not made by GRPCD_MODULE",
	    told, "is told so");
}

int
main(void)
{
	check_find();
	check_values();
	check_errors();
	check_modules();
	return done();
}
