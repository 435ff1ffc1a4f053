/*
 * age.c - streams that have reached max_stream_age
 */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <tap.h>

#include "base/clock.h"

static struct fake f;
static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

static struct grpcd_call *last;
static int64_t left_ms;
static int n_drains, n_timers, n_ended;
static enum grpcd_status ended;

static void
on_drain(struct grpcd_call *call, int64_t ms_left)
{
	(void)call;
	n_drains++;
	left_ms = ms_left;
}

static void
on_timer(struct grpcd_call *call)
{
	(void)call;
	n_timers++;
}

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	(void)call;
	n_ended++;
	ended = status;
}

static const struct grpcd_events events = { NULL, on_timer, on_drain, on_end };

static void
keep_open(struct grpcd_call *call)
{
	last = call;
	grpcd_keep(call, &events, NULL);
}

static void
keep(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	keep_open(call);
}

/* Not before it is asked to. */
static void
keep_nothing(struct grpcd_call *call)
{
	last = call;
}

static void
begin(int64_t age_ms, int64_t grace_ms)
{
	fake_prepare(&f, &service);
	f.section.limits.max_stream_age = age_ms;
	f.section.limits.max_stream_age_grace = grace_ms;
	f.section.limits.given = UINT64_MAX;
	fake_start(&f);
	n_drains = n_timers = n_ended = 0;
}

static struct http2_stream *
stream(const char *path)
{
	struct http2_stream *s = fake_call(&f, path);

	if (strcmp(path, BOTH) != 0 && strcmp(path, UP) != 0) {
		fake_message(s, "x");
		fake_end(s);
	}
	grpc_settle(f.grpc);
	return s;
}

static void
check_kinds(void)
{
	static const char *const paths[] = { UP, DOWN, BOTH };
	struct http2_stream *s;

	for (size_t i = 0; i < 3; i++) {
		begin(10000, 2000);
		s = stream(paths[i]);
		fake_elapse(&f, 8999 * CLOCK_MS);
		is_int(0, n_drains, "%s is young", paths[i]);
		fake_elapse(&f, 2001 * CLOCK_MS);
		is_int(1, n_drains, "then it is old");
		is_int(2000, left_ms, "and has its grace");
		fake_elapse(&f, 1999 * CLOCK_MS);
		ok(!s->responded, "in which it goes on");
		fake_elapse(&f, 1 * CLOCK_MS);
		is_text("14", fake_header(s, "grpc-status"), "then it ends");
		is_text("the stream is older than max_stream_age 10s, and "
			"max_stream_age_grace 2s is over",
		    fake_header(s, "grpc-message"), "with the reason");
		is_text("0", fake_header(s, "grpc-retry-pushback-ms"),
		    "to be tried again");
		is_int(1, n_ended, "the service hears it");
		is_int(GRPCD_UNAVAILABLE, ended, "with the status");
		is_int(1, n_drains, "and heard of its age once");
		fake_close(&s, HTTP2_NO_ERROR);
		fake_fini(&f);
	}
	begin(10000, 2000);
	s = stream(UNARY);
	is_int(1, f.n_timers, "a unary call has no timer");
	fake_elapse(&f, 100000 * CLOCK_MS);
	is_int(0, n_drains, "however long it takes");
	fake_close(&s, HTTP2_CANCEL);
	fake_fini(&f);
}

static void
check_spread(void)
{
	struct http2_stream *s[20];
	int at_once = 0, before;

	begin(10000, 2000);
	for (size_t i = 0; i < 20; i++)
		s[i] = stream(BOTH);
	for (int i = 0; i < 20; i++) {
		before = n_drains;
		fake_elapse(&f, (i == 0 ? 9000 : 100) * CLOCK_MS);
		if (n_drains - before > at_once)
			at_once = n_drains - before;
	}
	fake_elapse(&f, 100 * CLOCK_MS);
	is_int(20, n_drains, "all have become old");
	ok(at_once < 15, "but not at once");
	for (size_t i = 0; i < 20; i++)
		fake_close(&s[i], HTTP2_CANCEL);
	fake_fini(&f);
}

static void
check_grace(void)
{
	struct http2_stream *s;

	begin(1000, 0);
	s = stream(BOTH);
	fake_elapse(&f, 1100 * CLOCK_MS);
	is_int(1, n_drains, "without a grace it hears");
	ok(left_ms == INT64_MAX, "that it has any time");
	fake_elapse(&f, 1000000 * CLOCK_MS);
	ok(!s->responded, "and it has");
	ok(grpcd_finish(last), "until it ends");
	grpc_settle(f.grpc);
	fake_read(s, 100);
	is_text("0", fake_trailer(s, "grpc-status"), "well");
	fake_close(&s, HTTP2_NO_ERROR);
	fake_fini(&f);

	begin(1000, 1000);
	node_ops.open = keep_nothing;
	s = stream(BOTH);
	fake_elapse(&f, 1100 * CLOCK_MS);
	fake_elapse(&f, 500 * CLOCK_MS);
	is_int(0, n_drains, "one that is not kept cannot be told");
	keep_open(last);
	grpc_settle(f.grpc);
	is_int(1, n_drains, "until it is");
	is_int(500, left_ms, "with what is left");
	node_ops.open = keep_open;
	fake_close(&s, HTTP2_CANCEL);
	fake_fini(&f);
}

static void
check_others(void)
{
	struct http2_stream *s;

	begin(1000, 1000);
	s = fake_call_with(&f, BOTH, "grpc-timeout", "500m");
	grpc_settle(f.grpc);
	fake_elapse(&f, 500 * CLOCK_MS);
	is_text("4", fake_header(s, "grpc-status"), "a deadline may be first");
	fake_close(&s, HTTP2_NO_ERROR);
	s = fake_call_with(&f, BOTH, "grpc-timeout", "5S");
	grpc_settle(f.grpc);
	grpcd_after(last, 1500);
	fake_elapse(&f, 1100 * CLOCK_MS);
	is_int(1, n_drains, "or later");
	fake_elapse(&f, 400 * CLOCK_MS);
	is_int(1, n_timers, "the service's timer goes on");
	fake_elapse(&f, 700 * CLOCK_MS);
	is_text("14", fake_header(s, "grpc-status"), "until the end");
	fake_close(&s, HTTP2_NO_ERROR);

	n_drains = 0;
	s = stream(BOTH);
	fake_elapse(&f, 1100 * CLOCK_MS);
	grpc_drain(f.grpc, 300);
	is_int(1, n_drains, "a drain tells nobody twice");
	fake_close(&s, HTTP2_CANCEL);
	s = stream(BOTH);
	is_int(300, left_ms, "and others what is left of it");
	fake_close(&s, HTTP2_CANCEL);
	fake_fini(&f);
}

int
main(void)
{
	node_ops.open = keep_open;
	node_ops.message = keep;
	check_kinds();
	check_spread();
	check_grace();
	check_others();
	return done();
}
