/* access.c - who calls, what is told of them, and whom `allow` lets in */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <stdlib.h>
#include <tap.h>

#include "base/identity.h"
#include "grpc/registry.h"

static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };
static const struct grpcd_service *const services[] = { &service, NULL };
static const struct grpcd_module module = { GRPCD_MODULE_MAGIC, GRPCD_API,
	services };

static struct fake f;
static int n_messages;

/* What the service was told, with "-" for nothing. */
static char protocol[64], subject[64], uri[64];
static struct grpcd_call *kept;

static void
note(char to[64], const char *text)
{
	snprintf(to, 64, "%s", text ? text : "-");
}

static void
ask(struct grpcd_call *call)
{
	note(protocol, grpcd_tls(call, GRPCD_TLS_PROTOCOL));
	note(subject, grpcd_tls(call, GRPCD_TLS_SUBJECT));
	note(uri, grpcd_tls_name(call, GRPCD_TLS_URI, 0));
}

static void
on_message(struct grpcd_call *call, const struct node *node)
{
	struct node reply;

	(void)node;
	n_messages++;
	ask(call);
	node_init(&reply);
	if (!kept)
		grpcd_reply(call, &reply.base);
}

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	(void)status;
	ask(call);
}

static void
keep(struct grpcd_call *call, const struct node *node)
{
	static const struct grpcd_events events = { .end = on_end };

	(void)node;
	n_messages++;
	kept = call;
	grpcd_keep(call, &events, NULL);
}

/* A client with one URI; none: without certificate. */
static struct identity *
client(const char *name)
{
	const char *facts[IDENTITY_FACTS] = { [IDENTITY_PROTOCOL] = "TLSv1.3" };
	const struct identity_raw raw = { IDENTITY_URI,
		(const unsigned char *)name, name ? strlen(name) : 0 };

	if (!name)
		return identity_new(facts, NULL, 0);
	facts[IDENTITY_SUBJECT] = "CN=a";
	facts[IDENTITY_FINGERPRINT] = "00";
	return identity_new(facts, &raw, 1);
}

/* Another connection. */
static void
connect_as(struct identity *identity)
{
	grpc_peer_release(&f.peer);
	identity_unref(&f.identity);
	f.identity = identity;
	f.identified = 0;
}

/* The status of a call. */
static const char *
status_of_call(void)
{
	static char status[64];
	struct http2_stream *s = fake_whole(&f, UNARY, "x");
	const char *got = fake_trailer(s, "grpc-status");

	note(status, got);
	fake_close(&s, HTTP2_NO_ERROR);
	return status;
}

static void
check_questions(void)
{
	fake_init(&f, &service);
	node_ops.message = on_message;
	is_text("0", status_of_call(), "a call without TLS");
	is_text("-", protocol, "has no protocol");
	is_text("-", uri, "and no names");

	connect_as(client(NULL));
	is_text("0", status_of_call(), "a call by TLS");
	is_text("TLSv1.3", protocol, "has a protocol");
	is_text("-", subject, "without a certificate no subject");
	is_text("-", uri, "and no names");

	connect_as(client("spiffe://prod/a"));
	is_int(0, f.identified, "nobody has asked");
	status_of_call();
	is_text("CN=a", subject, "the subject");
	is_text("spiffe://prod/a", uri, "a name");
	status_of_call();
	is_int(1, f.identified, "it is found out once a connection");
	connect_as(NULL);
	fake_fini(&f);
}

/* A call outlives its connection until its service has heard. */
static void
check_lost(void)
{
	struct http2_stream *s;

	fake_init(&f, &service);
	node_ops.message = keep;
	connect_as(client("spiffe://prod/a"));
	s = fake_call(&f, UP);
	fake_message(s, "x");
	ask(kept);
	is_text("CN=a", subject, "the service asks while the call is open");
	subject[0] = '\0';
	fake_close(&s, HTTP2_CANCEL);
	connect_as(NULL);
	fake_elapse(&f, 1);
	is_text("CN=a", subject, "and again when it hears of the end");
	connect_as(client("spiffe://prod/a"));
	s = fake_call(&f, UP);
	fake_message(s, "x");
	fake_close(&s, HTTP2_CANCEL);
	connect_as(NULL);
	fake_elapse(&f, 1);
	is_text("-", subject, "it is too late for the first question");
	ok(!grpcd_tls(kept, GRPCD_TLS_PROTOCOL), "a call that has gone");
	ok(!grpcd_tls_name(kept, GRPCD_TLS_URI, 0), "has no names");
	kept = NULL;
	fake_fini(&f);
}

static void
check_allow(void)
{
	fake_log();
	fake_init_section(&f, &service,
	    "allow = { \"uri:spiffe://prod/a\", \"dns:b.example\" }");
	node_ops.message = on_message;
	n_messages = 0;
	connect_as(client("spiffe://prod/a"));
	is_text("0", status_of_call(), "who is on the list may call");
	is_text("0", status_of_call(), "again");
	is_int(1, f.identified, "and is looked at once");
	is_text("", fake_log(), "of which the log says nothing");

	n_messages = 0;
	connect_as(client("spiffe://prod/b"));
	is_text("7", status_of_call(), "who is not may not");
	ok(strstr(fake_log(),
	       UNARY " ipv4:192.0.2.1:40000 refused: its client"
		     " \"uri:spiffe://prod/b\" is not among those of allow at"
		     " grpcd.conf:1") != NULL,
	    "the log says who it was");
	is_text("7", status_of_call(), "nor the next time");
	is_text("", fake_log(), "which is told once");

	connect_as(client(NULL));
	is_text("16", status_of_call(), "without a certificate neither");
	ok(strstr(fake_log(), "has no certificate") != NULL, "says the log");
	connect_as(NULL);
	f.peer.listener = 1;
	is_text("16", status_of_call(), "nor without TLS");
	is_int(0, n_messages, "no service has heard of any");
	is_int(4, f.row.calls_denied, "they are counted");
	fake_fini(&f);
}

