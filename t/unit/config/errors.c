/*
 * errors.c - what may be wrong in a file: all of it told, each at its line
 */
#include <config.h>

#include "sandbox.h"

#define M "main.conf:"
#define L "listener \"a\" { address = \"127.0.0.1:1\" }\n"

struct example {
	const char *text, *expected;
};

static const struct example names[] = {
	{ "wokers = 2\n" L,
	    M "1: unknown directive \"wokers\" at the top of the file: "
	      "did you mean \"workers\"?" },
	{ L "\n\nlisener \"x\" { address = 1 }\n",
	    M "4: unknown directive \"lisener\" at the top of the file: "
	      "did you mean \"listener\"?" },
	{ "incude \"x\"\n" L,
	    M "1: unknown directive \"incude\" at the top of the file: "
	      "did you mean \"include\"?" },
	{ "listener a {\n\taddres = \"127.0.0.1:1\"\n}",
	    M "2: unknown directive \"addres\" in a listener: did you "
	      "mean \"address\"?" },
	{ "limits {\n max_conections = 1 }\n" L,
	    M "2: unknown directive \"max_conections\" in limits at the "
	      "top or in a listener: did you mean \"max_connections\"?" },
	{ "frobnicate = 1\n" L,
	    M "1: unknown directive \"frobnicate\" at the top of the "
	      "file: grpcd.conf(5) lists those that there are" },
	{ "backlog = 3\n" L,
	    M "1: \"backlog\" has no place at the top of the file: it "
	      "belongs in a listener" },
	{ "listener a {\n workers = 3\n}\n",
	    M "2: \"workers\" has no place in a listener: it belongs at "
	      "the top of the file" },
	{ "listener a {\n service b { }\n}\n",
	    M "2: \"service\" has no place in a listener: it belongs at "
	      "the top of the file" },
	{ "max_deadline = 3s\n" L,
	    M "1: \"max_deadline\" has no place at the top of the file: "
	      "it belongs in a section limits" },
	{ "allow = { \"any\" }\n" L,
	    M "1: \"allow\" has no place at the top of the file: it "
	      "belongs in a service or method" },
	{ L "method \"/a.B/C\" { max_calls = 1 }\n",
	    M "2: \"max_calls\" has no place in a method: it belongs in "
	      "a section limits" },
	{ L "service a.B {\n limits { max_connections = 3 }\n}\n",
	    M "3: \"max_connections\" has no place in limits of a "
	      "service or method: it belongs in limits at the top or in a "
	      "listener" },
	{ L "method \"/a.B/C\" { x = 1 }\n",
	    M "2: unknown directive \"x\" in a method: known are "
	      "allow, limits" },
};

static const struct example forms[] = {
	{ "workers =\nlog_level = info\n" L,
	    M "1: workers wants a value: workers = auto" },
	{ "workers 2\n" L, M "1: workers wants a value: workers = auto" },
	{ "workers { }\n" L, M "1: workers wants a value: workers = auto" },
	{ "workers = { 1, 2 }\n" L,
	    M "1: workers wants a value: workers = auto" },
	{ "workers = { 1 }\n" L, M "1: workers wants a value: workers = auto" },
	{ "user\n" L, M "1: user wants a value: user = ..." },
	{ "workers == 2\n" L, M "1: workers wants a value: workers = auto" },
	{ "error_log = two words\n" L,
	    M "1: error_log has one value: several words must stand in "
	      "quotes" },
	{ "error_log = \"a\" \"b\"\n" L,
	    M "1: error_log has one value: several words must stand in "
	      "quotes" },
	{ "workers = 2;\n" L,
	    M "1: no \";\" is wanted: a directive ends with its line" },
	{ "listener = 2\n" L,
	    M "1: listener is a section, with a name: listener "
	      "\"public\" { ... }" },
	{ "listener { address = \"127.0.0.1:1\" }\n",
	    M "1: listener is a section, with a name: listener "
	      "\"public\" { ... }" },
	{ "listener \"x\"\n" L,
	    M "1: listener is a section, with a name: listener "
	      "\"public\" { ... }" },
	{ "limits \"x\" { }\n" L, M "1: limits is a section: limits { ... }" },
	{ "limits\n" L, M "1: limits is a section: limits { ... }" },
	{ "= 2\n" L, M "1: here should be the name of a directive, not =" },
	{ "\"workers\" = 2\n" L,
	    M "1: here should be the name of a directive, not "
	      "\"workers\"" },
	{ "{\n workers = 2\n}\n" L,
	    M "1: here should be the name of a directive, not {" },
	{ L "}\n", M "2: no section is open here that \"}\" could close" },
	{ "listener a {\n address = \"127.0.0.1:1\"\n",
	    M "1: the section that begins here is not closed: \"}\" is "
	      "missing" },
	{ L "service a.B\n{\n limits {\n\n}\n",
	    M "3: the section that begins here is not closed: \"}\" is "
	      "missing" },
};

