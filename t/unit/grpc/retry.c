/*
 * retry.c - what clients are told of trying again, what they tell of it, and
 * what their resets mean
 */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <stdlib.h>
#include <tap.h>

static struct fake f;
static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

#define PUSH_BACK "grpc-retry-pushback-ms"

static size_t
count(const struct fake_fields *fields, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < fields->n; i++)
		n += fields->all[i].name_len == strlen(name) &&
		     memcmp(fields->all[i].name, name, strlen(name)) == 0;
	return n;
}

static void
echo(struct grpcd_call *call, const struct node *node)
{
	struct node reply;

	node_init(&reply);
	reply.text = node->text;
	grpcd_reply(call, &reply.base);
}

static void
take_much(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	grpcd_alloc(call, 1 << 20);
}

/* What cannot come to be: the push-back says never. */
static void
check_never(void)
{
	struct http2_stream *s;
	char text[101];

	memset(text, 'x', 100);
	text[100] = '\0';
	FAKE_LIMIT(&f, max_message_size, 50);
	s = fake_whole(&f, UNARY, text);
	is_text("message of 102 bytes exceeds max_message_size 50",
	    fake_header(s, "grpc-message"), "a message that is too large");
	is_text("-1", fake_header(s, PUSH_BACK), "will be the next time");
	fake_close(&s, HTTP2_NO_ERROR);
	FAKE_LIMIT(&f, max_message_size, 1000);

	FAKE_LIMIT(&f, max_reply_size, 50);
	s = fake_whole(&f, UNARY, text);
	is_text("-1", fake_header(s, PUSH_BACK), "as will the reply");
	fake_close(&s, HTTP2_NO_ERROR);
	FAKE_LIMIT(&f, max_reply_size, 1000);

	node_ops.message = take_much;
	FAKE_LIMIT(&f, max_call_memory, 8192);
	s = fake_whole(&f, UNARY, "x");
	is_text("8", fake_header(s, "grpc-status"), "and the memory");
	is_text("-1", fake_header(s, PUSH_BACK), "that it takes");
	fake_close(&s, HTTP2_NO_ERROR);
	FAKE_LIMIT(&f, max_call_memory, 1 << 20);
	node_ops.message = echo;

	s = fake_open(&f);
	fake_field(s, ":method", "POST");
	fake_field(s, ":path", UNARY);
	fake_field(s, "content-type", "application/grpc");
	grpc_handler()->headers(s->call, 10000);
	is_text("-1", fake_header(s, PUSH_BACK), "and the headers");
	fake_close(&s, HTTP2_NO_ERROR);
}

/* What may be better soon. */
static void
check_later(void)
{
	struct http2_stream *s;
	long ms;

	FAKE_LIMIT(&f, retry_pushback, 1000);
	f.refuse_timers = true;
	for (int i = 0; i < 10; i++) {
		s = fake_call_with(&f, UP, "grpc-timeout", "1S");
		grpc_settle(f.grpc);
		is_text("8", fake_header(s, "grpc-status"), "no memory");
		ms = strtol(fake_header(s, PUSH_BACK), NULL, 10);
		ok(ms >= 800 && ms <= 1200, "may be there in %ld ms", ms);
		fake_close(&s, HTTP2_NO_ERROR);
	}
	f.refuse_timers = false;
}

static void
push_back(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	ok(grpcd_push_back(call, 60000), "push-back");
	ok(grpcd_trailer(call, "other", "x", 1), "another trailer");
	ok(grpcd_push_back(call, 250), "and again");
	grpcd_fail(call, GRPCD_UNAVAILABLE, "busy");
	ok(!grpcd_push_back(call, 1), "and too late");
}

static void
check_service(void)
{
	struct http2_stream *s;

	node_ops.message = push_back;
	s = fake_whole(&f, UNARY, "x");
	is_int(1, count(&s->headers, PUSH_BACK), "one field");
	is_text("250", fake_header(s, PUSH_BACK), "the last that was said");
	is_text("x", fake_header(s, "other"), "the other is there, too");
	fake_close(&s, HTTP2_NO_ERROR);
}

static unsigned attempts;

static void
ask(struct grpcd_call *call, const struct node *node)
{
	size_t n;

	attempts = grpcd_previous_attempts(call);
	grpcd_metadata_all(call, &n);
	is_int(1, n, "which is no metadata");
	echo(call, node);
	is_int(attempts, grpcd_previous_attempts(call),
	    "and stays as long as the call");
}

static void
check_attempts(void)
{
	static const struct {
		const char *text;
		unsigned n;
	} examples[] = { { NULL, 0 }, { "1", 1 }, { "4", 4 }, { "0", 0 },
		{ "-1", 0 }, { "x", 0 }, { "", 0 }, { "99999999999", 0 } };

	node_ops.message = ask;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		const char *text = examples[i].text;
		struct http2_stream *s = fake_call_with(&f, UNARY,
		    text ? "grpc-previous-rpc-attempts" : NULL, text);

		fake_message(s, "x");
		fake_end(s);
		is_int(examples[i].n, attempts, "%s attempts",
		    text ? text : "no");
		fake_close(&s, HTTP2_NO_ERROR);
	}
	is_int(0, grpcd_previous_attempts(NULL), "of no call");
}

static enum grpcd_status ended;
static bool was_cancelled;

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	ended = status;
	was_cancelled = grpcd_cancelled(call);
}

static const struct grpcd_events events = { .end = on_end };

static void
keep(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	grpcd_keep(call, &events, NULL);
}

static void
check_resets(void)
{
	static const struct {
		uint32_t error;
		enum grpcd_status status;
	} examples[] = {
		{ HTTP2_CANCEL, GRPCD_CANCELLED },
		{ HTTP2_NO_ERROR, GRPCD_INTERNAL },
		{ HTTP2_PROTOCOL_ERROR, GRPCD_INTERNAL },
		{ HTTP2_INTERNAL_ERROR, GRPCD_INTERNAL },
		{ HTTP2_FLOW_CONTROL_ERROR, GRPCD_INTERNAL },
		{ HTTP2_SETTINGS_TIMEOUT, GRPCD_INTERNAL },
		{ HTTP2_FRAME_SIZE_ERROR, GRPCD_INTERNAL },
		{ HTTP2_COMPRESSION_ERROR, GRPCD_INTERNAL },
		{ HTTP2_CONNECT_ERROR, GRPCD_INTERNAL },
		{ HTTP2_REFUSED_STREAM, GRPCD_UNAVAILABLE },
		{ HTTP2_ENHANCE_YOUR_CALM, GRPCD_RESOURCE_EXHAUSTED },
		{ HTTP2_INADEQUATE_SECURITY, GRPCD_PERMISSION_DENIED },
		{ HTTP2_STREAM_CLOSED, GRPCD_UNKNOWN },
		{ 0xd, GRPCD_UNKNOWN },
		{ 0x12345678, GRPCD_UNKNOWN },
	};

	node_ops.message = keep;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		struct http2_stream *s = fake_whole(&f, UNARY, "x");

		ended = GRPCD_OK;
		was_cancelled = false;
		fake_close(&s, examples[i].error);
		is_int(examples[i].status, ended, "a reset with code %u",
		    (unsigned)examples[i].error);
		ok(was_cancelled, "cancels the call");
	}
}

int
main(void)
{
	fake_init(&f, &service);
	node_ops.message = echo;
	check_never();
	check_later();
	check_service();
	check_attempts();
	check_resets();
	fake_fini(&f);
	return done();
}
