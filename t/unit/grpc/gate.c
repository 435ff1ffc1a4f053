/*
 * gate.c - max_calls of each section: who gets in, who waits, who is refused
 */
#include <config.h>

#include "grpc/gate.h"

#include "fake.h"
#include "node.h"

#include <stdlib.h>
#include <tap.h>

#include "base/clock.h"
#include "grpc/introspect.h"

static struct fake f;
static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

/* What the service has heard, a word a function. */
static char heard[512];
static struct grpcd_call *kept[16];
static size_t n_kept;

static void
note(const char *what)
{
	strncat(heard, what, sizeof(heard) - strlen(heard) - 1);
	strncat(heard, " ", sizeof(heard) - strlen(heard) - 1);
}

static const char *
said(void)
{
	static char copy[sizeof(heard)];

	memcpy(copy, heard, sizeof(heard));
	heard[0] = '\0';
	return copy;
}

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	(void)call;
	note(status == GRPCD_OK ? "ok" : "end");
}

static const struct grpcd_events events = { .end = on_end };

static void
on_open(struct grpcd_call *call)
{
	note("open");
	kept[n_kept++] = call;
	grpcd_keep(call, &events, NULL);
}

static void
on_message(struct grpcd_call *call, const struct node *node)
{
	note(node->text);
	if (strcmp(grpcd_method(call), UNARY) != 0 &&
	    strcmp(grpcd_method(call), DOWN) != 0)
		return;
	kept[n_kept++] = call;
	grpcd_keep(call, &events, NULL);
}

static void
on_close(struct grpcd_call *call)
{
	(void)call;
	note("close");
}

/* From outside of grpc, which does what follows at its next turn. */
static bool
reply(struct grpcd_call *call)
{
	struct node node;
	bool good;

	node_init(&node);
	good = grpcd_reply(call, &node.base);
	grpc_settle(f.grpc);
	return good;
}

/* Answers, and has the client read it. */
static void
answer(struct grpcd_call *call, struct http2_stream *s)
{
	ok(reply(call), "an answer");
	fake_read(s, 1000);
	is_text("0", fake_trailer(s, "grpc-status"), "which is OK");
}

static struct http2_stream *
ask(const char *path, const char *text)
{
	struct http2_stream *s = fake_call(&f, path);

	fake_message(s, text);
	fake_end(s);
	return s;
}

/* A server whose service has these limits. */
static void
begin(int64_t max, int64_t queued, int64_t timeout_ms)
{
	n_kept = 0;
	said();
	fake_prepare(&f, &service);
	f.section.limits.max_calls = max;
	f.section.limits.max_queued_calls = queued;
	f.section.limits.queue_timeout = timeout_ms;
	f.section.limits.retry_pushback = 1000;
	f.section.limits.given = UINT64_MAX;
	fake_start(&f);
}

static void
check_refused(void)
{
	struct http2_stream *a, *b, *c;
	long ms;

	begin(2, 0, 0);
	a = ask(UNARY, "a");
	b = ask(UNARY, "b");
	c = ask(UNARY, "c");
	is_text("a b ", said(), "two are in");
	is_text("8", fake_header(c, "grpc-status"), "the third is not");
	is_text("3 calls exceed max_calls 2 of the service",
	    fake_header(c, "grpc-message"), "with the numbers");
	ms = strtol(fake_header(c, "grpc-retry-pushback-ms"), NULL, 10);
	ok(ms >= 800 && ms <= 1200, "and when to try again");
	is_int(1, f.row.calls_refused, "it is counted");
	fake_close(&c, HTTP2_NO_ERROR);

	reply(kept[0]);
	c = ask(UNARY, "c");
	is_text("ok c ", said(), "there is a place when one has its answer");
	fake_close(&a, HTTP2_NO_ERROR);
	fake_close(&b, HTTP2_CANCEL);
	is_text("end ", said(), "one goes");
	b = ask(UNARY, "b");
	is_text("b ", said(), "and that is a place, too");
	fake_close(&b, HTTP2_CANCEL);
	fake_close(&c, HTTP2_CANCEL);
	fake_fini(&f);
}