static const struct example words[] = {
	{ "error_log = \"abc\n" L,
	    M "1: this quote is not closed: \" is missing (a longer "
	      "text goes on behind a \\ at the end of the line)" },
	{ "error_log = \"a\\\n\\\nb\n" L,
	    M "3: this quote is not closed: \" is missing (a longer "
	      "text goes on behind a \\ at the end of the line)" },
	{ L "error_log = 'abc",
	    M "2: this quote is not closed: ' is missing (a longer "
	      "text goes on behind a \\ at the end of the line)" },
	{ "error_log = \"abc\\",
	    M "1: this quote is not closed: \" is missing (a longer "
	      "text goes on behind a \\ at the end of the line)" },
	{ L "\n/* abc\n\n",
	    M "3: this comment is not closed: \"*/\" is missing" },
	{ "listener a { address = *:1 }",
	    M "1: *:1 must stand in quotes: \"*:1\"" },
	{ "cpu_affinity = 0,1\n" L, M "1: 0,1 must stand in quotes: \"0,1\"" },
	{ "error_log = /a//b # c\n" L,
	    M "1: /a//b must stand in quotes: \"/a//b\"" },
	{ "error_log = /a/${HOME}\n" L,
	    M "1: /a/${HOME} must stand in quotes: \"/a/${HOME}\"" },
	{ "error_log = ${HOME}/a\n" L,
	    M "1: ${HOME}/a must stand in quotes: \"${HOME}/a\"" },
	{ "error_log = a\001b\n" L,
	    M "1: a\001b must stand in quotes: \"a\001b\"" },
	{ "error_log = \"\\q\"\n" L,
	    M "1: \"\\q\" begins no escape here: a backslash itself is "
	      "\"\\\\\"" },
	{ "error_log = \"\\8\"\n" L,
	    M "1: \"\\8\" begins no escape here: a backslash itself is "
	      "\"\\\\\"" },
	{ "error_log = \"\\400\"\n" L,
	    M "1: \"\\4\" begins no escape here: a backslash itself is "
	      "\"\\\\\"" },
	{ "error_log = \"\\1234\"\n" L,
	    M "1: \"\\1\" begins no escape here: a backslash itself is "
	      "\"\\\\\"" },
	{ "error_log = \"\\0\"\n" L,
	    M "1: \"\\0\" begins no escape here: a backslash itself is "
	      "\"\\\\\"" },
	{ "error_log = \"\\x00\"\n" L,
	    M "1: \"\\x\" begins no escape here: a backslash itself is "
	      "\"\\\\\"" },
	{ "error_log = \"\\xg\"\n" L,
	    M "1: \"\\x\" begins no escape here: a backslash itself is "
	      "\"\\\\\"" },
	{ "error_log = \"${CONFIG_TEST_NO}\"\n" L,
	    M "1: the environment has no CONFIG_TEST_NO: set it, or "
	      "write ${CONFIG_TEST_NO:-DEFAULT}" },
	{ "error_log = ${CONFIG_TEST_NO}\n" L,
	    M "1: the environment has no CONFIG_TEST_NO: set it, or "
	      "write ${CONFIG_TEST_NO:-DEFAULT}" },
	{ L "service a.B {\n x = ${CONFIG_TEST_NO}\n}\n",
	    M "3: the environment has no CONFIG_TEST_NO: set it, or "
	      "write ${CONFIG_TEST_NO:-DEFAULT}" },
	{ "error_log = \"${A-b}\"\n" L,
	    M "1: \"${A-b}\" is no variable: write ${NAME} or "
	      "${NAME:-DEFAULT}" },
	{ "error_log = \"${}\"\n" L,
	    M "1: \"${}\" is no variable: write ${NAME} or "
	      "${NAME:-DEFAULT}" },
	{ "error_log = \"${A\"\n" L,
	    M "1: \"${\" is not closed: \"}\" is missing\n" M
	      "1: this quote is not closed: \" is missing (a longer "
	      "text goes on behind a \\ at the end of the line)" },
	{ "\xef\xbb\xbfworkers = 2\n" L,
	    M "1: the file begins with a byte order mark: save it as "
	      "UTF-8 without one" },
	{ "", M "1: the file is empty: at least one listener is "
		"needed" },
};

