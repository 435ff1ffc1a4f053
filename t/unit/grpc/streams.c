/* streams.c - calls of the other three kinds, and how they wait */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <tap.h>

#include "grpc/answer.h"

static struct fake f;
static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

/* What the service heard, a letter each; and the last status. */
static char heard[256];
static enum grpcd_status ended;
static struct grpcd_call *last;

static void
note(const char *what)
{
	strncat(heard, what, sizeof(heard) - strlen(heard) - 1);
}

static const char *
said(void)
{
	static char copy[sizeof(heard)];

	memcpy(copy, heard, sizeof(heard));
	heard[0] = '\0';
	return copy;
}

static enum grpcd_flow
say(struct grpcd_call *call, const char *text)
{
	struct node node;

	node_init(&node);
	node.text = (char *)(uintptr_t)text;
	return grpcd_write(call, &node.base);
}

static bool
reply(struct grpcd_call *call, const char *text)
{
	struct node node;

	node_init(&node);
	node.text = (char *)(uintptr_t)text;
	return grpcd_reply(call, &node.base);
}

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	note("E");
	ended = status;
	last = call;
}

static void
on_writable(struct grpcd_call *call)
{
	note("w");
	last = call;
}

static void
on_timer(struct grpcd_call *call)
{
	note("t");
	last = call;
}

static const struct grpcd_events events = { on_writable, on_timer, NULL,
	on_end };

static void
keep_open(struct grpcd_call *call)
{
	note("o");
	grpcd_keep(call, &events, NULL);
	last = call;
}

static void
note_message(struct grpcd_call *call, const struct node *node)
{
	note(node->text);
	last = call;
}

static void
note_close(struct grpcd_call *call)
{
	note("c");
	last = call;
}

static void
use(void (*open)(struct grpcd_call *),
    void (*message)(struct grpcd_call *, const struct node *),
    void (*close)(struct grpcd_call *))
{
	node_ops = (struct node_ops){ open, message, close };
	said();
}

/*
 * Server-streaming
 */

static void
count_down(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	say(call, "3");
	say(call, "2");
	say(call, "1");
	grpcd_finish(call);
}

static void
finish_at_once(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	grpcd_finish(call);
}

static void
write_then_fail(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	say(call, "1");
	grpcd_fail(call, GRPCD_ABORTED, "100%% \303\274");
}

static void
check_down(void)
{
	struct http2_stream *s;

	use(NULL, count_down, NULL);
	s = fake_whole(&f, DOWN, "x");
	is_text("3", fake_text(s, 0), "down: the first");
	is_text("1", fake_text(s, 2), "down: the last");
	is_text(NULL, fake_text(s, 3), "down: no more");
	is_text("0", fake_trailer(s, "grpc-status"), "down: OK");
	fake_close(&s, HTTP2_NO_ERROR);

	use(NULL, finish_at_once, NULL);
	s = fake_whole(&f, DOWN, "x");
	ok(s->responded && !s->only && s->ended, "down: an empty stream");
	is_text("0", fake_trailer(s, "grpc-status"), "down: is OK, too");
	fake_close(&s, HTTP2_NO_ERROR);

	use(NULL, write_then_fail, NULL);
	s = fake_whole(&f, DOWN, "x");
	is_text("1", fake_text(s, 0), "down: what was written before");
	is_text("10", fake_trailer(s, "grpc-status"), "down: then the error");
	is_text("100%25 %C3%BC", fake_trailer(s, "grpc-message"),
	    "down: with its text");
	fake_close(&s, HTTP2_NO_ERROR);

	s = fake_call(&f, DOWN);
	fake_end(s);
	is_text("12", fake_header(s, "grpc-status"), "down: no message");
	fake_close(&s, HTTP2_NO_ERROR);
	s = fake_call(&f, DOWN);
	fake_message(s, "x");
	fake_message(s, "x");
	is_text("12", fake_header(s, "grpc-status"), "down: two messages");
	fake_close(&s, HTTP2_NO_ERROR);
}

/*
 * Client-streaming
 */

static void
reply_on_close(struct grpcd_call *call)
{
	note("c");
	reply(call, "sum");
}

static void
reply_early(struct grpcd_call *call, const struct node *node)
{
	note(node->text);
	reply(call, "enough");
}

