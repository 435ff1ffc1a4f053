/*
 * text.c - sizes, times, numbers, nearest words, UTF-8
 */
#include <config.h>

#include "base/text.h"

#include "tap.h"

#define WRONG INT64_MIN

typedef bool parse_fn(const char *, int64_t *);

struct example {
	const char *text;
	int64_t value; /* WRONG: refused */
	const char *again;
};

static const struct example size_examples[] = {
	{ "0", 0, "0" },
	{ "1", 1, "1" },
	{ "1000", 1000, "1000" },
	{ "64k", 65536, "64k" },
	{ "65536", 65536, "64k" },
	{ "010", 10, "10" },
	{ "4m", 4194304, "4m" },
	{ "1g", 1073741824, "1g" },
	{ "1536m", 1610612736, "1536m" },
	{ "9223372036854775807", INT64_MAX, "9223372036854775807" },
	{ "9223372036854775808", WRONG, NULL },
	{ "8589934592g", WRONG, NULL },
	{ "99999999999999999999999", WRONG, NULL },
	{ "", WRONG, NULL },
	{ "k", WRONG, NULL },
	{ "-1", WRONG, NULL },
	{ "+1", WRONG, NULL },
	{ " 1", WRONG, NULL },
	{ "1 k", WRONG, NULL },
	{ "1.5m", WRONG, NULL },
	{ "1kb", WRONG, NULL },
	{ "1s", WRONG, NULL },
	{ "0x10", WRONG, NULL },
};

static const struct example time_examples[] = {
	{ "0", 0, "0" },
	{ "30", 30000, "30s" },
	{ "500ms", 500, "500ms" },
	{ "1500ms", 1500, "1500ms" },
	{ "1000ms", 1000, "1s" },
	{ "90s", 90000, "90s" },
	{ "2m", 120000, "2m" },
	{ "2h", 7200000, "2h" },
	{ "36h", 129600000, "36h" },
	{ "7d", 604800000, "7d" },
	{ "106751991168d", WRONG, NULL },
	{ "9223372036854776", WRONG, NULL },
	{ "1.5s", WRONG, NULL },
	{ "-1s", WRONG, NULL },
	{ "1 s", WRONG, NULL },
	{ "s", WRONG, NULL },
	{ "", WRONG, NULL },
	{ "1y", WRONG, NULL },
	{ "1m30s", WRONG, NULL },
};

static const struct example int_examples[] = {
	{ "0", 0, NULL },
	{ "-0", 0, NULL },
	{ "+7", 7, NULL },
	{ "-7", -7, NULL },
	{ "9223372036854775807", INT64_MAX, NULL },
	{ "9223372036854775808", WRONG, NULL },
	{ "-9223372036854775809", WRONG, NULL },
	{ "1k", WRONG, NULL },
	{ "--1", WRONG, NULL },
	{ "-", WRONG, NULL },
	{ "", WRONG, NULL },
	{ "1 ", WRONG, NULL },
};

static void
test_examples(const char *what, parse_fn *parse, const struct example *examples,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct example *e = &examples[i];
		int64_t value = -99;
		bool parsed = parse(e->text, &value);

		if (e->value == WRONG)
			ok(!parsed && value == -99, "%s \"%s\" is refused",
			    what, e->text);
		else
			is_int(e->value, parsed ? value : WRONG, "%s \"%s\"",
			    what, e->text);
	}
}

static void
test_formats(void)
{
	char out[TEXT_MAX];

	for (size_t i = 0; size_examples[i].value != WRONG; i++)
		is_text(size_examples[i].again,
		    text_format_size(size_examples[i].value, out),
		    "size \"%s\" written again", size_examples[i].text);
	for (size_t i = 0; time_examples[i].value != WRONG; i++)
		is_text(time_examples[i].again,
		    text_format_time(time_examples[i].value, out),
		    "time \"%s\" written again", time_examples[i].text);
	is_text("-9223372036854775807", text_format_size(-INT64_MAX, out),
	    "the longest size fits");
	is_text("-9223372036854775807ms", text_format_time(-INT64_MAX, out),
	    "the longest time fits");
}

static void
test_nearest(void)
{
	static const char *const words[] = { "workers", "user", "group",
		"daemon", "pid_file", "error_log", "log_level" };
	static const struct {
		const char *text, *nearest;
	} examples[] = {
		{ "worker", "workers" },
		{ "wrokers", "workers" },
		{ "Workers", "workers" },
		{ "usre", "user" },
		{ "pidfile", "pid_file" },
		{ "error-log", "error_log" },
		{ "loglevel", "log_level" },
		{ "demon", "daemon" },
		{ "listen", NULL },
		{ "x", NULL },
		{ "", NULL },
		{ "a_name_that_is_longer_than_any_word_of_any_table_that_we_"
		  "shall_ever_have",
		    NULL },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
		is_text(examples[i].nearest,
		    text_nearest(examples[i].text, words,
			sizeof(words) / sizeof(*words)),
		    "nearest to \"%s\"", examples[i].text);
	ok(text_nearest("user", words, 0) == NULL, "nearest of no words");
}

static void
test_utf8(void)
{
	static const struct {
		const char *bytes;
		bool good;
	} examples[] = {
		{ "", true },
		{ "plain text of more than eight bytes", true },
		{ "Gr\xc3\xbc\xc3\x9f dich, Welt", true },
		{ "\xe2\x82\xac\xf0\x9f\x98\x80", true },
		{ "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", true },
		{ "\x80", false },
		{ "\xc3", false },
		{ "eight by\xc3", false },
		{ "\xc0\x80", false },
		{ "\xc1\xbf", false },
		{ "\xe0\x9f\xbf", false },
		{ "\xed\xa0\x80", false },
		{ "\xf0\x8f\xbf\xbf", false },
		{ "\xf4\x90\x80\x80", false },
		{ "\xf5\x80\x80\x80", false },
		{ "\xe2\x82", false },
		{ "\xe2\x82x", false },
		{ "\xff", false },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
		is_int(examples[i].good,
		    text_is_utf8((const uint8_t *)examples[i].bytes,
			strlen(examples[i].bytes)),
		    "UTF-8 %zu", i);
	ok(text_is_utf8((const uint8_t *)"a\0b", 3), "a zero byte is UTF-8");
}

static void
test_make_utf8(void)
{
	static const struct {
		const char *bytes, *made;
	} examples[] = {
		{ "", "" },
		{ "plain text of more than eight bytes",
		    "plain text of more than eight bytes" },
		{ "Gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80",
		    "Gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80" },
		{ "\xff", "?" },
		{ "a\xc3(\xc3\xbc\x80", "a?(\xc3\xbc?" },
		{ "cut here: \xf0\x9f\x98", "cut here: ???" },
		{ "\xed\xa0\x80", "???" },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		char text[64];

		strcpy(text, examples[i].bytes);
		text_make_utf8(text);
		is_text(examples[i].made, text, "made UTF-8 %zu", i);
	}
}

#define EXAMPLES(table) table, sizeof(table) / sizeof(*(table))

int
main(void)
{
	int64_t least;

	test_examples("size", text_parse_size, EXAMPLES(size_examples));
	test_examples("time", text_parse_time, EXAMPLES(time_examples));
	test_examples("int", text_parse_int, EXAMPLES(int_examples));
	ok(text_parse_int("-9223372036854775808", &least) && least == INT64_MIN,
	    "the least int");
	test_formats();
	test_nearest();
	test_utf8();
	test_make_utf8();
	return done();
}
