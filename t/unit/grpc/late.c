/* late.c - answers that come later, twice, too late, never */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <stdlib.h>
#include <tap.h>

static struct fake f;
static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

static struct grpcd_call *last;
static int n_ended;
static enum grpcd_status ended;
static void *data_at_end;

static bool
reply(struct grpcd_call *call, const char *text)
{
	struct node node;

	node_init(&node);
	node.text = (char *)(uintptr_t)text;
	return grpcd_reply(call, &node.base);
}

static enum grpcd_flow
say(struct grpcd_call *call)
{
	struct node node;

	node_init(&node);
	return grpcd_write(call, &node.base);
}

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	n_ended++;
	ended = status;
	data_at_end = grpcd_data(call);
	ok(!reply(call, "x"), "no answer at the end");
	is_text("ipv4:192.0.2.1:40000", grpcd_peer(call), "the peer is known");
}

static const struct grpcd_events events = { NULL, NULL, NULL, on_end };

static void
keep(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	last = call;
	ok(grpcd_keep(call, &events, &f), "keep");
	is_int(0, n_ended, "not ended");
}

static struct http2_stream *
kept(void)
{
	struct http2_stream *s;

	n_ended = 0;
	data_at_end = NULL;
	node_ops.message = keep;
	s = fake_call(&f, UNARY);
	fake_message(s, "x");
	fake_end(s);
	return s;
}

static void
check_later(void)
{
	struct http2_stream *s = kept();

	ok(!s->responded, "kept, there is no answer yet");
	ok(reply(last, "later"), "it comes later");
	is_int(0, n_ended, "the end is not told from within the answer");
	grpc_settle(f.grpc);
	is_int(1, n_ended, "but then");
	is_int(GRPCD_OK, ended, "with its status");
	ok(data_at_end == &f, "and the service's data");
	fake_read(s, 1000);
	is_text("later", fake_text(s, 0), "the client has it");
	fake_close(&s, HTTP2_NO_ERROR);
	is_int(1, n_ended, "the end is told once");
}

/* Everything that one may do to a handle whose call has ended. */
static void
check_stale(struct grpcd_call *call)
{
	size_t n = 99;

	ok(!reply(call, "x"), "stale: reply");
	is_int(GRPCD_GONE, say(call), "stale: write");
	ok(!grpcd_finish(call), "stale: finish");
	ok(!grpcd_fail(call, GRPCD_INTERNAL, "x"), "stale: fail");
	ok(!grpcd_detail(call, NULL), "stale: detail");
	ok(!grpcd_keep(call, NULL, NULL), "stale: keep");
	ok(!grpcd_data(call), "stale: data");
	ok(!grpcd_after(call, 1), "stale: after");
	grpcd_pause(call);
	grpcd_resume(call);
	ok(grpcd_cancelled(call), "stale: cancelled");
	is_int(0, grpcd_time_left(call), "stale: time left");
	is_text(NULL, grpcd_method(call), "stale: method");
	is_text(NULL, grpcd_peer(call), "stale: peer");
	is_text(NULL, grpcd_authority(call), "stale: authority");
	ok(!grpcd_metadata_all(call, &n) && n == 0, "stale: metadata");
	is_text(NULL, grpcd_metadata_get(call, "x"), "stale: a key");
	ok(!grpcd_header(call, "k", "v", 1), "stale: header");
	ok(!grpcd_trailer(call, "k", "v", 1), "stale: trailer");
	ok(!grpcd_send_headers(call), "stale: headers");
	ok(!grpcd_alloc(call, 1), "stale: alloc");
	ok(!grpcd_strdup(call, "x"), "stale: strdup");
	ok(!grpcd_printf(call, "x"), "stale: printf");
	ok(!grpcd_scratch(call, 1), "stale: scratch");
	ok(!grpcd_scratch_printf(call, "x"), "stale: scratch printf");
}

static void
check_gone(void)
{
	struct http2_stream *s = kept();
	struct grpcd_call *old = last;

	reply(old, "x");
	grpc_settle(f.grpc);
	fake_log();
	check_stale(old);
	fake_read(s, 1000);
	fake_close(&s, HTTP2_NO_ERROR);
	check_stale(old);
	s = kept();
	ok(last != old, "another call, another handle");
	check_stale(old);
	reply(last, "x");
	fake_close(&s, HTTP2_NO_ERROR);
	check_stale(NULL);
}

static void
check_told_once(void)
{
	struct http2_stream *s = kept();

	fake_log();
	fake_close(&s, HTTP2_CANCEL);
	reply(last, "late");
	reply(last, "later");
	is_text("", fake_log(), "a method that was told is not told again");
}

static void
reply_twice(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	ok(reply(call, "first"), "the first answer");
	ok(!reply(call, "second"), "not the second");
	ok(!grpcd_fail(call, GRPCD_ABORTED, "x"), "nor a failure");
	ok(grpcd_alloc(call, 10) != NULL, "memory is there until it returns");
	is_text("localhost:1", grpcd_authority(call), "and so are questions");
}

