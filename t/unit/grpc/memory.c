/* memory.c - what a call may take, and what ends it */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <tap.h>

static struct fake f;
static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

static bool
reply(struct grpcd_call *call, const char *text)
{
	struct node node;

	node_init(&node);
	node.text = (char *)(uintptr_t)text;
	return grpcd_reply(call, &node.base);
}

static void
take_some(struct grpcd_call *call, const struct node *node)
{
	char *a = grpcd_alloc(call, 100), *b = grpcd_alloc(call, 0);
	char *s = grpcd_strdup(call, node->text);
	char *long_text;

	ok(a && b && a != b, "memory");
	for (int i = 0; i < 100; i++)
		if (a[i])
			ok(false, "it is zeroed");
	ok((uintptr_t)a % _Alignof(max_align_t) == 0, "and aligned");
	is_text(node->text, s, "a copy");
	ok(s != node->text, "of its own");
	is_text("5 of x", grpcd_printf(call, "%d of %s", 5, "x"), "printf");
	long_text = grpcd_printf(call, "%0300d", 7);
	is_int(300, strlen(long_text), "a long one");
	is_text("7", long_text + 299, "whole");
	is_text("y 1", grpcd_scratch_printf(call, "y %d", 1), "scratch");
	a = grpcd_scratch(call, 5000);
	ok(a && a[0] == 0 && a[4999] == 0, "more of it");
	reply(call, s);
}

static void
check_some(void)
{
	struct http2_stream *s;

	node_ops.message = take_some;
	s = fake_whole(&f, UNARY, "x");
	is_text("x", fake_text(s, 0), "answered");
	fake_close(&s, HTTP2_NO_ERROR);
}

static size_t wanted;

static void
take_too_much(struct grpcd_call *call, const struct node *node)
{
	char *p = grpcd_alloc(call, wanted);

	(void)node;
	ok(p != NULL, "never NULL");
	p[0] = p[wanted - 1] = 'x';
	ok(p[wanted / 2] == 0, "zeroed and usable until the function returns");
	ok(grpcd_scratch(call, 1 << 20) != NULL, "and scratch");
	ok(grpcd_printf(call, "%02000000d", 1) != NULL, "and text");
	ok(!reply(call, "x"), "but the call has ended");
}

/* What a service has for its call stays until it has heard of the end. */
static void
end_too_much(struct grpcd_call *call, enum grpcd_status status)
{
	char **text = grpcd_data(call);

	is_int(GRPCD_RESOURCE_EXHAUSTED, status, "the end is told");
	is_int(200000, strlen(*text), "with memory past the cap still there");
}

static void
keep_too_much(struct grpcd_call *call, const struct node *node)
{
	static const struct grpcd_events events = { .end = end_too_much };
	char **text = grpcd_alloc(call, sizeof(*text));

	(void)node;
	ok(grpcd_keep(call, &events, text), "kept");
	*text = grpcd_printf(call, "%0200000d", 7);
	ok(!grpcd_keep(call, &events, text), "ended by what came then");
}

static void
check_kept_too_much(void)
{
	struct http2_stream *s;

	fake_log();
	node_ops.message = keep_too_much;
	FAKE_LIMIT(&f, max_call_memory, 100000);
	s = fake_whole(&f, UNARY, "x");
	is_text("8", fake_trailer(s, "grpc-status"), "RESOURCE_EXHAUSTED");
	fake_close(&s, HTTP2_NO_ERROR);
	is_text("", fake_log(), "a service that cannot know is not blamed");
	FAKE_LIMIT(&f, max_call_memory, fake_limits.max_call_memory);
}

static void
check_too_much(void)
{
	struct http2_stream *s;

	node_ops.message = take_too_much;
	FAKE_LIMIT(&f, max_call_memory, 100000);
	for (wanted = 100000; wanted <= (size_t)1 << 33; wanted <<= 16) {
		s = fake_whole(&f, UNARY, "x");
		is_text("8", fake_header(s, "grpc-status"),
		    "RESOURCE_EXHAUSTED for %zu bytes", wanted);
		ok(strstr(fake_header(s, "grpc-message"),
		       "bytes of memory exceed max_call_memory 100000") != NULL,
		    "with the limit");
		fake_close(&s, HTTP2_NO_ERROR);
	}
	FAKE_LIMIT(&f, max_call_memory, fake_limits.max_call_memory);
}

static void
take_by_and_by(struct grpcd_call *call, const struct node *node)
{
	int n = 0;

	(void)node;
	while (n < 1000 && !grpcd_cancelled(call) &&
	       grpcd_header(call, "x-bin", "abc", 3) && grpcd_alloc(call, 1000))
		n++;
	ok(n > 60 && n < 101, "small pieces count, too");
}

static void
check_by_and_by(void)
{
	struct http2_stream *s;

	node_ops.message = take_by_and_by;
	FAKE_LIMIT(&f, max_call_memory, 100000);
	s = fake_whole(&f, UNARY, "x");
	is_text("8", fake_trailer(s, "grpc-status"), "RESOURCE_EXHAUSTED");
	fake_close(&s, HTTP2_NO_ERROR);
	FAKE_LIMIT(&f, max_call_memory, fake_limits.max_call_memory);
}

