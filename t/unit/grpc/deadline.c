/* deadline.c - deadlines at every stage, and the service's own timer */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <tap.h>

#include "base/clock.h"

static struct fake f;
static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

static struct grpcd_call *last;
static int n_timers, n_ended;
static enum grpcd_status ended;
static bool cancelled_at_end;

static void
on_timer(struct grpcd_call *call)
{
	(void)call;
	n_timers++;
}

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	n_ended++;
	ended = status;
	cancelled_at_end = grpcd_cancelled(call);
}

static const struct grpcd_events events = { NULL, on_timer, NULL, on_end };

static void
keep(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	last = call;
	grpcd_keep(call, &events, NULL);
}

static bool
reply(struct grpcd_call *call)
{
	struct node node;

	node_init(&node);
	return grpcd_reply(call, &node.base);
}

static void
reply_now(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	reply(call);
}

static struct http2_stream *
kept(const char *timeout)
{
	struct http2_stream *s =
	    fake_call_with(&f, UNARY, timeout ? "grpc-timeout" : NULL, timeout);

	n_ended = n_timers = 0;
	fake_message(s, "x");
	fake_end(s);
	return s;
}

static void
check_lazy(void)
{
	struct http2_stream *s;
	int made = f.timers_made;

	node_ops.message = reply_now;
	s = kept("1S");
	fake_close(&s, HTTP2_NO_ERROR);
	fake_elapse(&f, 2 * CLOCK_SECOND);
	/* fake_message settles, so that the call above had a timer. */
	is_int(made + 1, f.timers_made, "a call over two batches has a timer");
	is_int(1, f.n_timers, "which goes with it");

	made = f.timers_made;
	s = fake_call_with(&f, UNARY, "grpc-timeout", "1S");
	grpc_handler()->data(s->call, (const uint8_t *)"\0\0\0\0", 5);
	grpc_handler()->end(s->call);
	grpc_settle(f.grpc);
	is_int(made, f.timers_made, "a call within one batch needs none");
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
check_pass(void)
{
	struct http2_stream *s;

	node_ops.message = keep;
	s = kept("20m");
	is_int(20, grpcd_time_left(last), "20 ms left");
	fake_elapse(&f, 15 * CLOCK_MS);
	is_int(5, grpcd_time_left(last), "5 ms left");
	is_int(0, n_ended, "not yet");
	fake_elapse(&f, 5 * CLOCK_MS);
	is_int(1, n_ended, "now");
	is_int(GRPCD_DEADLINE_EXCEEDED, ended, "DEADLINE_EXCEEDED");
	ok(cancelled_at_end, "which is a cancellation");
	is_text("4", fake_header(s, "grpc-status"), "the client is told");
	is_text("the deadline has passed", fake_header(s, "grpc-message"),
	    "with a text");
	ok(!reply(last), "no answer after that");
	fake_close(&s, HTTP2_NO_ERROR);

	s = kept(NULL);
	ok(grpcd_time_left(last) == INT64_MAX, "no deadline, all the time");
	fake_elapse(&f, INT64_C(1000000000) * CLOCK_SECOND);
	is_int(0, n_ended, "which never ends");
	reply(last);
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
check_stages(void)
{
	struct http2_stream *s;

	s = fake_call_with(&f, UNARY, "grpc-timeout", "1m");
	grpc_settle(f.grpc);
	fake_elapse(&f, CLOCK_SECOND);
	is_text("4", fake_header(s, "grpc-status"), "before any message");
	fake_message(s, "late");
	fake_end(s);
	fake_close(&s, HTTP2_NO_ERROR);

	s = fake_call_with(&f, UNARY, "grpc-timeout", "1m");
	fake_data(s, "\0\0\0\0\5x", 6);
	fake_elapse(&f, CLOCK_SECOND);
	is_text("4", fake_header(s, "grpc-status"), "within a message");
	fake_close(&s, HTTP2_NO_ERROR);

	s = kept("1m");
	reply(last);
	fake_elapse(&f, CLOCK_SECOND);
	fake_read(s, 1000);
	is_text("0", fake_trailer(s, "grpc-status"),
	    "after the answer it does not matter");
	fake_close(&s, HTTP2_NO_ERROR);

	s = kept("1m");
	fake_close(&s, HTTP2_CANCEL);
	fake_elapse(&f, CLOCK_SECOND);
	is_int(GRPCD_CANCELLED, ended, "nor after the client has gone");
	is_int(1, n_ended, "the end is told once");
}

static void
check_max(void)
{
	struct http2_stream *s;

	FAKE_LIMIT(&f, max_deadline, 100);
	s = kept(NULL);
	is_int(100, grpcd_time_left(last), "a call without one gets the most");
	fake_close(&s, HTTP2_CANCEL);
	s = kept("1H");
	is_int(100, grpcd_time_left(last), "one with more, too");
	fake_close(&s, HTTP2_CANCEL);
	s = kept("50m");
	is_int(50, grpcd_time_left(last), "one with less keeps it");
	fake_close(&s, HTTP2_CANCEL);
	FAKE_LIMIT(&f, default_deadline, 70);
	s = kept(NULL);
	is_int(70, grpcd_time_left(last), "unless there is a default");
	fake_close(&s, HTTP2_CANCEL);
	s = kept("1H");
	is_int(100, grpcd_time_left(last), "which is for those without");
	fake_close(&s, HTTP2_CANCEL);
	FAKE_LIMIT(&f, max_deadline, 0);
	s = kept("1H");
	is_int(3600000, grpcd_time_left(last), "with a default alone");
	fake_close(&s, HTTP2_CANCEL);
	FAKE_LIMIT(&f, default_deadline, 0);
}

static void
check_after(void)
{
	struct http2_stream *s = kept("1S");

	ok(grpcd_after(last, 100), "a timer");
	fake_elapse(&f, 99 * CLOCK_MS);
	is_int(0, n_timers, "not too early");
	fake_elapse(&f, 1 * CLOCK_MS);
	is_int(1, n_timers, "goes off");
	fake_elapse(&f, 500 * CLOCK_MS);
	is_int(1, n_timers, "once");
	ok(grpcd_after(last, 300) && grpcd_after(last, 100), "set again");
	fake_elapse(&f, 100 * CLOCK_MS);
	is_int(2, n_timers, "the last time counts");
	ok(grpcd_after(last, 100) && grpcd_after(last, -1), "taken back");
	fake_elapse(&f, 200 * CLOCK_MS);
	is_int(2, n_timers, "it does not go off");
	ok(grpcd_after(last, 100), "once more");
	fake_elapse(&f, 1 * CLOCK_SECOND);
	is_int(2, n_timers, "the deadline comes first");
	is_int(GRPCD_DEADLINE_EXCEEDED, ended, "and ends it");
	fake_close(&s, HTTP2_NO_ERROR);

	s = kept(NULL);
	ok(grpcd_after(last, INT64_MAX), "the longest time there is");
	ok(grpcd_after(last, 0), "and none");
	fake_elapse(&f, 0);
	is_int(1, n_timers, "goes off at once");
	reply(last);
	fake_close(&s, HTTP2_NO_ERROR);
}

static void
reply_at_timer(struct grpcd_call *call)
{
	reply(call);
}

static const struct grpcd_events answer_later = { NULL, reply_at_timer, NULL,
	on_end };

static void
keep_for_timer(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	grpcd_keep(call, &answer_later, NULL);
	grpcd_after(call, 10);
}

static void
check_timer_answers(void)
{
	struct http2_stream *s;

	node_ops.message = keep_for_timer;
	s = kept("1S");
	fake_elapse(&f, 10 * CLOCK_MS);
	is_int(1, n_ended, "an answer from the timer");
	fake_read(s, 1000);
	is_text("0", fake_trailer(s, "grpc-status"), "is OK");
	fake_close(&s, HTTP2_NO_ERROR);
	node_ops.message = keep;
}

static void
check_no_memory(void)
{
	struct http2_stream *s;

	f.refuse_timers = true;
	s = fake_call_with(&f, UNARY, "grpc-timeout", "1S");
	grpc_settle(f.grpc);
	is_text("8", fake_header(s, "grpc-status"),
	    "no memory for a deadline ends the call");
	fake_close(&s, HTTP2_NO_ERROR);
	s = kept(NULL);
	ok(!grpcd_after(last, 10), "none for a timer is told");
	f.refuse_timers = false;
	ok(grpcd_after(last, 10), "later there is");
	fake_close(&s, HTTP2_CANCEL);
}

static size_t reply_len;

static void
reply_largely(struct grpcd_call *call, const struct node *node)
{
	struct node out;

	(void)node;
	node_init(&out);
	out.text = grpcd_printf(call, "%0*d", (int)reply_len, 1);
	grpcd_reply(call, &out.base);
}

/* An answer of so many bytes of which the client reads so many by its time. */
static bool
is_given_up(size_t len, size_t read, const char *timeout)
{
	struct http2_stream *s;
	int n = f.n_timers;
	bool reset;

	reply_len = len;
	s = kept(timeout);
	fake_read(s, read);
	fake_elapse(&f, CLOCK_SECOND - 1);
	ok(!s->reset, "%zu of %zu bytes: not before the deadline", read, len);
	fake_elapse(&f, 1);
	reset = s->reset;
	if (reset)
		is_int(HTTP2_CANCEL, s->reset_code, "with CANCEL");
	fake_close(&s, HTTP2_CANCEL);
	is_int(n, f.n_timers, "no timer is left");
	return reset;
}

static void
check_unread(void)
{
	node_ops.message = reply_largely;
	ok(is_given_up(50000, 0, "1S"), "an answer that nobody reads ends");
	ok(is_given_up(50000, 40000, "1S"), "so does one that is half read");
	ok(!is_given_up(50000, 60000, "1S"), "one that is read is done");
	ok(!is_given_up(5000, 0, "1S"), "a small one may wait");
	ok(!is_given_up(50000, 0, NULL), "and one without a deadline");
}

/* The deadline was armed before the answer came. */
static void
check_late_unread(void)
{
	struct http2_stream *s;

	node_ops.message = keep;
	s = kept("1S");
	fake_elapse(&f, CLOCK_SECOND / 2);
	ok(grpcd_after(last, 900), "with a timer of its own");
	reply_len = 50000;
	reply_largely(last, NULL);
	fake_elapse(&f, CLOCK_SECOND / 2);
	ok(s->reset, "a late answer has no more time");
	is_int(0, n_timers, "and the service's timer is off");
	is_int(GRPCD_OK, ended, "its call has ended well");
	fake_close(&s, HTTP2_CANCEL);
}

int
main(void)
{
	fake_init(&f, &service);
	check_lazy();
	check_pass();
	check_stages();
	check_max();
	check_after();
	check_timer_answers();
	check_no_memory();
	check_unread();
	check_late_unread();
	fake_fini(&f);
	return done();
}
