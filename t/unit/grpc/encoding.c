/*
 * encoding.c - who chooses compression: the client, the config, a handler
 */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <tap.h>

static struct fake f;
static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

static const char long_text[] =
    "long long long long long long long long long long long long long long "
    "long long long long long long long long long long long long long long ";

/* What the handler is to do before each message; "" keeps its hands off. */
static const char *script; /* + on, - off, . as it is */
static char results[16];   /* what grpcd_compress() said: t, f */

static void
write_all(struct grpcd_call *call)
{
	struct node node;

	node_init(&node);
	node.text = (char *)(uintptr_t)long_text;
	memset(results, 0, sizeof(results));
	for (const char *s = script; *s; s++) {
		if (*s != '.')
			results[strlen(results)] =
			    grpcd_compress(call, *s == '+') ? 't' : 'f';
		grpcd_write(call, &node.base);
	}
	grpcd_finish(call);
}

static void
on_message(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	write_all(call);
}

/* The flags of the messages that came, as digits. */
static const char *
flags(const struct http2_stream *s)
{
	static char text[16];
	const uint8_t *at = buffer_bytes(&s->body);
	size_t left = buffer_length(&s->body), n = 0;

	while (left >= 5 && n < sizeof(text) - 1) {
		size_t len = (size_t)at[3] << 8 | at[4];

		text[n++] = (char)('0' + at[0]);
		at += 5 + len;
		left -= 5 + len;
	}
	text[n] = '\0';
	return text;
}

struct example {
	bool config; /* compression = on */
	const char *accepted, *script;
	const char *encoding, *flags, *results;
	const char *what;
};

static const struct example examples[] = {
	{ false, "gzip,deflate", "..", NULL, "00", "", "nobody wants it" },
	{ true, "gzip,deflate", "..", "gzip", "11", "", "the config does" },
	{ true, NULL, "..", NULL, "00", "", "the client has no list" },
	{ true, "identity", "..", NULL, "00", "", "an empty one" },
	{ true, "zstd,br,x-gzip", "..", NULL, "00", "", "one of others" },
	{ true, "deflate", "..", "deflate", "11", "", "of one" },
	{ false, "gzip", "+..", "gzip", "111", "t", "the handler does" },
	{ false, "gzip", "+-+", "gzip", "101", "ttt", "by the message" },
	{ false, NULL, "+.", NULL, "00", "f", "which cannot be" },
	{ false, "br", "+.", NULL, "00", "f", "nor with what we have not" },
	{ false, "gzip", ".+", NULL, "00", "f", "nor too late" },
	{ true, "gzip", "-.", "gzip", "00", "t", "it does not" },
	{ true, "gzip", "-.+", "gzip", "001", "tt", "but later" },
	{ true, NULL, "-+", NULL, "00", "tf", "nor may it" },
};

static void
check_example(const struct example *e)
{
	struct http2_stream *s;

	FAKE_LIMIT(&f, compression, e->config);
	script = e->script;
	s = fake_call_with(&f, DOWN,
	    e->accepted ? "grpc-accept-encoding" : NULL, e->accepted);
	fake_message(s, "x");
	fake_end(s);
	fake_read(s, 1 << 20);
	is_text(e->encoding, fake_header(s, "grpc-encoding"), "%s: encoding",
	    e->what);
	is_text(e->flags, flags(s), "%s: messages", e->what);
	is_text(e->results, results, "%s: told", e->what);
	is_text("0", fake_trailer(s, "grpc-status"), "%s: status", e->what);
	fake_close(&s, HTTP2_NO_ERROR);
}

/* As the client compresses its own, if it takes that. */
static void
check_clients(void)
{
	static const struct {
		const char *own, *accepted, *encoding;
	} ways[] = {
		{ "deflate", "gzip,deflate", "deflate" },
		{ "gzip", "gzip,deflate", "gzip" },
		{ "deflate", "gzip", "gzip" },
		{ "gzip", "identity", NULL },
		{ "identity", "deflate", "deflate" },
	};

	FAKE_LIMIT(&f, compression, true);
	script = ".";
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct http2_stream *s = fake_open(&f);

		fake_field(s, ":method", "POST");
		fake_field(s, ":path", DOWN);
		fake_field(s, "content-type", "application/grpc");
		fake_field(s, "grpc-encoding", ways[i].own);
		fake_field(s, "grpc-accept-encoding", ways[i].accepted);
		fake_headers(s);
		fake_message(s, "x");
		fake_end(s);
		fake_read(s, 1 << 20);
		is_text(ways[i].encoding, fake_header(s, "grpc-encoding"),
		    "%s with %s", ways[i].own, ways[i].accepted);
		fake_close(&s, HTTP2_NO_ERROR);
	}
}

/* One that is unknown is refused with what there is. */
static void
check_unknown(void)
{
	struct http2_stream *s =
	    fake_call_with(&f, DOWN, "grpc-encoding", "zstd");

	is_text("12", fake_header(s, "grpc-status"), "zstd is UNIMPLEMENTED");
	is_text("unknown grpc-encoding: zstd", fake_header(s, "grpc-message"),
	    "by name");
	is_text("identity,gzip,deflate", fake_header(s, "grpc-accept-encoding"),
	    "with what is not");
	fake_close(&s, HTTP2_NO_ERROR);
}

int
main(void)
{
	node_ops.message = on_message;
	fake_init(&f, &service);
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
		check_example(&examples[i]);
	check_clients();
	check_unknown();
	fake_fini(&f);
	return done();
}
