/* health.c - which services serve, and who is told */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <tap.h>

#include "grpc/introspect.h"

static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

static struct fake f;
static unsigned changes;

static void
on_change(void)
{
	changes++;
}

static void
is_health(enum introspect_health wanted, const char *name, const char *what)
{
	is_int(wanted, introspect_health(name), "%s", what);
}

static void
check_start(void)
{
	is_int(1, introspect_services(), "one service");
	ok(introspect_service(0) == &node_descriptor, "and which");
	is_health(INTROSPECT_SERVING, "test.Nodes", "it serves");
	is_health(INTROSPECT_SERVING, "", "as does the server");
	is_health(INTROSPECT_UNKNOWN, "test.Node", "another is not known");
}

static void
check_set(void)
{
	ok(!grpcd_set_serving("test.Node", false), "an unknown one is told");
	ok(grpcd_set_serving("test.Nodes", true), "nothing new");
	fake_elapse(&f, 1);
	is_int(0, changes, "nobody hears of it");
	ok(grpcd_set_serving("test.Nodes", false), "news");
	is_int(0, changes, "not from within a service");
	fake_elapse(&f, 1);
	is_int(1, changes, "but soon");
	is_health(INTROSPECT_NOT_SERVING, "test.Nodes", "it does not serve");
	is_health(INTROSPECT_SERVING, "", "the server does");
	grpcd_set_serving("test.Nodes", true);
	fake_elapse(&f, 1);
	is_int(2, changes, "back again");
	is_health(INTROSPECT_SERVING, "test.Nodes", "and serving");
}

static void
set_down(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	grpcd_set_serving("test.Nodes", false);
	grpcd_fail(call, GRPCD_UNAVAILABLE, "broken");
}

static void
check_within(void)
{
	struct http2_stream *s;

	node_ops.message = set_down;
	s = fake_whole(&f, UNARY, "x");
	is_int(3, changes, "told once the service has returned");
	fake_elapse(&f, 1);
	is_int(3, changes, "and once");
	fake_close(&s, HTTP2_NO_ERROR);
	grpcd_set_serving("test.Nodes", true);
	fake_elapse(&f, 1);
}

static void
check_leave(void)
{
	changes = 0;
	grpc_warn(f.grpc);
	is_int(1, changes, "a drain is told at once");
	is_health(INTROSPECT_NOT_SERVING, "test.Nodes", "nothing serves");
	is_health(INTROSPECT_NOT_SERVING, "", "nor does the server");
	is_health(INTROSPECT_UNKNOWN, "test.Node", "unknown stays unknown");
	grpcd_set_serving("test.Nodes", false);
	grpcd_set_serving("test.Nodes", true);
	is_health(INTROSPECT_NOT_SERVING, "test.Nodes", "whatever it says");
	fake_elapse(&f, 1);
}

static void
keep(struct grpcd_call *call)
{
	static const struct grpcd_events events = { NULL, NULL, NULL, NULL };

	grpcd_keep(call, &events, NULL);
	introspect_discount(call);
}

static void
check_discount(void)
{
	struct http2_stream *s;

	node_ops.open = keep;
	s = fake_call(&f, BOTH);
	ok(s->discounted, "a call is no use of its connection");
	fake_close(&s, HTTP2_CANCEL);
}

int
main(void)
{
	fake_init(&f, &service);
	check_start();
	introspect_on_health(on_change);
	check_set();
	check_within();
	check_leave();
	check_discount();
	fake_fini(&f);
	ok(!grpcd_set_serving("test.Nodes", true), "without a server: no");
	return done();
}
