/* fields.c - metadata, status texts and details, as services use them */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <tap.h>

#include "grpc/base64.h"

static struct fake f;
static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

static bool
reply(struct grpcd_call *call)
{
	struct node node;

	node_init(&node);
	return grpcd_reply(call, &node.base);
}

static void
look(struct grpcd_call *call, const struct node *node)
{
	size_t n;
	const struct grpcd_metadata *all = grpcd_metadata_all(call, &n);

	(void)node;
	is_int(3, n, "what is the user's");
	is_text("user-agent", all[0].key, "user-agent");
	is_text("fake/1", all[0].value, "with its value");
	is_text("a", all[1].value, "joined bytes");
	is_text("b", all[2].value, "are two");
	is_text("a", grpcd_metadata_get(call, "k-bin"), "the first of a key");
	is_text(NULL, grpcd_metadata_get(call, "te"), "te is gRPC's");
	is_text(UNARY, grpcd_method(call), "the method");
	is_text("ipv4:192.0.2.1:40000", grpcd_peer(call), "the peer");
	is_text("localhost:1", grpcd_authority(call), "the authority");
	ok(grpcd_header(call, "h", "1", 1), "a header");
	ok(grpcd_header(call, "h", "2", 1), "another");
	ok(!grpcd_header(call, "grpc-status", "0", 1), "not gRPC's");
	ok(grpcd_trailer(call, "t-bin", "\0\1\2", 3), "a trailer of bytes");
	ok(!grpcd_trailer(call, "te", "trailers", 8), "not HTTP's");
	reply(call);
}