static void
check_up(void)
{
	struct http2_stream *s;

	use(keep_open, note_message, reply_on_close);
	s = fake_call(&f, UP);
	is_text("o", said(), "up: opened with the headers");
	fake_message(s, "1");
	is_text("1", said(), "up: a message as it comes");
	fake_message(s, "2");
	ok(!s->responded, "up: no answer yet");
	fake_end(s);
	is_text("2cE", said(), "up: the end, and ours");
	is_int(GRPCD_OK, ended, "up: with OK");
	fake_read(s, 1000);
	is_text("sum", fake_text(s, 0), "up: one message");
	is_text("0", fake_trailer(s, "grpc-status"), "up: OK");
	fake_close(&s, HTTP2_NO_ERROR);

	s = fake_call(&f, UP);
	fake_end(s);
	is_text("ocE", said(), "up: no message is well");
	fake_close(&s, HTTP2_NO_ERROR);

	use(NULL, reply_early, NULL);
	s = fake_call(&f, UP);
	fake_message(s, "1");
	fake_message(s, "2");
	fake_end(s);
	is_text("1", said(), "up: after an early answer nothing is heard");
	fake_read(s, 1000);
	is_text("0", fake_trailer(s, "grpc-status"), "up: it stands");
	fake_close(&s, HTTP2_NO_ERROR);

	use(NULL, NULL, reply_on_close);
	s = fake_call(&f, UP);
	fake_message(s, "1");
	fake_end(s);
	is_text("c", said(), "up: who wants no messages gets none");
	fake_close(&s, HTTP2_NO_ERROR);

	use(NULL, NULL, NULL);
	s = fake_call(&f, UP);
	is_text("12", fake_header(s, "grpc-status"),
	    "up: without functions UNIMPLEMENTED, at once");
	fake_close(&s, HTTP2_NO_ERROR);
}

/*
 * Bidirectional
 */

static void
echo(struct grpcd_call *call, const struct node *node)
{
	say(call, node->text);
}

static void
finish(struct grpcd_call *call)
{
	grpcd_finish(call);
}