static void
scratch_only(struct grpcd_call *call, const struct node *node)
{
	struct node out;

	node_init(&out);
	out.text = grpcd_scratch_printf(call, "%s %0500d", node->text, 1);
	grpcd_write(call, &out.base);
}

static void
check_long_stream(void)
{
	struct http2_stream *s;

	node_ops.message = scratch_only;
	FAKE_LIMIT(&f, max_call_memory, 20000);
	s = fake_call(&f, BOTH);
	for (int i = 0; i < 1000; i++) {
		fake_message(s, "x");
		fake_read(s, 600);
	}
	fake_read(s, 1 << 20);
	ok(s->responded && !s->ended, "a long stream does not grow");
	is_int(1000 * (5 + 3 + 502), buffer_length(&s->body), "its messages");
	fake_close(&s, HTTP2_CANCEL);
	FAKE_LIMIT(&f, max_call_memory, fake_limits.max_call_memory);
}

static void
count_only(struct grpcd_call *call, const struct node *node)
{
	(void)call, (void)node;
}

static void
check_messages(void)
{
	static uint8_t many[65000];
	struct http2_stream *s;

	node_ops.message = count_only;
	FAKE_LIMIT(&f, max_call_memory, 100000);
	many[0] = 0;
	many[1] = many[2] = 0;
	many[3] = 64990 >> 8;
	many[4] = 64990 & 0xff;
	for (int i = 5; i < 64995; i += 2)
		many[i] = 0x1a;
	s = fake_call(&f, UP);
	fake_data(s, many, 64995);
	is_text("message of 64990 bytes, unpacked, exceeds max_call_memory"
		" 100000",
	    fake_header(s, "grpc-message"), "an amplifying message");
	fake_close(&s, HTTP2_NO_ERROR);

	FAKE_LIMIT(&f, max_message_memory, 50000);
	s = fake_call(&f, UP);
	fake_data(s, many, 64995);
	is_text("message of 64990 bytes, unpacked, exceeds max_message_memory"
		" 50000",
	    fake_header(s, "grpc-message"), "one that is so by itself");
	fake_close(&s, HTTP2_NO_ERROR);

	FAKE_LIMIT(&f, max_call_memory, fake_limits.max_call_memory);
	s = fake_call(&f, UP);
	for (int i = 0; i < 100; i++)
		fake_message(s, "a message of a stream");
	ok(!s->responded, "many small ones are none");
	fake_close(&s, HTTP2_CANCEL);
	s = fake_call(&f, UNARY);
	fake_data(s, many, 64995);
	is_text("message of 64990 bytes, unpacked, exceeds max_message_memory"
		" 50000",
	    fake_header(s, "grpc-message"), "however much the call may take");
	fake_close(&s, HTTP2_NO_ERROR);
	FAKE_LIMIT(&f, max_message_memory, fake_limits.max_message_memory);

	FAKE_LIMIT(&f, max_call_memory, 10000);
	s = fake_call(&f, UP);
	fake_data(s, many, 12000);
	is_text("what came of a message exceeds max_call_memory 10000",
	    fake_header(s, "grpc-message"), "a message on its way");
	fake_close(&s, HTTP2_NO_ERROR);

	FAKE_LIMIT(&f, max_call_memory, 4096);
	s = fake_open(&f);
	fake_field(s, ":method", "POST");
	fake_field(s, ":path", UNARY);
	fake_field(s, "content-type", "application/grpc");
	memset(many, 'x', sizeof(many));
	many[3000] = '\0';
	fake_field(s, "k", (char *)many);
	fake_field(s, "l", (char *)many);
	fake_headers(s);
	is_text("8", fake_header(s, "grpc-status"), "headers");
	is_text("headers exceed max_call_memory, or all memory",
	    fake_header(s, "grpc-message"), "are told with the limit");
	fake_close(&s, HTTP2_NO_ERROR);
	FAKE_LIMIT(&f, max_call_memory, fake_limits.max_call_memory);
}

static void
reply_long(struct grpcd_call *call, const struct node *node)
{
	char *text = grpcd_alloc(call, 5001);

	(void)node;
	memset(text, 'x', 5000);
	ok(!reply(call, text), "the reply is refused");
}

static void
check_reply_size(void)
{
	struct http2_stream *s;

	node_ops.message = reply_long;
	FAKE_LIMIT(&f, max_reply_size, 5000);
	s = fake_whole(&f, UNARY, "x");
	is_text("8", fake_header(s, "grpc-status"), "a reply that is too long");
	is_text("message of 5003 bytes exceeds max_reply_size 5000",
	    fake_header(s, "grpc-message"), "with the limit");
	fake_close(&s, HTTP2_NO_ERROR);
	FAKE_LIMIT(&f, max_reply_size, fake_limits.max_reply_size);
	FAKE_LIMIT(&f, max_call_memory, 9000);
	s = fake_whole(&f, UNARY, "x");
	is_text("8", fake_header(s, "grpc-status"), "a reply without memory");
	fake_close(&s, HTTP2_NO_ERROR);
	FAKE_LIMIT(&f, max_call_memory, fake_limits.max_call_memory);
}

int
main(void)
{
	fake_init(&f, &service);
	check_some();
	check_too_much();
	check_kept_too_much();
	check_by_and_by();
	check_long_stream();
	check_messages();
	check_reply_size();
	fake_fini(&f);
	return done();
}