static void
check_both_ways(void)
{
	struct http2_stream *s;

	node_ops.message = look;
	s = fake_call_with(&f, UNARY, "k-bin", "YQ,Yg==");
	fake_message(s, "x");
	fake_end(s);
	is_int(4, s->headers.n, "two usual headers, two of the service");
	is_text("1", fake_header(s, "h"), "in their order");
	fake_read(s, 1000);
	is_text("AAEC", fake_trailer(s, "t-bin"), "the trailer");
	is_int(2, s->trailers.n, "beside the status");
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
fail_with_header(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	grpcd_header(call, "h", "1", 1);
	grpcd_trailer(call, "t", "2", 1);
	grpcd_fail(call, GRPCD_NOT_FOUND, "no %s", "such");
}

static void
fail_with_trailer(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	grpcd_trailer(call, "t", "2", 1);
	grpcd_fail(call, GRPCD_NOT_FOUND, "%s", "");
}

static void
check_errors(void)
{
	struct http2_stream *s;

	node_ops.message = fail_with_header;
	s = fake_whole(&f, UNARY, "x");
	ok(!s->only, "headers that the service set are sent as such");
	is_text("1", fake_header(s, "h"), "these");
	is_text("5", fake_trailer(s, "grpc-status"), "the status follows");
	is_text("2", fake_trailer(s, "t"), "with the trailer");
	fake_close(&s, HTTP2_NO_ERROR);
	node_ops.message = fail_with_trailer;
	s = fake_whole(&f, UNARY, "x");
	ok(s->only, "trailers alone are Trailers-Only");
	is_text("2", fake_trailer(s, "t"), "these");
	is_text(NULL, fake_trailer(s, "grpc-message"), "no text, no field");
	fake_close(&s, HTTP2_NO_ERROR);
}

static const char *text;
static enum grpcd_status code;

static void
fail_with_text(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	grpcd_fail(call, code, "%s", text);
}

static const char *
message_of(const char *what)
{
	static char copy[8192];
	struct http2_stream *s;

	text = what;
	s = fake_whole(&f, UNARY, "x");
	strcpy(copy, fake_header(s, "grpc-message"));
	fake_close(&s, HTTP2_NO_ERROR);
	return copy;
}

static void
check_texts(void)
{
	static char long_text[10001];
	struct http2_stream *s;
	char number[12];

	code = GRPCD_INTERNAL;
	node_ops.message = fail_with_text;
	is_text("%0Aa%09%25 %E2%98%BA", message_of("\na\t% \342\230\272"),
	    "control bytes, percent and UTF-8");
	is_text("a???b", message_of("a\377\376\200b"), "what is no UTF-8");
	is_text("%C3%BC? %E2%98%BA", message_of("\303\274\303 \342\230\272"),
	    "but no more than that");
	memset(long_text, 'x', 10000);
	is_int(2047, strlen(message_of(long_text)), "a long text is cut");
	for (size_t i = 0; i < sizeof(long_text) - 1; i += 2)
		memcpy(long_text + i, "\303\274", 2);
	is_int(1023 * 6 + 1, strlen(message_of(long_text)),
	    "within a character");
	for (int i = 1; i <= 17; i++) {
		code = (enum grpcd_status)i;
		text = "x";
		s = fake_whole(&f, UNARY, "x");
		snprintf(number, sizeof(number), "%d", i <= 16 ? i : 2);
		is_text(number, fake_header(s, "grpc-status"), "code %d", i);
		fake_close(&s, HTTP2_NO_ERROR);
	}
}

static void
fail_with_details(struct grpcd_call *call, const struct node *node)
{
	struct node detail;

	(void)node;
	node_init(&detail);
	detail.number = 5;
	ok(grpcd_detail(call, &detail.base), "a detail");
	detail.number = 6;
	ok(grpcd_detail(call, &detail.base), "another");
	grpcd_fail(call, GRPCD_FAILED_PRECONDITION, "a\303\274");
}

static void
check_details(void)
{
	/* Status { code: 9, message: "aü", details: [Any, Any] } */
	static const char any[] = "\32\43\12\35type.googleapis.com/test.Node"
				  "\22\2\50";
	struct http2_stream *s;
	uint8_t bytes[256];
	const char *value;
	size_t len = 0;

	node_ops.message = fail_with_details;
	s = fake_whole(&f, UNARY, "x");
	value = fake_header(s, "grpc-status-details-bin");
	if (ok(value && base64_decode(value, strlen(value), bytes, &len),
		"details")) {
		ok(len == 7 + 2 * sizeof(any), "of the right length");
		ok(memcmp(bytes, "\10\11\22\3a\303\274", 7) == 0,
		    "code and message");
		ok(memcmp(bytes + 7, any, sizeof(any) - 1) == 0 &&
			bytes[7 + sizeof(any) - 1] == 5,
		    "the first");
		is_int(6, bytes[len - 1], "the second");
	}
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
fail_with_much(struct grpcd_call *call, const struct node *node)
{
	struct node detail;
	int n = 0;

	(void)node;
	node_init(&detail);
	detail.text = grpcd_alloc(call, 1001);
	memset(detail.text, 'x', 1000);
	while (n < 100 && grpcd_detail(call, &detail.base))
		n++;
	ok(n > 20 && n < 32, "details are not endless");
	for (n = 0; n < 2000 && grpcd_trailer(call, "t", "", 0);)
		n++;
	ok(n < 1000, "nor are trailers");
	grpcd_fail(call, GRPCD_INTERNAL, "much");
}

static void
check_much(void)
{
	struct http2_stream *s;

	node_ops.message = fail_with_much;
	s = fake_whole(&f, UNARY, "x");
	is_text("13", fake_header(s, "grpc-status"), "all of it is sent");
	is_text("much", fake_header(s, "grpc-message"), "with its text");
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
say_something(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	grpcd_log(call, GRPCD_LOG_WARN, "something %d", 5);
	grpcd_log(NULL, GRPCD_LOG_INFO, "of no call");
	reply(call);
}

static void
check_log(void)
{
	struct http2_stream *s;
	const char *log;

	fake_log();
	node_ops.message = say_something;
	s = fake_whole(&f, UNARY, "x");
	log = fake_log();
	ok(strstr(log, UNARY " ipv4:192.0.2.1:40000: something 5") != NULL,
	    "a line with its call");
	ok(strstr(log, "of no call") != NULL, "and one without");
	fake_close(&s, HTTP2_NO_ERROR);
}

int
main(void)
{
	fake_init(&f, &service);
	check_both_ways();
	check_errors();
	check_texts();
	check_details();
	check_much();
	check_log();
	fake_fini(&f);
	return done();
}
