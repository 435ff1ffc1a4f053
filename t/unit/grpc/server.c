/* server.c - services' lives: start, drain, end, stop */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <tap.h>

static char heard[128];
static const char *start_fails;

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

static const char *
on_start(void)
{
	note("start ");
	return start_fails;
}

static void
on_service_drain(int64_t ms_left)
{
	note(ms_left == 3000 ? "drain " : "drain? ");
}

static void
on_stop(void)
{
	note("stop ");
}

static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, on_start, on_service_drain, on_stop };

static struct fake f;

static void
on_call_drain(struct grpcd_call *call, int64_t ms_left)
{
	note(ms_left == 3000 ? "call " : "call? ");
	if (strcmp(grpcd_method(call), BOTH) == 0)
		grpcd_finish(call);
}

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	(void)call;
	note(status == GRPCD_UNAVAILABLE ? "unavailable " : "end ");
}

static const struct grpcd_events events = { NULL, NULL, on_call_drain, on_end };

static void
keep(struct grpcd_call *call)
{
	grpcd_keep(call, &events, NULL);
}

static void
check_start(void)
{
	struct config_messages errors = { NULL, 0 };

	start_fails = "no data file";
	ok(!grpc_start(f.grpc, 0, &errors), "a start that fails");
	ok(strstr(errors.text[0], "service \"test.Nodes\" does not start: "
				  "no data file") != NULL,
	    "says of what and why");
	start_fails = NULL;
	ok(grpc_start(f.grpc, 0, &errors) && errors.n == 1,
	    "one that does not");
	config_messages_free(&errors);
	is_text("start start ", said(), "both were called");
}

static void
check_drain(void)
{
	struct http2_stream *a = fake_call(&f, UP), *b = fake_call(&f, BOTH);
	struct http2_stream *c;

	is_int(2, grpc_calls(f.grpc), "two calls");
	grpc_drain(f.grpc, 3000);
	is_text("drain call call end ", said(), "all are told");
	fake_read(b, 100);
	is_text("0", fake_trailer(b, "grpc-status"), "who wants to ends");
	ok(!a->responded, "who does not stays");
	fake_elapse(&f, 1000000);
	c = fake_call(&f, UP);
	ok(!c->responded, "new calls are still taken");
	is_text("call? ", said(), "and told how little time is left");
	fake_close(&b, HTTP2_NO_ERROR);

	grpc_end_calls(f.grpc, "the server goes");
	is_text("unavailable unavailable ", said(), "then all end");
	is_text("14", fake_header(a, "grpc-status"), "with UNAVAILABLE");
	is_text("the server goes", fake_header(a, "grpc-message"), "and why");
	is_text("0", fake_header(a, "grpc-retry-pushback-ms"),
	    "to be tried again elsewhere");
	fake_close(&a, HTTP2_NO_ERROR);
	fake_close(&c, HTTP2_NO_ERROR);
	a = fake_call(&f, UP);
	is_text("14", fake_header(a, "grpc-status"), "as do later ones");
	is_text("", said(), "of which no service hears");
	fake_close(&a, HTTP2_NO_ERROR);
}

static unsigned wakes;

static void
on_wake(struct grpc_peer *peer)
{
	wakes += peer == &f.peer;
}

int
main(void)
{
	node_ops.open = keep;
	fake_init(&f, &service);
	f.peer.wake = on_wake;
	grpc_handler()->wake(&f.peer);
	is_int(1, wakes, "a wake is handed on to the connection");
	check_start();
	check_drain();
	grpc_stop(f.grpc, 0);
	is_text("stop ", said(), "at last the service stops");
	fake_fini(&f);
	return done();
}
