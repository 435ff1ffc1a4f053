/* unary.c - what a unary call may look like, and what each is answered */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <tap.h>

static struct fake f;
static unsigned n_calls; /* of the handler */

static void
echo(struct grpcd_call *call, const struct node *req)
{
	struct node reply;

	n_calls++;
	node_init(&reply);
	reply.text = grpcd_printf(call, "re: %s", req->text);
	grpcd_reply(call, &reply.base);
}

static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

/* Is the status in a Trailers-Only, or else in trailers? */
static void
is_only(struct http2_stream *s, const char *http, const char *status,
    const char *message, const char *what)
{
	ok(s->responded && s->only, "%s: Trailers-Only", what);
	is_text(http, fake_header(s, ":status"), "%s: :status", what);
	is_text("application/grpc", fake_header(s, "content-type"),
	    "%s: content-type", what);
	is_text(status, fake_header(s, "grpc-status"), "%s: grpc-status", what);
	is_text(message, fake_header(s, "grpc-message"), "%s: grpc-message",
	    what);
}

static void
check_answer(void)
{
	struct http2_stream *s = fake_call(&f, UNARY);

	n_calls = 0;
	fake_message(s, "hi");
	is_int(0, n_calls, "the handler waits for the client's end");
	fake_end(s);
	is_int(1, n_calls, "then it is called");
	ok(s->responded && !s->only, "headers");
	is_text("200", fake_header(s, ":status"), "200");
	is_text("application/grpc", fake_header(s, "content-type"),
	    "content-type");
	fake_read(s, 1000);
	is_text("re: hi", fake_text(s, 0), "the message");
	is_text(NULL, fake_text(s, 1), "and no other");
	is_text("0", fake_trailer(s, "grpc-status"), "OK is in trailers");
	is_int(1, s->trailers.n, "alone");
	is_int(1, grpc_calls(f.grpc),
	    "the call is there until its stream goes");
	fake_close(&s, HTTP2_NO_ERROR);
	is_int(0, grpc_calls(f.grpc), "and then is not");
}

static void
check_splits(void)
{
	uint8_t bytes[64];
	size_t len = node_frame(bytes, "split");
	bool good = true;

	n_calls = 0;
	for (size_t i = 0; i <= len; i++) {
		struct http2_stream *s = fake_call(&f, UNARY);

		fake_data(s, bytes, i);
		fake_data(s, bytes + i, len - i);
		fake_end(s);
		for (int j = 0; j < 100; j++)
			fake_read(s, 1);
		good = good && s->ended && fake_text(s, 0) &&
		       strcmp(fake_text(s, 0), "re: split") == 0;
		fake_close(&s, HTTP2_NO_ERROR);
	}
	ok(good, "a message cut at every byte, an answer read byte by byte");
	is_int((int)len + 1, n_calls, "one call each");
}

/* Headers that make a call refused, with what is answered. */
static const struct refused {
	const char *what, *name, *value;
	const char *http, *status, *message;
} refused[] = {
	{ "content-type", "content-type", "text/html", "415", "3",
	    "content-type is not application/grpc: text/html" },
	{ "content-type like ours", "content-type", "application/grpc-web",
	    "415", "3",
	    "content-type is not application/grpc: application/grpc-web" },
	{ "json", "content-type", "application/grpc+json", "200", "12",
	    "only application/grpc+proto is served: application/grpc+json" },
	{ "te", "te", "gzip", "400", "13", "te is not trailers: gzip" },
	{ "timeout", "grpc-timeout", "1x", "400", "13",
	    "malformed grpc-timeout: 1x" },
	{ "timeout of 0", "grpc-timeout", "0m", "200", "4",
	    "no time is left in grpc-timeout: 0m" },
	{ "base64", "x-bin", "A", "400", "13",
	    "malformed base64 in metadata: x-bin" },
	{ "service", ":path", "/test.nodes/Unary", "200", "12",
	    "unknown service: /test.nodes/Unary" },
	{ "method", ":path", "/test.Nodes/unary", "200", "12",
	    "unknown method: /test.Nodes/unary" },
	{ "path without a slash", ":path", "*", "200", "12",
	    "unknown service: *" },
	{ "empty path", ":path", "", "200", "12", "unknown service: " },
	{ "encoding", "grpc-encoding", "zstd", "200", "12",
	    "unknown grpc-encoding: zstd" },
};