/* What the client hears, which is little. */
static void
check_texts(void)
{
	struct http2_stream *s;

	fake_init_section(&f, &service, "allow = \"dns:b.example\"");
	connect_as(client("spiffe://prod/b"));
	s = fake_call(&f, BOTH);
	is_text("200", fake_header(s, ":status"), "an answer at the headers");
	is_text("7", fake_header(s, "grpc-status"), "PERMISSION_DENIED");
	is_text("this client may not call this", fake_header(s, "grpc-message"),
	    "and no more");
	fake_close(&s, HTTP2_NO_ERROR);
	connect_as(client(NULL));
	s = fake_call(&f, BOTH);
	is_text("16", fake_header(s, "grpc-status"), "UNAUTHENTICATED");
	is_text("a certificate of the client is needed",
	    fake_header(s, "grpc-message"), "and no more");
	fake_close(&s, HTTP2_NO_ERROR);
	connect_as(NULL);
	fake_fini(&f);
}

static void
check_many_lists(void)
{
	static const char *const all[] = { "any" }, *const one[] = { "dns:x" };
	struct config_listener secure = { .name = "secure",
		.tls = { .on = true, .d.verify = CONFIG_VERIFY_REQUEST } };
	struct config_section section = { .name = "test.Nodes",
		.body = "allow = \"uri:spiffe://prod/a\"",
		.file = "grpcd.conf",
		.line = 7 };
	struct config_method methods[] = {
		{ .path = UNARY, .d.allow = { .v = all, .n = 1 } },
		{ .path = UP, .d.allow = { .v = one, .n = 1 } },
		{ .path = DOWN },
	};
	struct config config = { .listeners = &secure,
		.n_listeners = 1,
		.services = &section,
		.n_services = 1,
		.methods = methods,
		.n_methods = 3 };
	const struct registry_source source = { &module, "x", NULL, 0 };
	struct config_messages errors = { NULL, 0 };
	struct registry *r = registry_new(&config, &source, 1, &errors);
	const struct allow *of[4];
	static const char *const paths[] = { UNARY, UP, DOWN, BOTH };

	is_int(0, errors.n, "no error");
	is_int(3, registry_allow_count(r), "three lists");
	for (size_t i = 0; i < 4; i++)
		of[i] = registry_find(r, paths[i], strlen(paths[i]))->allow;
	ok(of[0] != of[1] && of[0] != of[3], "a method has its own");
	ok(of[2] == of[3] && of[3], "or its service's");
	registry_free(&r);
}

/* The one error that a registry has with this body, and those listeners. */
static const char *
error_of(const char *body, bool tls, enum config_verify verify)
{
	static char text[400];
	struct config_listener l = { .name = "public",
		.tls = { .on = tls, .d.verify = verify } };
	struct config_section section = { .name = "test.Nodes",
		.body = body,
		.file = "grpcd.conf",
		.line = 7 };
	struct config config = { .listeners = &l,
		.n_listeners = 1,
		.services = &section,
		.n_services = 1,
		.prefix = "/" };
	const struct registry_source source = { &module, "x", NULL, 0 };
	struct config_messages errors = { NULL, 0 };
	struct registry *r = registry_new(&config, &source, 1, &errors);

	snprintf(text, sizeof(text), "%s", errors.n == 1 ? errors.text[0] : "");
	registry_free(&r);
	config_messages_free(&errors);
	return text;
}

static void
check_errors(void)
{
	static const char useless[] =
	    "grpcd.conf:7: service \"test.Nodes\": allow: nobody could call,"
	    " since no listener that serves this asks for certificates: say"
	    " verify = require in its tls section";

	is_text("", error_of("allow = any", true, CONFIG_VERIFY_REQUIRE),
	    "a list of one");
	is_text(useless, error_of("allow = any", false, CONFIG_VERIFY_NONE),
	    "without TLS it is of no use");
	is_text(useless, error_of("allow = any", true, CONFIG_VERIFY_NONE),
	    "nor without certificates of clients");
	is_text("grpcd.conf:7: service \"test.Nodes\": allow: an empty list"
		" would let nobody call: name who may, or leave it out",
	    error_of("allow = { }", true, CONFIG_VERIFY_REQUIRE),
	    "an empty list");
	is_text(
	    "grpcd.conf:7: service \"test.Nodes\": allow: \"*.example\": the"
	    " kind of name stands before it: uri:, dns:, email: or ip:; or"
	    " \"any\" is every certificate",
	    error_of("allow = \"*.example\"", true, CONFIG_VERIFY_REQUEST),
	    "a pattern that is none");
	ok(strncmp(error_of("\n\nallow = { }", true, CONFIG_VERIFY_REQUIRE),
	       "grpcd.conf:9: ", 14) == 0,
	    "the line is the list's own");
}

int
main(void)
{
	check_questions();
	check_lost();
	check_allow();
	check_texts();
	check_many_lists();
	check_errors();
	return done();
}
