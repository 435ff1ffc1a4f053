/*
 * diff.c - what becomes another from one config to the next
 */
#include <config.h>

#include "sandbox.h"

/* What config_diff says of two texts; to be freed. */
static char *
diff(const char *old, const char *new, size_t *ret_n)
{
	struct config *a = sandbox_good(old, NULL);
	struct config *b = sandbox_good(new, NULL);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	*ret_n = config_diff(a, b, f);
	fclose(f);
	config_free(&a);
	config_free(&b);
	return text;
}

static const char base[] = "workers = 2\n"
			   "listener a { address = \"127.0.0.1:1\" }\n"
			   "listener b { address = \"127.0.0.1:2\" }\n"
			   "service x.Y { one = 1 }\n"
			   "method /x.Y/Z { limits { max_deadline = 1s } }\n";

static void
test_same(void)
{
	size_t n;
	char *text = diff(base, base, &n);

	is_int(0, n, "nothing becomes another");
	is_text("", text, "and nothing is said");
	free(text);
}

static void
test_all(void)
{
	static const char *const lines[] = {
		"workers: 2 becomes 4\n",
		"limits: max_message_size: 4m becomes 1m\n",
		"listener \"b\" goes\n",
		"listener \"c\" is new\n",
		"listener \"a\": backlog: 511 becomes 9\n",
		"listener \"a\": limits: max_message_size: 4m becomes 1m\n",
		"service \"x.Y\" has other directives of its own\n",
		"service \"x.N\" is new\n",
		"module \"m.so\" is new\n",
		"method \"/x.Y/Z\": allow: { } becomes { \"any\" }\n",
		"method \"/x.Y/Z\": limits: max_deadline: 1s becomes 2s\n",
	};
	size_t n;
	char *text = diff(base,
	    "workers = 4\n"
	    "limits { max_message_size = 1m }\n"
	    "listener a { address = \"127.0.0.1:1\" backlog = 9 }\n"
	    "listener c { address = \"127.0.0.1:2\" }\n"
	    "service x.Y { one = 2 }\n"
	    "service x.N { }\n"
	    "module m.so { }\n"
	    "method /x.Y/Z { allow = any limits { max_deadline = 2s } }\n",
	    &n);

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (!ok(strstr(text, lines[i]) != NULL, "said: %.*s",
			(int)strlen(lines[i]) - 1, lines[i]))
			printf("# in %s\n", text);
	ok(n >= sizeof(lines) / sizeof(*lines), "all are counted");
	free(text);
}

/* The same numbers, but whose they are. */
static void
test_own(void)
{
	static const char top[] = "listener a { address = \"127.0.0.1:1\" }\n"
				  "limits { max_calls = 5 }\n"
				  "service x.Y { }\n";
	static const char own[] = "listener a { address = \"127.0.0.1:1\" }\n"
				  "limits { max_calls = 5 }\n"
				  "service x.Y { limits { max_calls = 5 } }\n";
	size_t n;
	char *text = diff(top, own, &n);

	is_text("service \"x.Y\": limits: max_calls: 5 is its own\n", text,
	    "a limit that a section gets");
	free(text);
	text = diff(own, top, &n);
	is_text("service \"x.Y\": limits: max_calls: 5 is inherited\n", text,
	    "and loses");
	is_int(1, n, "counts");
	free(text);
}

int
main(void)
{
	test_same();
	test_own();
	test_all();
	return done();
}