static const struct example values[] = {
	{ "workers = two\n" L,
	    M "1: workers: \"two\" is not a number (auto, or 1 to "
	      "1024)" },
	{ "workers = 0\n" L,
	    M "1: workers: \"0\" is out of range: it may be auto, or 1 "
	      "to 1024" },
	{ "workers = 1025\n" L,
	    M "1: workers: \"1025\" is out of range: it may be auto, or "
	      "1 to 1024" },
	{ "workers = 2.5\n" L,
	    M "1: workers: \"2.5\" is not a number (auto, or 1 to "
	      "1024)" },
	{ "workers = 0x10\n" L,
	    M "1: workers: \"0x10\" is not a number (auto, or 1 to "
	      "1024)" },
	{ "daemon = yes\n" L, M "1: daemon: \"yes\" is not on or off" },
	{ "graceful_timeout = 30 s\n" L,
	    M "1: graceful_timeout has one value: several words must "
	      "stand in quotes" },
	{ "graceful_timeout = 30sec\n" L,
	    M "1: graceful_timeout: \"30sec\" is not a time such as "
	      "500ms, 30s or 2h (0 to 1d)" },
	{ "graceful_timeout = 25h\n" L,
	    M "1: graceful_timeout: \"25h\" is out of range: it may be 0 "
	      "to 1d" },
	{ "limits { max_header_list_size = 1 }\n" L,
	    M "1: max_header_list_size: \"1\" is out of range: it may be "
	      "1k to 128k" },
	{ "limits { max_header_list_size = 4mb }\n" L,
	    M "1: max_header_list_size: \"4mb\" is not a size such as "
	      "512, 64k or 4m (1k to 128k)" },
	{ "log_level = inof\n" L,
	    M "1: log_level: \"inof\" is no level: did you mean info?" },
	{ "environment = { \"A=1\", \"=2\" }\n" L,
	    M "1: environment: \"=2\" is not NAME=VALUE" },
	{ "environment = A\n" L, M "1: environment: \"A\" is not NAME=VALUE" },
	{ "log_level = 7\n" L,
	    M "1: log_level: \"7\" is not one of debug, info, notice, "
	      "warn, error, alert" },
	{ "pid_file = \"\"\n" L, M "1: pid_file: \"\" is not a path" },
	{ "error_log = \"\"\n" L,
	    M "1: error_log: \"\" is not stderr, syslog or a path" },
	{ "error_log = \"syslog:facility=demon\"\n" L,
	    M "1: error_log: \"syslog:facility=demon\": facility=demon: "
	      "did you mean daemon?" },
	{ "user = no-such-user\n" L,
	    M "1: user: there is no user \"no-such-user\"" },
	{ "group = no-such-group\n" L,
	    M "1: group: there is no group \"no-such-group\"" },
	{ "cpu_affinity = \"1-\"\n" L,
	    M "1: cpu_affinity: \"1-\" is not auto, off or a list of "
	      "CPUs such as \"0,2-3\"" },
	{ "listener a {\n address = localhost:1\n}\n",
	    M "2: address: \"localhost:1\" names a host; write a numeric "
	      "address such as 127.0.0.1:1" },
	{ "listener a {\n address = \"unix:a\"\n mode = 0888\n}\n",
	    M "3: mode: \"0888\" is not a mode in octal such as 0660 "
	      "(0000 to 0777)" },
	{ "listener a {\n address = \"unix:a\"\n mode = 1777\n}\n",
	    M "3: mode: \"1777\" is out of range: it may be 0000 to "
	      "0777" },
};