static void
check_queue(void)
{
	struct http2_stream *a, *b, *c, *d;

	begin(1, 2, 0);
	a = ask(UNARY, "a");
	b = ask(BOTH, "b");
	c = ask(UNARY, "c");
	is_text("a ", said(), "one is in");
	is_int(2, f.row.calls_waiting, "two wait");
	is_int(2, f.row.calls_queued, "and are counted");
	d = ask(UNARY, "d");
	is_text("8", fake_header(d, "grpc-status"), "no more may");
	is_text("3 calls that wait exceed max_queued_calls 2"
		" (max_calls 1 of the service)",
	    fake_header(d, "grpc-message"), "with the numbers");
	fake_close(&d, HTTP2_NO_ERROR);

	answer(kept[0], a);
	is_text("ok open b close ", said(), "the first is next");
	is_int(1, f.row.calls_waiting, "one waits");
	ok(grpcd_finish(kept[1]), "it ends");
	grpc_settle(f.grpc);
	is_text("ok c ", said(), "then the second");
	is_int(0, f.row.calls_waiting, "none waits");
	answer(kept[2], c);
	fake_close(&a, HTTP2_NO_ERROR);
	fake_close(&b, HTTP2_NO_ERROR);
	fake_close(&c, HTTP2_NO_ERROR);
	fake_fini(&f);
}

/* Those who leave the queue, each in its way. */
static void
check_leaving(void)
{
	struct http2_stream *a, *b, *c, *d;

	begin(1, 3, 500);
	a = ask(UNARY, "a");
	b = ask(UNARY, "b");
	fake_elapse(&f, 100 * CLOCK_MS);
	c = fake_call_with(&f, UNARY, "grpc-timeout", "200m");
	grpc_settle(f.grpc);
	d = ask(UNARY, "d");
	is_int(3, f.row.calls_waiting, "three wait");
	fake_close(&b, HTTP2_CANCEL);
	is_int(2, f.row.calls_waiting, "one is cancelled");
	fake_elapse(&f, 200 * CLOCK_MS);
	is_text("4", fake_header(c, "grpc-status"), "of one the deadline");
	is_text("the deadline has passed in the queue"
		" (max_calls 1 of the service)",
	    fake_header(c, "grpc-message"), "passes");
	is_int(1, f.row.calls_waiting, "one is left");
	fake_close(&c, HTTP2_NO_ERROR);
	fake_elapse(&f, 299 * CLOCK_MS);
	ok(!d->responded, "that waits on");
	fake_elapse(&f, 1 * CLOCK_MS);
	is_text("8", fake_header(d, "grpc-status"), "until queue_timeout");
	is_text("no place within queue_timeout 500ms"
		" (max_calls 1 of the service)",
	    fake_header(d, "grpc-message"), "with the limit");
	ok(fake_header(d, "grpc-retry-pushback-ms") != NULL, "and push-back");
	fake_close(&d, HTTP2_NO_ERROR);
	is_text("a ", said(), "the service has heard of none");

	b = ask(UNARY, "b");
	fake_elapse(&f, 400 * CLOCK_MS);
	answer(kept[0], a);
	fake_elapse(&f, 1000 * CLOCK_MS);
	is_text("ok b ", said(), "in time");
	ok(!b->responded, "who is in is in");
	fake_close(&a, HTTP2_NO_ERROR);
	fake_close(&b, HTTP2_CANCEL);
	fake_fini(&f);
}

/* One who has been let in may go before it has heard of that. */
static void
check_late(void)
{
	struct http2_stream *a, *b, *c;
	struct node node;

	begin(1, 2, 500);
	a = ask(UNARY, "a");
	b = ask(UNARY, "b");
	c = ask(UNARY, "c");
	node_init(&node);
	ok(grpcd_reply(kept[0], &node.base), "an answer");
	is_int(1, f.row.calls_waiting, "the first is in");
	fake_close(&b, HTTP2_CANCEL);
	fake_elapse(&f, 1000 * CLOCK_MS);
	is_text("a ok c ", said(), "the next is let in");
	fake_close(&a, HTTP2_NO_ERROR);
	fake_close(&c, HTTP2_CANCEL);
	fake_fini(&f);
}