static void
check_both(void)
{
	struct http2_stream *s;
	uint8_t bytes[64];
	size_t len;

	use(NULL, echo, finish);
	s = fake_call(&f, BOTH);
	fake_message(s, "a");
	fake_read(s, 1000);
	is_text("a", fake_text(s, 0), "both: an answer before the end");
	ok(s->starved, "both: then there is nothing to read");
	fake_message(s, "b");
	is_int(1, s->resumes, "both: until the next");
	len = node_frame(bytes, "c");
	len += node_frame(bytes + len, "d");
	fake_data(s, bytes, len);
	fake_read(s, 1000);
	is_text("d", fake_text(s, 3), "both: two messages in one DATA");
	fake_end(s);
	fake_read(s, 1000);
	is_text("0", fake_trailer(s, "grpc-status"), "both: OK");
	fake_close(&s, HTTP2_NO_ERROR);

	s = fake_call(&f, BOTH);
	fake_data(s, "\1\0\0\0\0", 5);
	is_text("13", fake_header(s, "grpc-status"), "both: a bad frame");
	fake_data(s, "rubbish", 7);
	fake_end(s);
	fake_close(&s, HTTP2_NO_ERROR);

	s = fake_call(&f, BOTH);
	fake_message(s, "a");
	fake_data(s, "\0\0\0", 3);
	fake_end(s);
	fake_read(s, 1000);
	is_text("a", fake_text(s, 0), "both: what was answered is sent");
	is_text("13", fake_trailer(s, "grpc-status"),
	    "both: an end within a message");
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
send_headers(struct grpcd_call *call)
{
	grpcd_keep(call, &events, NULL);
	ok(grpcd_header(call, "k", "v", 1), "a header");
	ok(grpcd_send_headers(call), "sent now");
	ok(grpcd_send_headers(call), "again, to no effect");
	ok(!grpcd_header(call, "k", "v", 1), "then it is too late");
	ok(grpcd_trailer(call, "t-bin", "\0", 1), "but not for a trailer");
}

static void
check_headers(void)
{
	struct http2_stream *s;

	use(send_headers, NULL, finish);
	s = fake_call(&f, BOTH);
	ok(s->responded, "headers go out before any message");
	is_text("v", fake_header(s, "k"), "with the service's");
	is_text("200", fake_header(s, ":status"), "and the usual ones");
	fake_read(s, 1000);
	fake_end(s);
	fake_read(s, 1000);
	is_text("AA", fake_trailer(s, "t-bin"), "trailers");
	is_text("0", fake_trailer(s, "grpc-status"), "with the status");
	fake_close(&s, HTTP2_NO_ERROR);
}

/*
 * Back-pressure
 */

static char long_text[20001];

static void
fill(struct grpcd_call *call)
{
	enum grpcd_flow flow;
	int n = 0;

	grpcd_keep(call, &events, NULL);
	do {
		flow = say(call, long_text);
		n++;
	} while (flow == GRPCD_GO && n < 100);
	is_int(GRPCD_WAIT, flow, "a writer is told to wait");
	is_int(4, n, "when 64 KiB wait");
	is_int(GRPCD_WAIT, say(call, "x"), "once more is taken, too");
	last = call;
}

static void
check_slow_reader(void)
{
	struct http2_stream *s;

	memset(long_text, 'x', sizeof(long_text) - 1);
	use(fill, NULL, NULL);
	s = fake_call(&f, BOTH);
	fake_read(s, 40000);
	is_text("", said(), "half is not enough to go on");
	fake_read(s, 10000);
	is_text("w", said(), "less than half is");
	fake_read(s, 10000);
	is_text("", said(), "and it is said once");
	is_int(GRPCD_GO, say(last, "y"), "there is room again");
	grpcd_finish(last);
	fake_read(s, 1 << 20);
	ok(s->ended, "all is read");
	is_text("0", fake_trailer(s, "grpc-status"), "to the end");
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
flood(struct grpcd_call *call)
{
	int n = 0;

	grpcd_keep(call, &events, NULL);
	while (say(call, long_text) != GRPCD_GONE && n < 100000)
		n++;
	ok(n > 3000 && n < 3400, "who writes on is stopped at 64 MiB");
}

static void
check_flood(void)
{
	struct http2_stream *s;

	use(flood, NULL, NULL);
	s = fake_call(&f, BOTH);
	is_text("E", said(), "which ends the call");
	is_int(GRPCD_RESOURCE_EXHAUSTED, ended, "with RESOURCE_EXHAUSTED");
	fake_read(s, 1 << 27);
	is_text("message of 20004 bytes exceeds what is left of"
		" max_call_memory 67108864",
	    fake_trailer(s, "grpc-message"), "and names the limit");
	fake_close(&s, HTTP2_NO_ERROR);
}

/*
 * A service that stops its client
 */

static void
pause_at_p(struct grpcd_call *call, const struct node *node)
{
	note_message(call, node);
	if (node->text[0] == 'p')
		grpcd_pause(call);
}

static void
check_pause(void)
{
	struct http2_stream *s;
	size_t window = 65535, sent = 0;
	uint8_t bytes[1100], text[1024];

	use(keep_open, pause_at_p, note_close);
	s = fake_call(&f, BOTH);
	fake_message(s, "p");
	fake_message(s, "a");
	fake_message(s, "p");
	fake_message(s, "b");
	fake_end(s);
	is_text("op", said(), "paused, nothing more is delivered");
	grpcd_resume(last);
	is_text("", said(), "not from within resume");
	grpc_settle(f.grpc);
	is_text("ap", said(), "but then, up to the next pause");
	grpcd_resume(last);
	grpcd_resume(last);
	grpc_settle(f.grpc);
	is_text("bc", said(), "and the client's end in its turn");
	grpcd_finish(last);
	fake_close(&s, HTTP2_CANCEL);

	said();
	s = fake_call(&f, BOTH);
	fake_message(s, "p");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	while (sent + sizeof(bytes) < window) {
		size_t len = node_frame(bytes, (char *)text);

		fake_data(s, bytes, len);
		sent += len;
	}
	is_int(0, s->consumed, "a paused call gives no room back");
	use(keep_open, note_message, note_close);
	grpcd_resume(last);
	grpc_settle(f.grpc);
	ok(s->consumed >= sent, "resumed, it gives all of it");
	fake_close(&s, HTTP2_CANCEL);
	grpc_settle(f.grpc);
}

static void
resume_within(struct grpcd_call *call, const struct node *node)
{
	note_message(call, node);
	grpcd_pause(call);
	grpcd_resume(call);
}

static void
fail_within(struct grpcd_call *call, const struct node *node)
{
	note_message(call, node);
	if (node->text[0] == 'f')
		grpcd_fail(call, GRPCD_ABORTED, "f");
}

static void
check_within(void)
{
	struct http2_stream *s;
	uint8_t bytes[128];
	size_t len;

	len = node_frame(bytes, "a");
	len += node_frame(bytes + len, "f");
	len += node_frame(bytes + len, "b");
	use(keep_open, resume_within, note_close);
	s = fake_call(&f, BOTH);
	fake_data(s, bytes, len);
	is_text("oafb", said(), "pause and resume within a message");
	fake_close(&s, HTTP2_CANCEL);
	said();
	use(keep_open, fail_within, note_close);
	s = fake_call(&f, BOTH);
	fake_data(s, bytes, len);
	is_text("oafE", said(), "after a failure nothing more is delivered");
	fake_close(&s, HTTP2_CANCEL);
}

static void
check_consumed(void)
{
	struct http2_stream *s;
	uint8_t bytes[4] = { 0, 0, 0x10, 0 };
	static uint8_t more[1 << 20];

	use(keep_open, note_message, note_close);
	s = fake_call(&f, BOTH);
	fake_data(s, bytes, 4);
	for (int i = 0; i < 60; i++)
		fake_data(s, more, 16384);
	ok(s->consumed > 59 * 16384,
	    "room comes back while a large message grows");
	fake_close(&s, HTTP2_CANCEL);
}

int
main(void)
{
	fake_init(&f, &service);
	check_down();
	check_up();
	check_both();
	check_headers();
	check_slow_reader();
	check_flood();
	check_pause();
	check_within();
	check_consumed();
	fake_fini(&f);
	return done();
}