static const struct example sense[] = {
	{ L "limits {\n max_queued_calls = 3 }\n",
	    M "3: max_queued_calls: it has no effect without max_calls" },
	{ L "service a.B {\n limits { max_queued_calls = 3 } }\n"
	    "limits { max_calls = 0 }\n",
	    M "3: max_queued_calls: it has no effect without max_calls" },
	{ "workers = 2\n\nworkers = 2\n" L,
	    M "3: duplicate workers: it has a value from main.conf:1 "
	      "already" },
	{ "limits { }\nlimits { }\n" L,
	    M "2: duplicate limits: they are set at main.conf:1 "
	      "already" },
	{ L "service a.B { limits { }\n limits { } }\n",
	    M "3: duplicate limits: they are set at main.conf:2 "
	      "already" },
	{ L "listener 'a' { address = \"127.0.0.1:2\" }\n",
	    M "2: duplicate listener \"a\": it stands at main.conf:1 "
	      "already" },
	{ L "service \"a.B\" { }\n\nservice a.B { }\nservice \"a.\\102\" { }\n",
	    M "4: duplicate service \"a.B\": it stands at main.conf:2 "
	      "already\n" M
	      "5: duplicate service \"a.B\": it stands at main.conf:2 "
	      "already" },
	{ L "module a.so { }\nmodule a.so { }\n",
	    M "3: duplicate module \"a.so\": it stands at main.conf:2 "
	      "already" },
	{ L "service a.B { }\nmethod /a.B/C { }\nmethod /a.B/C { }\n",
	    M "4: duplicate method \"/a.B/C\": it stands at main.conf:3 "
	      "already" },
	{ L "listener b {\n address = \"127.0.0.1:1\"\n}\n",
	    M "3: duplicate address 127.0.0.1:1: \"a\" at " M "1 has it" },
	{ "listener a { address = \"unix:a.sock\" }\n"
	  "listener b {\n address = \"unix:./a.sock\"\n}\n",
	    M "3: duplicate address unix:/prefix/a.sock: \"a\" at " M
	      "1 has it" },
	{ "# nothing\n",
	    M "1: there is no listener: at least one is needed, such as "
	      "listener \"public\" { address = \"127.0.0.1:50051\" }" },
	{ "\n\nlistener a { }\n",
	    M "3: address is missing in listener \"a\": it must be "
	      "given" },
	{ "listener a {\n address = \"127.0.0.1:1\"\n owner = root\n}\n",
	    M "3: owner is of Unix sockets: it has no effect on "
	      "127.0.0.1:1" },
	{ "limits { max_connections = 10 }\nlistener a {\n"
	  " address = \"127.0.0.1:1\"\n limits { max_connections = 11 }\n}\n",
	    M "4: max_connections of a listener has no effect above that of "
	      "the top, 10, which is of the whole server: raise that, or lower "
	      "this" },
	{ "limits { max_connections_per_address = 9 }\nlistener a {\n"
	  " address = \"127.0.0.1:1\"\n"
	  " limits { max_connections_per_address = 0 }\n}\n",
	    M "4: max_connections_per_address of a listener has no effect "
	      "above that of the top, 9, which is of the whole server: raise "
	      "that, or lower this" },
	{ L "service \"9a\" { }\n",
	    M "2: \"9a\" cannot name a service: write it as in service "
	      "\"helloworld.Greeter\"" },
	{ L "service \"a..B\" { }\n",
	    M "2: \"a..B\" cannot name a service: write it as in service "
	      "\"helloworld.Greeter\"" },
	{ L "service a.B { }\nmethod a.B/C { }\n",
	    M "3: \"a.B/C\" cannot name a method: write it as in method "
	      "\"/helloworld.Greeter/SayHello\"" },
	{ L "service a.B { }\nmethod /a.B/ { }\n",
	    M "3: \"/a.B/\" cannot name a method: write it as in method "
	      "\"/helloworld.Greeter/SayHello\"" },
	{ L "service a.B { }\nmethod \"\" { }\n",
	    M "3: \"\" cannot name a method: write it as in method "
	      "\"/helloworld.Greeter/SayHello\"" },
	{ "listener \"\" { address = \"127.0.0.1:1\" }\n",
	    M "1: \"\" cannot name a listener: write it as in listener "
	      "\"public\"" },
	{ L "method /a.B/C { }\n",
	    M "2: method \"/a.B/C\": its service is not served: there is "
	      "no service \"a.B\" { ... }" },
};

static void
test_examples(const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sandbox_write("main.conf", examples[i].text);
		sandbox_refuses(NULL, examples[i].expected, "refused, line %zu",
		    i);
	}
}

#define TEST_EXAMPLES(array) \
	test_examples(array, sizeof(array) / sizeof(*(array)))

/* Comments and strings before a fault do not move its line. */
static void
test_lines(void)
{
	sandbox_write("main.conf",
	    "# one\n// two\n/* three\n four */ workers = 2 # \" {\n"
	    "error_log = \"a\\\nb # no comment\" // '\n"
	    "\r\n"
	    "user = no-such-user\r\n" L);
	sandbox_refuses(NULL, M "8: user: there is no user \"no-such-user\"",
	    "lines behind comments");
}