static void
check_memory(void)
{
	static uint8_t many[40000];
	struct http2_stream *a, *b;

	begin(1, 1, 0);
	a = ask(UNARY, "a");
	b = fake_call(&f, UP);
	many[0] = 0;
	many[3] = 35000 >> 8;
	many[4] = 35000 & 0xff;
	many[5] = 0x22; /* blob */
	many[6] = 0xb4;
	many[7] = 0x91;
	many[8] = 0x02;
	fake_data(b, many, 20000);
	fake_data(b, many + 20000, 15005);
	is_int(0, b->consumed, "no room is given back to one that waits");
	reply(kept[0]);
	is_text("a ok open  ", said(), "then it has all that came");
	ok(b->consumed > 30000, "and the room is given back");
	fake_close(&b, HTTP2_CANCEL);
	fake_close(&a, HTTP2_NO_ERROR);

	FAKE_LIMIT(&f, max_call_memory, 10000);
	a = ask(UNARY, "a");
	b = fake_call(&f, UP);
	fake_data(b, many, 20000);
	is_text("8", fake_header(b, "grpc-status"), "max_call_memory holds");
	is_int(0, f.row.calls_waiting, "also in the queue");
	fake_close(&b, HTTP2_CANCEL);
	fake_close(&a, HTTP2_CANCEL);
	fake_fini(&f);
}

static void
check_drain(void)
{
	struct http2_stream *a, *b, *c;

	begin(1, 2, 0);
	a = ask(UNARY, "a");
	b = ask(UNARY, "b");
	c = ask(UNARY, "c");
	grpc_drain(f.grpc, 1000);
	ok(!b->responded && !b->reset, "a drain leaves the queue");
	reply(kept[0]);
	is_text("a ok b ", said(), "which goes on");
	grpc_end_calls(f.grpc, "bye");
	is_text("14", fake_header(b, "grpc-status"), "until its end");
	ok(c->reset && !c->responded, "then who waits is reset");
	is_int(HTTP2_REFUSED_STREAM, c->reset_code,
	    "with what clients try again for");
	is_text("end ", said(), "and no service has heard of it");
	fake_close(&a, HTTP2_NO_ERROR);
	fake_close(&b, HTTP2_NO_ERROR);
	fake_close(&c, HTTP2_REFUSED_STREAM);
	fake_fini(&f);

	begin(1, 1, 0);
	a = ask(UNARY, "a");
	b = ask(UNARY, "b");
	grpc_handler()->expired(b->call, "the connection is old");
	is_int(HTTP2_REFUSED_STREAM, b->reset_code,
	    "as on a connection whose time is over");
	fake_close(&b, HTTP2_REFUSED_STREAM);
	fake_close(&a, HTTP2_CANCEL);
	fake_fini(&f);
}

/* Without memory for the timer of queue_timeout. */
static void
check_no_timer(void)
{
	struct http2_stream *a, *b;

	begin(1, 1, 500);
	a = ask(UNARY, "a");
	f.refuse_timers = true;
	b = fake_call(&f, UNARY);
	is_text("8", fake_header(b, "grpc-status"), "no memory to wait");
	is_int(0, f.row.calls_waiting, "so it does not");
	f.refuse_timers = false;
	fake_close(&b, HTTP2_CANCEL);
	fake_close(&a, HTTP2_CANCEL);
	fake_fini(&f);
}

/* As health's Watch does: it takes no place. */
static void
on_watch(struct grpcd_call *call, const struct node *node)
{
	on_message(call, node);
	introspect_discount(call);
}

static void
check_discount(void)
{
	struct http2_stream *a, *b;

	begin(1, 0, 0);
	node_ops.message = on_watch;
	a = ask(DOWN, "a");
	b = ask(DOWN, "b");
	is_text("a b ", said(), "who only waits takes no place");
	node_ops.message = on_message;
	fake_close(&a, HTTP2_CANCEL);
	fake_close(&b, HTTP2_CANCEL);
	fake_fini(&f);
}

/* Which sections hold which calls: max_calls of each, -1: it sets none. */
struct example {
	int64_t top, listener, service, method;
	const char *refusals; /* of three calls of the method, then another */
};