static void
check_refused(void)
{
	n_calls = 0;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		const struct refused *r = &refused[i];
		struct http2_stream *s =
		    fake_call_with(&f, UNARY, r->name, r->value);

		is_only(s, r->http, r->status, r->message, r->what);
		if (strcmp(r->name, "grpc-encoding") == 0)
			is_text("identity,gzip,deflate",
			    fake_header(s, "grpc-accept-encoding"),
			    "what may be used is told");
		fake_message(s, "late");
		fake_end(s);
		fake_close(&s, HTTP2_NO_ERROR);
	}
	is_int(0, n_calls, "no handler was called");
}

static void
check_served(void)
{
	static const struct {
		const char *name, *value;
	} good[] = {
		{ "content-type", "application/grpc+proto" },
		{ "content-type", "application/grpc; charset=utf-8" },
		{ "content-type", "application/grpc+proto;x=y" },
		{ "content-type", "Application/GRPC" },
		{ "te", "Trailers" },
		{ "grpc-encoding", "identity" },
		{ "grpc-accept-encoding", "gzip,identity" },
		{ "grpc-timeout", "10S" },
		{ "x", "a value of any kind" },
		{ "x", "\303\274" },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct http2_stream *s =
		    fake_call_with(&f, UNARY, good[i].name, good[i].value);

		fake_message(s, "x");
		fake_end(s);
		fake_read(s, 1000);
		is_text("0", fake_trailer(s, "grpc-status"), "served: %s %s",
		    good[i].name, good[i].value);
		fake_close(&s, HTTP2_NO_ERROR);
	}
}

static void
check_missing(void)
{
	struct http2_stream *s = fake_open(&f);

	fake_field(s, ":method", "POST");
	fake_field(s, ":path", UNARY);
	fake_headers(s);
	fake_data(s, "x", 1);
	fake_end(s);
	is_only(s, "415", "3", "content-type is not application/grpc",
	    "no content-type");
	fake_close(&s, HTTP2_NO_ERROR);

	s = fake_open(&f);
	fake_field(s, "te", "gzip");
	fake_field(s, ":method", "POST");
	fake_field(s, ":path", UNARY);
	fake_field(s, "content-type", "application/grpc");
	fake_headers(s);
	is_only(s, "400", "13", "te is not trailers: gzip", "wrong te first");
	fake_close(&s, HTTP2_NO_ERROR);

	s = fake_open(&f);
	fake_field(s, ":method", "POST");
	fake_field(s, ":path", UNARY);
	fake_field(s, "content-type", "application/grpc");
	fake_headers(s);
	ok(!s->responded, "no te, no authority: served");
	fake_close(&s, HTTP2_CANCEL);
}

static void
check_get(void)
{
	struct http2_stream *s = fake_open(&f);

	fake_field(s, ":method", "GET");
	fake_field(s, ":path", "/");
	fake_headers(s);
	fake_end(s);
	ok(s->responded && !s->only, "GET: a response with a body");
	is_text("405", fake_header(s, ":status"), "GET: 405");
	is_text("text/plain", fake_header(s, "content-type"), "GET: text");
	is_text("POST", fake_header(s, "allow"), "GET: what is allowed");
	is_text(NULL, fake_header(s, "grpc-status"), "GET: nothing of gRPC");
	fake_read(s, 1000);
	ok(s->ended && buffer_length(&s->body) >= 5, "GET: a body");
	is_int(0, s->trailers.n, "GET: no trailers");
	fake_close(&s, HTTP2_NO_ERROR);
}

/* A request that says nothing of gRPC. */
static struct http2_stream *
foreign(void)
{
	struct http2_stream *s = fake_open(&f);

	fake_field(s, ":method", "POST");
	fake_field(s, ":path", UNARY);
	fake_headers(s);
	return s;
}

static void
check_upload(void)
{
	static const uint8_t part[5000];
	struct http2_stream *s = foreign();

	fake_data(s, part, sizeof(part));
	ok(!s->responded, "a request that is no call: its end is waited for");
	fake_data(s, part, sizeof(part));
	ok(s->responded, "but not for ever");
	fake_data(s, part, sizeof(part));
	fake_end(s);
	is_int(0, s->consumed, "and there is no room for more");
	fake_close(&s, HTTP2_NO_ERROR);

	s = foreign();
	fake_close(&s, HTTP2_PROTOCOL_ERROR);
	is_int(0, grpc_calls(f.grpc), "one that turns out to be malformed");
}

