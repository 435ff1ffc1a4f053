/*
 * limits.c - each limit of calls, set at the top, in a listener, in a service
 * and in a method, in every combination
 */
#include <config.h>

#include "grpc/limits.h"

#include "node.h"

#include "../config/sandbox.h"
#include "base/clock.h"
#include "grpc/registry.h"

enum section { TOP, LISTENER, SERVICE, METHOD, SECTIONS };

/* What a listener sets is for those inside of it... */
enum rule {
	CEILING, /* the most */
	CHOICE   /* a default */
};

/* A value as it is written, and as limits.h has it. */
struct value {
	const char *text;
	int64_t is;
};

struct row {
	const char *name;
	enum rule rule;
	struct value fallback;
	struct value values[SECTIONS]; /* each more than the one before */
	int64_t (*read)(const struct limits *l);
};

#define READ(what)                                         \
	static int64_t read_##what(const struct limits *l) \
	{                                                  \
		return (int64_t)l->what;                   \
	}
READ(max_message)
READ(max_reply)
READ(max_unpacked)
READ(max_memory)
READ(max_deadline_us)
READ(default_deadline_us)
READ(compression)
READ(retry_pushback_ms)
READ(max_stream_age_us)
READ(max_stream_age_grace_us)

#define SIZES                                                   \
	{                                                       \
		{ "4k", 4096 }, { "5k", 5120 }, { "6k", 6144 }, \
		{                                               \
			"7k", 7168                              \
		}                                               \
	}
#define TIMES                                                      \
	{                                                          \
		{ "1ms", 1000 }, { "2ms", 2000 }, { "3ms", 3000 }, \
		{                                                  \
			"4ms", 4000                                \
		}                                                  \
	}
#define SWITCHES                                         \
	{                                                \
		{ "off", 0 }, { "on", 1 }, { "off", 0 }, \
		{                                        \
			"on", 1                          \
		}                                        \
	}

static const struct row rows[] = {
	{ "max_message_size", CEILING, { "4m", 4 << 20 }, SIZES,
	    read_max_message },
	{ "max_reply_size", CEILING, { "64m", 64 << 20 }, SIZES,
	    read_max_reply },
	{ "max_message_memory", CEILING, { "64m", 64 << 20 }, SIZES,
	    read_max_unpacked },
	{ "max_call_memory", CEILING, { "64m", 64 << 20 }, SIZES,
	    read_max_memory },
	{ "max_deadline", CEILING, { "0", CLOCK_NEVER }, TIMES,
	    read_max_deadline_us },
	{ "default_deadline", CHOICE, { "0", CLOCK_NEVER }, TIMES,
	    read_default_deadline_us },
	{ "max_stream_age", CEILING, { "0", CLOCK_NEVER }, TIMES,
	    read_max_stream_age_us },
	{ "max_stream_age_grace", CEILING, { "30s", 30000000 }, TIMES,
	    read_max_stream_age_grace_us },
	{ "retry_pushback", CHOICE, { "1s", 1000 },
	    { { "1ms", 1 }, { "2ms", 2 }, { "3ms", 3 }, { "4ms", 4 } },
	    read_retry_pushback_ms },
	{ "compression", CHOICE, { "off", 0 }, SWITCHES, read_compression },
};
#define N_ROWS (sizeof(rows) / sizeof(*rows))

static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };
static const struct grpcd_service *const services[] = { &service, NULL };
static const struct grpcd_module module = { GRPCD_MODULE_MAGIC, GRPCD_API,
	services };

/* What holds for test.Nodes/Both on the first listener of a config. */
static int64_t
effective(const struct row *row, const char *text)
{
	const struct registry_source source = { &module, "test", NULL, 0 };
	struct config_messages errors = { NULL, 0 };
	struct config *config = sandbox_good(text, NULL);
	struct registry *r = registry_new(config, &source, 1, &errors);
	int64_t result =
	    row->read(registry_find(r, BOTH, strlen(BOTH))->limits);

	registry_free(&r);
	config_free(&config);
	return result;
}

/* limits { } with the value of a section, where `set` has its bit. */
static const char *
limits(const struct row *row, const struct value *value, bool is_set)
{
	static char texts[SECTIONS][80];
	static unsigned turn;
	char *text = texts[turn++ % SECTIONS];

	text[0] = '\0';
	if (is_set)
		snprintf(text, sizeof(texts[0]), "limits { %s = %s }\n",
		    row->name, value->text);
	return text;
}

/* The other way round: the model of what limits.h says. */
static int64_t
expected(const struct row *row, const struct value *values, unsigned set)
{
	int64_t is = row->fallback.is;

	for (enum section i = TOP; i < SECTIONS; i++)
		if (set & 1u << i)
			is = values[i].is;
	if (row->rule == CEILING && set & 1u << LISTENER &&
	    values[LISTENER].is < is)
		is = values[LISTENER].is;
	return is;
}