static const struct example examples[] = {
	{ -1, -1, -1, -1, "...." },
	{ 2, -1, -1, -1, "..ss" },
	{ -1, 2, -1, -1, "..ll" },
	{ -1, -1, 2, -1, "..vv" },
	{ -1, -1, -1, 2, "..m." },
	{ 1, -1, -1, 2, "..m." },
	{ 1, -1, 3, -1, "...v" },
	{ 1, 3, -1, -1, "...l" },
	{ 3, 1, -1, -1, ".lll" },
	{ 2, -1, -1, 0, "...." },
	{ 2, 0, -1, -1, "...." },
	{ 1, 3, -1, 2, "..m." },
	{ 1, 2, -1, 3, "..ll" },
	{ 1, 2, 0, -1, "..ll" },
	{ 1, 2, 2, 1, ".mm." },
};

static void
set(struct config_limits *limits, int64_t max)
{
	limits->max_calls = max;
	limits->given = max < 0 ? 0 : UINT64_C(1) << CONFIG_LIMIT_max_calls;
}

static char
letter(const struct http2_stream *s)
{
	const char *text = fake_header(s, "grpc-message");

	if (!s->responded)
		return '.';
	if (strstr(text, "of the server"))
		return 's';
	if (strstr(text, "of the service"))
		return 'v';
	return strstr(text, "of the listener") ? 'l' : 'm';
}

static void
check_example(const struct example *e)
{
	static const char *const paths[] = { UNARY, UNARY, UNARY, DOWN };
	struct config_method method = { .path = UNARY, .limits = fake_limits };
	struct http2_stream *s[4];
	char refusals[5] = "";

	n_kept = 0;
	fake_prepare(&f, &service);
	set(&f.config.limits, e->top);
	set(&f.listeners[0].limits, e->listener);
	set(&f.section.limits, e->service);
	set(&method.limits, e->method);
	f.config.methods = &method;
	f.config.n_methods = 1;
	fake_start(&f);
	for (size_t i = 0; i < 4; i++) {
		s[i] = ask(paths[i], "x");
		refusals[i] = letter(s[i]);
	}
	is_text(e->refusals, refusals,
	    "top %d, listener %d, service %d, method %d", (int)e->top,
	    (int)e->listener, (int)e->service, (int)e->method);
	for (size_t i = 0; i < 4; i++)
		fake_close(&s[i], HTTP2_CANCEL);
	fake_fini(&f);
}

/* Two gates, and a queue at each. */
static void
check_two_gates(void)
{
	struct config_method method = { .path = UNARY, .limits = fake_limits };
	struct http2_stream *a, *b, *c, *d;

	n_kept = 0;
	said();
	fake_prepare(&f, &service);
	set(&f.listeners[0].limits, 2);
	f.listeners[0].limits.max_queued_calls = 1;
	set(&method.limits, 1);
	method.limits.max_queued_calls = 2;
	f.config.methods = &method;
	f.config.n_methods = 1;
	fake_start(&f);
	a = ask(UNARY, "a");
	b = ask(UNARY, "b");
	c = ask(DOWN, "c");
	d = ask(UNARY, "d");
	is_text("a c ", said(), "one of each is in");
	reply(kept[0]);
	is_text("ok b ", said(), "the first of the method's queue follows");
	fake_close(&a, HTTP2_NO_ERROR);
	a = ask(DOWN, "e");
	is_int(2, f.row.calls_waiting, "one waits at each");
	reply(kept[2]);
	is_text("ok d ", said(), "the method's is first at both");
	fake_close(&c, HTTP2_CANCEL);
	is_text("end e ", said(), "then the other");
	is_int(0, f.row.calls_waiting, "none waits");
	fake_close(&a, HTTP2_CANCEL);
	fake_close(&b, HTTP2_NO_ERROR);
	fake_close(&d, HTTP2_CANCEL);
	fake_fini(&f);
}

int
main(void)
{
	node_ops = (struct node_ops){ on_open, on_message, on_close };
	check_refused();
	check_queue();
	check_leaving();
	check_late();
	check_memory();
	check_drain();
	check_no_timer();
	check_discount();
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
		check_example(&examples[i]);
	check_two_gates();
	return done();
}
