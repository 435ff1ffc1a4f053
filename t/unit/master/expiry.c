/*
 * expiry.c - what the master says of files that end, and when
 */
#include <config.h>

#include "master/expiry.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "config/config.h"
#include "tap.h"

#define DAY INT64_C(86400)
#define NOW (INT64_C(20000) * DAY)

static struct config_listener listeners[] = {
	{ .name = "plain" },
	{ .name = "public",
	    .tls = { .on = true, .file = "/grpcd.conf", .line = 7 } },
};
static struct config config = { .listeners = listeners, .n_listeners = 2 };

/* The lines that one look wrote, from the level on; ret_next as it returned. */
static const char *
look(const struct expiries *e, int64_t now_s, int64_t *ret_next)
{
	static char text[4096];
	int ends[2];
	ssize_t n;

	if (pipe(ends) == -1)
		return "no pipe";
	log_use(ends[1], "pipe", LOG_LEVEL_DEBUG);
	*ret_next = expiries_warn(e, &config, now_s);
	log_flush();
	log_use(2, "stderr", LOG_LEVEL_DEBUG);
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static bool
take(struct expiries *e, int64_t ends_s, const char *rest)
{
	char line[200];

	snprintf(line, sizeof(line), "1 %lld %lld %s", (long long)ends_s,
	    (long long)(ends_s - 30 * DAY), rest);
	return expiries_take(e, 2, line);
}

static void
test_when(void)
{
	struct expiries e = { NULL, 0 };
	const char *said;
	int64_t next;

	ok(take(&e, NOW + 40 * DAY, "certificate /a b.pem"), "a line is taken");
	is_text("/a b.pem", e.v[0].path, "a path may have spaces");
	is_text("", look(&e, NOW, &next), "nothing is said early");
	is_int(NOW + DAY, next, "and it looks again the next day");
	look(&e, NOW + 9 * DAY + 5, &next);
	is_int(NOW + 10 * DAY + 1, next, "or when the warnings begin");
	said = look(&e, next, &next);
	ok(strstr(said,
	       "/grpcd.conf:7: certificate /a b.pem expires in 29 days"
	       ", at 2024-11-13 00:00 UTC (tls_expiry_warning)") != NULL,
	    "then it warns: %s", said);
	is_int(NOW + 11 * DAY + 1, next, "and does so again a day later");
	look(&e, NOW + 39 * DAY + 5, &next);
	is_int(NOW + 40 * DAY, next, "the end has its own");
	said = look(&e, next, &next);
	ok(strstr(said, "has expired at 2024-11-13 00:00 UTC: clients refuse"
			" it") != NULL,
	    "which says what comes of it: %s", said);
	is_int(NOW + 41 * DAY, next, "and again, day by day");
	expiries_free(&e);
}

static void
test_what(void)
{
	static const struct {
		const char *line, *effect;
	} lists[] = {
		{ "client_ca /ca.pem", "by it are refused" },
		{ "crl /crl.pem", "every client of its CA is refused" },
	};
	struct expiries e = { NULL, 0 };
	int64_t next;

	for (size_t i = 0; i < 2; i++) {
		take(&e, NOW, lists[i].line);
		ok(strstr(look(&e, NOW, &next), lists[i].effect) != NULL,
		    "%s has its own consequence", lists[i].line);
		expiries_free(&e);
	}
	look(&e, NOW, &next);
	ok(next == INT64_MAX, "no files, no next time");
}

static void
test_spans(void)
{
	static const struct {
		int64_t s;
		const char *text;
	} spans[] = {
		{ 1, "expires in 1 second, at " },
		{ 119, "expires in 119 seconds, at " },
		{ 120, "expires in 2 minutes, at " },
		{ 7199, "expires in 119 minutes, at " },
		{ 7200, "expires in 2 hours, at " },
		{ 2 * DAY - 1, "expires in 47 hours, at " },
		{ 2 * DAY, "expires in 2 days, at " },
	};
	char out[EXPIRY_TEXT];

	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++) {
		struct expiry e = { .ends_s = NOW + spans[i].s };

		ok(strncmp(expiry_format(&e, NOW, out), spans[i].text,
		       strlen(spans[i].text)) == 0,
		    "%s", out);
	}
}

static void
test_odd_lines(void)
{
	static const char *const lines[] = { "", "1", "1 2", "1 2 3",
		"x 2 3 crl /a", "2 2 3 crl /a", "1 x 3 crl /a", "1 2 crl /a" };
	struct expiries e = { NULL, 0 };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		ok(!expiries_take(&e, 2, lines[i]), "\"%s\" is not taken",
		    lines[i]);
	is_int(0, e.n, "nothing was");
	expiries_free(&e);
}

int
main(void)
{
	test_when();
	test_what();
	test_spans();
	test_odd_lines();
	return done();
}
