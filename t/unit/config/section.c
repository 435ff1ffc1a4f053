/*
 * section.c - bodies of sections, parsed with a service's own directives
 */
#include <config.h>

#include "config/section.h"

#include "sandbox.h"

static struct {
	const char *greeting, *file;
	bool loud;
	int64_t times, memory, delay_ms;
} conf;

static const struct section_directive directives[] = {
	{ "greeting", SECTION_STRING, &conf.greeting, "Hello", 0, 0 },
	{ "file", SECTION_PATH, &conf.file, "names.txt", 0, 0 },
	{ "loud", SECTION_BOOL, &conf.loud, "off", 0, 0 },
	{ "times", SECTION_INT, &conf.times, "1", 1, 9 },
	{ "memory", SECTION_SIZE, &conf.memory, "4k", 1024, 65536 },
	{ "delay", SECTION_TIME, &conf.delay_ms, "500ms", 0, 60000 },
};

static bool
parse(const char *body, const struct section_directive *table, size_t n,
    char **ret_messages)
{
	static char text[1000];
	struct config_messages messages = { 0 };
	struct config *config;
	bool good;

	snprintf(text, sizeof(text),
	    "listener a { address = \"127.0.0.1:1\" }\n"
	    "service a.B {\n%s\n}\n",
	    body);
	config = sandbox_good(text, NULL);
	good =
	    section_parse(&config->services[0], table, n, "/prefix", &messages);
	*ret_messages = sandbox_messages(&messages);
	config_messages_free(&messages);
	config_free(&config);
	return good;
}

#define N (sizeof(directives) / sizeof(*directives))

static void
takes(const char *body)
{
	char *messages;

	memset(&conf, 0, sizeof(conf));
	ok(parse(body, directives, N, &messages), "taken");
	is_text("", messages, "without a word");
	free(messages);
}

static void
refuses(const char *body, const char *expected)
{
	char *messages;

	ok(!parse(body, directives, N, &messages), "refused");
	is_text(expected, messages, "with a reason");
	free(messages);
}

static void
test_good(void)
{
	takes("");
	is_text("Hello", conf.greeting, "default of a string");
	is_text("/prefix/names.txt", conf.file, "default of a path");
	ok(!conf.loud, "default of a switch");
	is_int(1, conf.times, "default of a number");
	is_int(4096, conf.memory, "default of a size");
	is_int(500, conf.delay_ms, "default of a time");

	takes("greeting = \"Good ${CONFIG_TEST_NO:-day}\" # no\n"
	      "file = /a loud = on times = 9\n"
	      "memory = 64k delay = 1m");
	is_text("Good day", conf.greeting, "a string");
	is_text("/a", conf.file, "a path");
	ok(conf.loud, "a switch");
	is_int(9, conf.times, "a number");
	is_int(65536, conf.memory, "a size");
	is_int(60000, conf.delay_ms, "a time");
}

static void
test_bad(void)
{
	refuses("greting = \"x\"",
	    "main.conf:3: unknown directive \"greting\" in service \"a.B\": "
	    "did you mean \"greeting\"?");
	refuses("\ntimes = 10\n# x\n\nmemory = 1\nloud = yes",
	    "main.conf:4: times: \"10\" is out of range: it may be 1 to 9\n"
	    "main.conf:7: memory: \"1\" is out of range: it may be 1k to 64k\n"
	    "main.conf:8: loud: \"yes\" is not on or off");
	refuses("times = 1\ntimes = 2",
	    "main.conf:4: duplicate times: it has a value from main.conf:3 "
	    "already");
	refuses("workers = 1",
	    "main.conf:3: \"workers\" has no place in service \"a.B\": it "
	    "belongs at the top of the file");
	refuses("inner { x = 1 }",
	    "main.conf:3: unknown directive \"inner\" in service \"a.B\": "
	    "known are greeting, file, loud, times, memory, delay");
	refuses("times { }", "main.conf:3: times wants a value: times = 1");
}

static void
test_required(void)
{
	const char *key = NULL;
	const struct section_directive table[] = {
		{ "key", SECTION_STRING, &key, NULL, 0, 0 },
	};
	char *messages;

	ok(!parse("", table, 1, &messages), "what has no default");
	is_text("main.conf:2: key is missing in service \"a.B\": it must be "
		"given",
	    messages, "must be given");
	free(messages);
	ok(parse("key = x", table, 1, &messages), "and is");
	is_text("x", key, "with its value");
	free(messages);
	ok(parse("", NULL, 0, &messages), "no directives, no body");
	free(messages);
	ok(!parse("x = 1", NULL, 0, &messages), "no directives, but a body");
	is_text("main.conf:3: unknown directive \"x\" in service \"a.B\": "
		"none is known there",
	    messages, "is refused");
	free(messages);
}

/* A fault of the service's table, not of the file, is told too. */
static void
test_bad_table(void)
{
	int64_t value;
	const struct section_directive table[] = {
		{ "value", SECTION_INT, &value, "10", 0, 9 },
	};
	char *messages;

	ok(!parse("", table, 1, &messages), "a default out of range");
	is_text("main.conf:2: the default of value: \"10\" is out of range: it "
		"may be 0 to 9",
	    messages, "is told");
	free(messages);
}

/* A section that was made by hand has no map of lines. */
static void
test_by_hand(void)
{
	const struct config_section section = {
		.name = "a.B",
		.body = "times = 2\ntimes = 3\n",
		.file = "hand.conf",
		.line = 7,
	};
	struct config_messages messages = { 0 };

	ok(!section_parse(&section, directives, N, "/", &messages), "refused");
	is_int(1, messages.n, "one fault");
	is_text("hand.conf:8: duplicate times: it has a value from hand.conf:7 "
		"already",
	    messages.text[0], "with its line");
	config_messages_free(&messages);
}

int
main(void)
{
	test_good();
	test_bad();
	test_required();
	test_bad_table();
	test_by_hand();
	return done();
}