static void
check_combination(const struct row *row, const struct value *values,
    unsigned set)
{
	char text[1000];

	snprintf(text, sizeof(text),
	    "%s"
	    "listener a { address = \"127.0.0.1:1\" %s }\n"
	    "service test.Nodes { %s }\n"
	    "method \"" BOTH "\" { %s }\n",
	    limits(row, &values[TOP], set & 1u << TOP),
	    limits(row, &values[LISTENER], set & 1u << LISTENER),
	    limits(row, &values[SERVICE], set & 1u << SERVICE),
	    limits(row, &values[METHOD], set & 1u << METHOD));
	is_int(expected(row, values, set), effective(row, text),
	    "%s, sections %x", row->name, set);
}

/* The values as they stand, and the other way round. */
static void
check_row(const struct row *row)
{
	struct value turned[SECTIONS];

	for (size_t i = 0; i < SECTIONS; i++)
		turned[i] = row->values[SECTIONS - 1 - i];
	for (unsigned set = 0; set < 1u << SECTIONS; set++) {
		check_combination(row, row->values, set);
		check_combination(row, turned, set);
	}
}

/* These are a gate's, see gate.c. */
static const char *const of_gates[] = { "max_calls", "max_queued_calls",
	"queue_timeout" };
#define N_OF_GATES (sizeof(of_gates) / sizeof(*of_gates))

static bool
is_there(const char *name)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return true;
	for (size_t i = 0; i < N_OF_GATES; i++)
		if (strcmp(of_gates[i], name) == 0)
			return true;
	return false;
}

/* No limit of calls is missing above. */
static void
check_all_there(void)
{
#define NAME_MAIN(...)
#define NAME_LISTENER(...)
#define NAME_UNIX(...)
#define NAME_TLS(...)
#define NAME_METHOD(...)
#define NAME_CONNECTION(...)
#define NAME_LIMITS(name) #name,
#define DIRECTIVE(context, name, ...) NAME_##context(name)
	static const char *const names[] = {
#include "config/directives.def"
	};

	is_int(sizeof(names) / sizeof(*names), N_ROWS + N_OF_GATES,
	    "rows of all limits");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ok(is_there(names[i]), "%s", names[i]);
}

/* What is of connections has no place in a service or method. */
static void
check_misplaced(void)
{
#undef NAME_CONNECTION
#undef NAME_LIMITS
#define NAME_CONNECTION(name) #name,
#define NAME_LIMITS(name)
#define DIRECTIVE(context, name, ...) NAME_##context(name)
	static const char *const names[] = {
#include "config/directives.def"
	};
	static const char *const sections[] = { "service test.Nodes",
		"method \"" UNARY "\"" };
	char text[200], expected[200];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		for (size_t j = 0; j < 2; j++) {
			snprintf(text, sizeof(text),
			    "\n%s { limits {\n%s = 1\n} }\n", sections[j],
			    names[i]);
			snprintf(expected, sizeof(expected),
			    "main.conf:3: \"%s\" has no place in limits of a "
			    "service or method: it belongs in limits at the "
			    "top or in a listener",
			    names[i]);
			sandbox_write("main.conf", text);
			sandbox_refuses(NULL, expected, "%s in %s", names[i],
			    sections[j]);
		}
	}
}

/* 0 is none, wherever it stands; one limit bounds another. */
static void
check_times(void)
{
	static const struct {
		const char *text;
		int64_t max_us, default_us;
	} examples[] = {
		{ "listener a { address = \"127.0.0.1:1\" }\n"
		  "limits { max_deadline = 5ms default_deadline = 9ms }\n"
		  "service test.Nodes { }\n",
		    5000, 5000 },
		{ "listener a { address = \"127.0.0.1:1\" }\n"
		  "limits { max_deadline = 5ms default_deadline = 3ms }\n"
		  "service test.Nodes { limits { max_deadline = 0 } }\n",
		    CLOCK_NEVER, 3000 },
		{ "listener a { address = \"127.0.0.1:1\"\n"
		  "limits { max_deadline = 7ms } }\n"
		  "service test.Nodes { limits { max_deadline = 0 } }\n",
		    7000, 7000 },
		{ "listener a { address = \"127.0.0.1:1\"\n"
		  "limits { max_deadline = 0 default_deadline = 0 } }\n"
		  "limits { max_deadline = 2ms default_deadline = 1ms }\n"
		  "service test.Nodes { }\n",
		    CLOCK_NEVER, CLOCK_NEVER },
	};
	const struct row max = { .read = read_max_deadline_us };
	const struct row fallback = { .read = read_default_deadline_us };

	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		is_int(examples[i].max_us, effective(&max, examples[i].text),
		    "max_deadline, example %zu", i);
		is_int(examples[i].default_us,
		    effective(&fallback, examples[i].text),
		    "default_deadline, example %zu", i);
	}
}

int
main(void)
{
	check_all_there();
	for (size_t i = 0; i < N_ROWS; i++)
		check_row(&rows[i]);
	check_misplaced();
	check_times();
	return done();
}
