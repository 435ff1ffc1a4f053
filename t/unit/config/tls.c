/*
 * tls.c - the tls section: lists, files, secrets, what is wrong with them
 */
#include <config.h>

#include "sandbox.h"

#define HEAD "listener \"a\" {\n\taddress = \"127.0.0.1:1\"\n\ttls {\n"
#define TAIL "\n\t}\n}\n"

/* A config whose tls section has these lines, with files of the sandbox. */
static const char *
with(const char *lines)
{
	static char text[4000];
	char *to = text + snprintf(text, sizeof(text), HEAD);

	for (const char *c = lines; *c != '\0'; c++) {
		if (*c == '@')
			to += sprintf(to, "%s/", sandbox());
		else
			*to++ = *c;
	}
	strcpy(to, TAIL);
	return text;
}

static void
test_values(void)
{
	struct config *c = sandbox_good(
	    with("certificate = { \"@one\", \"@two\", }\n"
		 "key = {\n\"@two\"\n,\n\"@one\" }\nprotocols = TLSv1.3\n"
		 "client_ca = \"@one\" verify = request tls_strict_sni = on"),
	    NULL);
	const struct config_tls *tls = &c->listeners[0].tls;

	ok(tls->on, "a listener with TLS");
	is_int(3, tls->line, "its line");
	is_int(2, tls->d.certificate.n, "two certificates");
	is_text(sandbox_path("one"), tls->d.certificate.v[0].path, "a path");
	is_text("first", tls->d.certificate.v[0].bytes, "its bytes");
	is_int(5, tls->d.certificate.v[0].len, "so many");
	is_text("second", tls->d.certificate.v[1].bytes, "the other's");
	is_text("second", tls->d.key.v[0].bytes, "over several lines");
	is_text("first", tls->d.key.v[1].bytes, "as well");
	is_int(1, tls->d.client_ca.n, "a list of one without braces");
	is_int(CONFIG_TLS_1_3, tls->d.protocols, "protocols");
	is_int(CONFIG_VERIFY_REQUEST, tls->d.verify, "verify");
	ok(tls->d.tls_strict_sni, "a switch");
	is_int(10000, tls->d.tls_handshake_timeout, "a default");
	is_int(0, tls->d.crl.n, "the default of a list is none");
	config_forget_secrets(c);
	is_int(0, tls->d.key.v[0].bytes[0], "a secret can be forgotten");
	is_text("first", tls->d.certificate.v[0].bytes, "the rest stays");
	config_free(&c);
}

static void
test_none(void)
{
	struct config *c =
	    sandbox_good("listener \"a\" { address = \"127.0.0.1:1\" }", NULL);

	ok(!c->listeners[0].tls.on, "a listener without TLS");
	config_free(&c);
}

static void
test_dump(void)
{
	struct config *c =
	    sandbox_good(with("certificate = { \"@one\", \"@two\" }\n"
			      "key = { \"@two\", \"@one\" }"),
		NULL);
	char *text = NULL, *again = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	config_dump(c, f);
	fclose(f);
	config_free(&c);
	ok(strstr(text, "second") == NULL, "a dump has no bytes of files");
	c = sandbox_good(text, NULL);
	f = open_memstream(&again, &len);
	config_dump(c, f);
	fclose(f);
	is_text(text, again, "a dump reads as what it dumps");
	config_free(&c);
	free(text);
	free(again);
}

static void
refused(const char *lines, const char *expected)
{
	sandbox_write("main.conf", with(lines));
	sandbox_refuses(NULL, expected, "%s", lines);
}

#define PAIR "certificate = \"@one\" key = \"@two\" "

static void
test_errors(void)
{
	refused("certificate = \"@one\"",
	    "main.conf:3: key is missing in the tls section of a listener: it "
	    "must be given");
	refused("certificate = { \"@one\", \"@two\" } key = \"@two\"",
	    "main.conf:4: key: each certificate needs its key, in the same "
	    "order: both lists must be of the same length");
	refused("certificate = { } key = { }",
	    "main.conf:4: certificate: at least one is needed");
	refused(PAIR "verify = require",
	    "main.conf:4: verify: without client_ca no client's certificate is "
	    "good: name the CAs in client_ca");
	refused(PAIR "client_ca = \"@one\"",
	    "main.conf:4: client_ca: it has no effect: say verify = require, "
	    "or request");
	refused(PAIR "crl = \"@one\"",
	    "main.conf:4: crl: it has no effect: say verify = require, or "
	    "request");
	refused(PAIR "verify = maybe",
	    "main.conf:4: verify: \"maybe\" is not none, request or require");
	refused(PAIR "protocols = SSLv3",
	    "main.conf:4: protocols: \"SSLv3\" is not TLSv1.2, TLSv1.3 or "
	    "\"TLSv1.2 TLSv1.3\"");
	refused("certificate = \"@gone\" key = \"@two\"",
	    "main.conf:4: certificate: cannot read \"gone\": No such file or "
	    "directory (it must be a file that whoever starts grpcd may read)");
	refused("certificate = \"@one\" key = \"@\"",
	    "main.conf:4: key: cannot read \"\": it is a directory; a file is "
	    "wanted (it must be a file that whoever starts grpcd may read)");
	refused(PAIR "verify = none none",
	    "main.conf:4: verify has one value: several words must stand in "
	    "quotes");
	refused(PAIR "crl = \"@one\" \"@two\"",
	    "main.conf:4: crl is a list: { \"...\", \"...\" }");
	refused(PAIR "crl = { \"@one\" \"@two\" }",
	    "main.conf:4: crl wants a value: crl = ...");
	refused(PAIR "verify_depth = { 1 }",
	    "main.conf:4: verify_depth wants a value: verify_depth = 9");
}

int
main(void)
{
	sandbox_write("one", "first");
	sandbox_write("two", "second");
	test_values();
	test_none();
	test_dump();
	test_errors();
	return done();
}