static void
check_list_size(void)
{
	struct http2_stream *s = fake_open(&f);

	grpc_handler()->headers(s->call, 9000);
	is_only(s, "431", "8",
	    "headers are too large: 9000 bytes exceed max_header_list_size"
	    " 8192",
	    "a list too large");
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
check_counts(void)
{
	struct http2_stream *s = fake_call(&f, UNARY);

	n_calls = 0;
	fake_end(s);
	is_only(s, "200", "12", "no message for " UNARY, "no message");
	fake_close(&s, HTTP2_NO_ERROR);
	s = fake_call(&f, UNARY);
	fake_message(s, "one");
	fake_message(s, "two");
	is_only(s, "200", "12", "more than one message for " UNARY, "two");
	fake_end(s);
	fake_close(&s, HTTP2_NO_ERROR);
	is_int(0, n_calls, "the handler saw neither");
}

/* Bytes of a body, and how the call ends for them. */
static const struct bad_body {
	const char *what, *bytes;
	size_t len;
	const char *status, *message;
} bad_bodies[] = {
	{ "flag 1", "\1\0\0\0\0", 5, "13",
	    "compressed message without a grpc-encoding" },
	{ "flag 2", "\2\0\0\0\0", 5, "13", "unknown flags of a message" },
	{ "length", "\0\0\100\0\1", 5, "8",
	    "message of 4194305 bytes exceeds max_message_size 4194304" },
	{ "half a prefix", "\0\0\0", 3, "13",
	    "the request ends within a message" },
	{ "half a message", "\0\0\0\0\3\12", 6, "13",
	    "the request ends within a message" },
	{ "rubbish", "\0\0\0\0\2\377\377", 7, "13",
	    "message of type test.Node is malformed" },
	{ "text", "\0\0\0\0\3\12\1\377", 8, "13",
	    "message of type test.Node has text that is not UTF-8" },
};

static void
check_bodies(void)
{
	n_calls = 0;
	for (size_t i = 0; i < sizeof(bad_bodies) / sizeof(*bad_bodies); i++) {
		const struct bad_body *b = &bad_bodies[i];
		struct http2_stream *s = fake_call(&f, UNARY);

		fake_data(s, b->bytes, b->len);
		fake_end(s);
		is_only(s, "200", b->status, b->message, b->what);
		fake_close(&s, HTTP2_NO_ERROR);
	}
	is_int(0, n_calls, "no handler was called");
}

static void
check_no_handler(void)
{
	struct http2_stream *s;

	node_ops.message = NULL;
	s = fake_whole(&f, UNARY, "x");
	is_only(s, "200", "12", UNARY " is not implemented", "no function");
	fake_close(&s, HTTP2_NO_ERROR);
	node_ops.message = echo;
}

static void
check_counters(void)
{
	uint64_t total = f.row.calls_total, failed = f.row.calls_failed;
	struct http2_stream *s = fake_whole(&f, UNARY, "x");

	is_int(total + 1, f.row.calls_total, "calls_total");
	is_int(failed, f.row.calls_failed, "calls_failed, not for OK");
	is_int(1, f.row.calls_open, "calls_open");
	fake_close(&s, HTTP2_NO_ERROR);
	s = fake_call(&f, "/no/Such");
	is_int(failed + 1, f.row.calls_failed, "calls_failed");
	fake_close(&s, HTTP2_NO_ERROR);
	is_int(0, f.row.calls_open, "calls_open at the end");
	ok(f.row.messages_received > 0 &&
		f.row.messages_sent < f.row.messages_received,
	    "messages, both ways");
}

static char seen_method[64];

static void
look_at_row(struct grpcd_call *call, const struct node *req)
{
	memcpy(seen_method, f.row.method, sizeof(seen_method));
	echo(call, req);
}

static void
check_method_text(void)
{
	struct http2_stream *s;

	node_ops.message = look_at_row;
	for (int i = 0; i < 2; i++) {
		memset(seen_method, 0, sizeof(seen_method));
		s = fake_whole(&f, UNARY, "x");
		is_text(UNARY, seen_method, "the row tells the method");
		is_text("", f.row.method, "while it runs");
		fake_close(&s, HTTP2_NO_ERROR);
	}
	node_ops.message = echo;
}

int
main(void)
{
	fake_init(&f, &service);
	node_ops.message = echo;
	check_answer();
	check_splits();
	check_refused();
	check_served();
	check_missing();
	check_get();
	check_upload();
	check_list_size();
	check_counts();
	check_bodies();
	check_no_handler();
	check_counters();
	check_method_text();
	fake_fini(&f);
	return done();
}