static void
check_twice(void)
{
	struct http2_stream *s;
	const char *log;

	fake_log();
	node_ops.message = reply_twice;
	s = fake_whole(&f, UNARY, "x");
	log = fake_log();
	ok(strstr(log, UNARY ": grpcd_reply() for a call that has ended") !=
		NULL,
	    "which is told");
	is_text("first", fake_text(s, 0), "the first stands");
	is_text(NULL, fake_text(s, 1), "alone");
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
do_nothing(struct grpcd_call *call, const struct node *node)
{
	(void)call, (void)node;
}

static void
check_never(void)
{
	struct http2_stream *s;

	fake_log();
	node_ops.message = do_nothing;
	s = fake_whole(&f, UNARY, "x");
	is_text("2", fake_header(s, "grpc-status"), "no answer is UNKNOWN");
	is_text("the handler returned without an answer",
	    fake_header(s, "grpc-message"), "with a text");
	ok(strstr(fake_log(),
	       "handler of " UNARY " returned without an answer") != NULL,
	    "and a line in the log");
	fake_close(&s, HTTP2_NO_ERROR);

	node_ops.open = NULL;
	s = fake_call(&f, BOTH);
	fake_message(s, "x");
	ok(!s->responded, "a stream may go on without an answer");
	fake_end(s);
	is_text("2", fake_header(s, "grpc-status"), "but not after its end");
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
check_cancel(void)
{
	struct http2_stream *s = kept();
	struct grpcd_call *call = last;
	uint64_t failed = f.row.calls_failed;

	ok(!grpcd_cancelled(call), "not cancelled");
	grpc_handler()->closed(s->call, HTTP2_CANCEL);
	is_int(0, n_ended, "http2's closed runs nothing of the service");
	f.peer.address = NULL;
	ok(grpcd_cancelled(call), "but may be asked for");
	ok(!reply(call, "x"), "and no answer goes out");
	fake_elapse(&f, 0);
	is_int(1, n_ended, "then it is told");
	is_int(GRPCD_CANCELLED, ended, "CANCELLED");
	is_int(failed + 1, f.row.calls_failed, "and counted as failed");
	f.peer.address = "ipv4:192.0.2.1:40000";
	free(s);

	s = fake_open(&f);
	fake_field(s, ":method", "POST");
	fake_close(&s, HTTP2_CANCEL);
	s = fake_call(&f, UNARY);
	fake_close(&s, HTTP2_CANCEL);
	s = fake_call(&f, UNARY);
	fake_data(s, "\0\0\0\0", 4);
	fake_close(&s, HTTP2_CANCEL);
	s = fake_call(&f, UNARY);
	fake_message(s, "x");
	fake_close(&s, HTTP2_CANCEL);
	s = kept();
	reply(last, "x");
	fake_close(&s, HTTP2_CANCEL);
	is_int(1, n_ended, "an end between answer and sending is told once");
	is_int(GRPCD_OK, ended, "with the status of the answer");
	s = kept();
	reply(last, "x");
	fake_read(s, 3);
	fake_close(&s, HTTP2_CANCEL);
	is_int(0, grpc_calls(f.grpc), "cancelled at every stage");
}

/* Ends another call from within the end of one. */
static struct grpcd_call *other;

static void
end_other(struct grpcd_call *call, enum grpcd_status status)
{
	(void)call, (void)status;
	n_ended++;
	if (other)
		grpcd_fail(other, GRPCD_ABORTED, "chain");
}

static const struct grpcd_events chain = { NULL, NULL, NULL, end_other };

static void
keep_chain(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	grpcd_keep(call, &chain, NULL);
	other = last;
	last = call;
}

static void
check_chain(void)
{
	struct http2_stream *a, *b;

	node_ops.message = keep_chain;
	n_ended = 0;
	last = NULL;
	a = fake_call(&f, UNARY);
	fake_message(a, "x");
	fake_end(a);
	b = fake_call(&f, UNARY);
	fake_message(b, "x");
	fake_end(b);
	fake_close(&b, HTTP2_CANCEL);
	is_int(2, n_ended, "the end of one call ends another");
	is_text("10", fake_header(a, "grpc-status"), "which is answered");
	fake_close(&a, HTTP2_NO_ERROR);
}

/* Functions of the wrong kind, which typed ones would not let through. */
static void
misuse(struct grpcd_call *call, const struct node *node)
{
	struct node out;

	node_init(&out);
	if (strcmp(node->text, "write") == 0)
		is_int(GRPCD_GONE, say(call), "misuse: write");
	else if (strcmp(node->text, "finish") == 0)
		ok(!grpcd_finish(call), "misuse: finish");
	else if (strcmp(node->text, "ok") == 0)
		ok(!grpcd_fail(call, GRPCD_OK, "x"), "misuse: fail with OK");
	else if (strcmp(node->text, "reply") == 0)
		ok(!reply(call, "x"), "misuse: reply");
	else {
		out.base.descriptor = &other_type;
		ok(!grpcd_reply(call, &out.base), "misuse: another type");
	}
}

static void
check_misuse(void)
{
	static const char *const how[] = { "write", "finish", "ok", "type" };
	struct http2_stream *s;

	node_ops.message = misuse;
	for (size_t i = 0; i < sizeof(how) / sizeof(*how); i++) {
		s = fake_whole(&f, UNARY, how[i]);
		is_text("13", fake_header(s, "grpc-status"),
		    "misuse: INTERNAL for %s", how[i]);
		fake_close(&s, HTTP2_NO_ERROR);
	}
	s = fake_whole(&f, DOWN, "reply");
	is_text("13", fake_header(s, "grpc-status"), "misuse: INTERNAL");
	fake_close(&s, HTTP2_NO_ERROR);
}

int
main(void)
{
	fake_log();
	fake_init(&f, &service);
	check_twice();
	check_later();
	check_gone();
	check_told_once();
	check_never();
	check_cancel();
	check_chain();
	check_misuse();
	fake_fini(&f);
	return done();
}