/* All that can be told is told at once, in order. */
static void
test_many(void)
{
	sandbox_write("main.conf", "wokers = 2\n"
				   "workers = many\n"
				   "listener a {\n"
				   "  address = nowhere\n"
				   "  backlok = 3\n"
				   "  limits { max_deadline = soon }\n"
				   "}\n"
				   "daemon = on\n"
				   "strange { thing { x = 1 } }\n"
				   "daemon = off\n");
	sandbox_refuses("workers = 0",
	    M "1: unknown directive \"wokers\" at the top of the file: "
	      "did you mean \"workers\"?\n" M
	      "2: workers: \"many\" is not a number (auto, or 1 to "
	      "1024)\n" M "4: address: \"nowhere\" has no port; write "
	      "nowhere:50051\n" M
	      "5: unknown directive \"backlok\" in a listener: did you "
	      "mean \"backlog\"?\n" M
	      "6: max_deadline: \"soon\" is not a time such as 500ms, "
	      "30s or 2h (0 to 365d)\n" M
	      "9: unknown directive \"strange\" at the top of the file: "
	      "grpcd.conf(5) lists those that there are\n" M
	      "10: duplicate daemon: it has a value from main.conf:8 "
	      "already\n"
	      "-g:1: workers: \"0\" is out of range: it may be auto, or 1 to "
	      "1024",
	    "many faults");
}

static void
test_too_many(void)
{
	char text[1000] = "";
	struct config *config;
	char *messages;

	for (int i = 0; i < 60; i++)
		strcat(text, "x = 1\n");
	sandbox_write("main.conf", text);
	config = sandbox_load(NULL, &messages);
	ok(config == NULL, "sixty faults");
	is_text("\nmain.conf:51: here and below are 10 problems more",
	    strrchr(messages, '\n'), "of which fifty are told");
	free(messages);
}

static void
test_bytes(void)
{
	sandbox_write_bytes("main.conf", L "a\0b\n", sizeof(L "a\0b\n") - 1);
	sandbox_refuses(NULL, M "2: there is a zero byte: this is no text file",
	    "zero");
}

static void
test_cpus(void)
{
	sandbox_write("main.conf", "cpu_affinity = \"1000-1001\"\n" L);
	{
		char *messages;
		struct config *config = sandbox_load(NULL, &messages);
		const char expected[] =
		    M "1: cpu_affinity: \"1000-1001\" names CPU "
		      "1000-1001, but this process may use ";

		ok(config == NULL, "CPUs that this machine lacks");
		ok(strncmp(expected, messages, strlen(expected)) == 0,
		    "are named: %s", messages);
		free(messages);
	}
}

static void
test_overrides(void)
{
	sandbox_write("main.conf", L);
	sandbox_refuses("workers = 1; workers = 2",
	    "-g:1: duplicate workers: it has a value from -g:1 already",
	    "a duplicate in -g");
	sandbox_refuses("workers = 1\nwokers = 2",
	    "-g:2: unknown directive \"wokers\" in -g: did you mean "
	    "\"workers\"?",
	    "a line of -g");
	sandbox_refuses("listener \"b\" { }",
	    "-g:1: \"listener\" has no place in -g: it belongs at the top of "
	    "the file",
	    "a section in -g");
	sandbox_refuses("include \"x\"",
	    "-g:1: include has no place here, but in files alone",
	    "an include in -g");
	sandbox_refuses("workers = ; daemon = on",
	    "-g:1: workers wants a value: workers = auto", "no value in -g");
	sandbox_refuses("}",
	    "-g:1: no section is open here that \"}\" could close",
	    "a brace in -g");
}

/* Nothing of a load that failed is left for the next. */
static void
test_again(void)
{
	static const struct example *const all[] = { names, forms, words,
		values, sense };
	struct config *config;
	char *messages;

	for (size_t i = 0; i < 50; i++) {
		sandbox_write("main.conf", all[i % 5][i / 5].text);
		config = sandbox_load(NULL, &messages);
		ok(config == NULL && *messages != '\0', "failure %zu", i);
		config_free(&config);
		free(messages);
	}
	config = sandbox_good(L "service a.B { x = \"y\" }\n", NULL);
	is_text("x = \"y\"", config->services[0].body, "then a good one");
	config_free(&config);
}

int
main(void)
{
	unsetenv("CONFIG_TEST_NO");
	TEST_EXAMPLES(names);
	TEST_EXAMPLES(forms);
	TEST_EXAMPLES(words);
	TEST_EXAMPLES(values);
	TEST_EXAMPLES(sense);
	test_lines();
	test_many();
	test_too_many();
	test_bytes();
	test_cpus();
	test_overrides();
	test_again();
	return done();
}
