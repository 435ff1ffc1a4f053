/* pattern.c - which names of certificates an item of `allow` takes */
#include <config.h>

#include "grpc/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "base/identity.h"

#include <tap.h>

static const char *const facts[IDENTITY_FACTS] = {
	[IDENTITY_SUBJECT] = "CN=a",
	[IDENTITY_FINGERPRINT] = "00",
};

/* A client with that one name, "dns:a"; NULL: with none. */
static struct identity *
client(const char *name)
{
	struct identity_raw raw = { IDENTITY_URI, NULL, 0 };

	if (!name)
		return identity_new(facts, NULL, 0);
	while (strncmp(name, identity_words[raw.kind],
		   strlen(identity_words[raw.kind])) != 0)
		raw.kind++;
	raw.bytes = (const unsigned char *)strchr(name, ':') + 1;
	raw.len = strlen((const char *)raw.bytes);
	return identity_new(facts, &raw, 1);
}

static void
check(const char *pattern, const char *name, bool takes)
{
	struct pattern p;
	struct identity *id = client(name);
	const char *why = pattern_parse(pattern, &p);

	is_text(NULL, why, "%s is a pattern", pattern);
	if (!why) {
		is_int(takes, pattern_matches(&p, id), "%s %s %s", pattern,
		    takes ? "takes" : "does not take",
		    name ? name : "a client without names");
		pattern_release(&p);
	}
	identity_unref(&id);
}

static void
check_uris(void)
{
	static const char exact[] = "uri:spiffe://prod/billing";
	static const char below[] = "uri:spiffe://prod/ops/*";

	check(exact, "uri:spiffe://prod/billing", true);
	check(exact, "uri:spiffe://prod/billing/", false);
	check(exact, "uri:spiffe://prod/billing2", false);
	check(exact, "uri:spiffe://prod/bill", false);
	check(exact, "uri:spiffe://PROD/billing", false);
	check(exact, "dns:spiffe://prod/billing", false);
	check(exact, "email:spiffe://prod/billing", false);
	check(exact, NULL, false);
	check("uri:urn:uuid:1-2", "uri:urn:uuid:1-2", true);

	check(below, "uri:spiffe://prod/ops/a", true);
	check(below, "uri:spiffe://prod/ops/a/b-c_d.e", true);
	check(below, "uri:spiffe://prod/ops", false);
	check(below, "uri:spiffe://prod/ops/", false);
	check(below, "uri:spiffe://prod/opsy/a", false);
	check(below, "uri:spiffe://prod/ops/a/", false);
	check(below, "uri:spiffe://prod/ops//a", false);
	check(below, "uri:spiffe://prod/ops/../admin", false);
	check(below, "uri:spiffe://prod/ops/a/..", false);
	check(below, "uri:spiffe://prod/ops/./a", false);
	check(below, "uri:spiffe://prod/ops/%2e%2e/a", false);
	check(below, "uri:spiffe://prod/ops/a?b", false);
	check(below, "uri:spiffe://prod/ops/a#b", false);
	check(below, "uri:spiffe://prod/ops/*", false);
	check(below, "dns:spiffe://prod/ops/a", false);
	check("uri:spiffe://prod/*", "uri:spiffe://prod/a", true);
	check("uri:spiffe://prod/*", "uri:spiffe://prod.evil/a", false);
}

static void
check_others(void)
{
	check("dns:a.example.com", "dns:a.example.com", true);
	check("dns:a.example.com", "dns:A.Example.COM", true);
	check("dns:a.example.com", "dns:b.a.example.com", false);
	check("dns:a.example.com", "dns:a.example.com.", false);
	check("dns:a.example.com", "dns:*.example.com", false);
	check("dns:a.example.com", "uri:a.example.com", false);
	check("dns:*.example.com", "dns:a.example.com", true);
	check("dns:*.EXAMPLE.com", "dns:A.example.COM", true);
	check("dns:*.example.com", "dns:a.b.example.com", false);
	check("dns:*.example.com", "dns:example.com", false);
	check("dns:*.example.com", "dns:.example.com", false);
	check("dns:*.example.com", "dns:*.example.com", false);
	check("dns:*.example.com", "dns:aexample.com", false);
	check("dns:*.example.com", "dns:a.example.com.evil", false);
	check("dns:*.example.com", "uri:a.example.com", false);

	check("email:ops@example.com", "email:ops@Example.com", true);
	check("email:ops@example.com", "email:Ops@example.com", false);
	check("email:ops@example.com", "email:ops", false);
	check("email:ops@example.com", "email:xops@example.com", false);
	check("email:ops@example.com", "uri:ops@example.com", false);

	check("any", "dns:a", true);
	check("any", NULL, true);
}

static void
check_ips(void)
{
	const struct identity_raw names[] = {
		{ IDENTITY_IP, (const unsigned char *)"\300\0\2\7", 4 },
		{ IDENTITY_IP,
		    (const unsigned char *)"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0"
					   "\0\0\0\7",
		    16 },
	};
	static const struct {
		const char *pattern;
		bool takes;
	} rows[] = {
		{ "ip:192.0.2.7", true },
		{ "ip:192.0.2.8", false },
		{ "ip:2001:0db8:0::0007", true },
		{ "ip:2001:DB8::7", true },
		{ "ip:2001:db8::8", false },
		{ "dns:192.0.2.7", false },
	};
	struct identity *id = identity_new(facts, names, 2);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct pattern p;

		is_text(NULL, pattern_parse(rows[i].pattern, &p), "a pattern");
		is_int(rows[i].takes, pattern_matches(&p, id), "%s",
		    rows[i].pattern);
		pattern_release(&p);
	}
	identity_unref(&id);
}

/* Whoever has no certificate has names of nobody's. */
static void
check_nobody(void)
{
	const char *none[IDENTITY_FACTS] = { NULL };
	struct identity *id = identity_new(none, NULL, 0);
	struct pattern p;

	is_text(NULL, pattern_parse("any", &p), "a pattern");
	ok(!pattern_matches(&p, id), "any takes no client without certificate");
	pattern_release(&p);
	identity_unref(&id);
}

static void
check_wrong(void)
{
	static const struct {
		const char *pattern, *part;
	} rows[] = {
		{ "", "the kind of name" },
		{ "spiffe://prod/a", "the kind of name" },
		{ "*.example.com", "the kind of name" },
		{ "*", "the kind of name" },
		{ "Any", "the kind of name" },
		{ "dn", "the kind of name" },
		{ "dns:", "printable ASCII" },
		{ "dns:a b", "printable ASCII" },
		{ "uri:spiffe://b\303\274cher/a", "printable ASCII" },
		{ "uri:prod", "scheme" },
		{ "uri:*", "scheme" },
		{ "uri::*", "last segment" },
		{ "uri:spiffe://*", "last segment" },
		{ "uri:spiffe:///*", "last segment" },
		{ "uri:spiffe://prod/*/a", "last segment" },
		{ "uri:spiffe://prod/a*", "last segment" },
		{ "uri:spiffe://prod/**", "last segment" },
		{ "uri:urn:a/*", "last segment" },
		{ "dns:*", "DNS name" },
		{ "dns:*.", "DNS name" },
		{ "dns:**.a", "DNS name" },
		{ "dns:a.*.b", "DNS name" },
		{ "dns:*a.b", "DNS name" },
		{ "dns:*.*.b", "DNS name" },
		{ "dns:a..b", "DNS name" },
		{ "dns:.a", "DNS name" },
		{ "dns:a.", "DNS name" },
		{ "dns:a/b", "DNS name" },
		{ "email:ops", "address of mail" },
		{ "email:@a", "address of mail" },
		{ "email:a@", "address of mail" },
		{ "email:*@a", "address of mail" },
		{ "ip:192.0.2", "an IP" },
		{ "ip:192.0.2.0/24", "an IP" },
		{ "ip:*", "an IP" },
		{ "ip:2001:db8::/32", "an IP" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct pattern p = { .text = NULL };
		const char *why = pattern_parse(rows[i].pattern, &p);

		ok(why && strstr(why, rows[i].part), "\"%s\" is none: %s",
		    rows[i].pattern, why ? why : "-");
		pattern_release(&p);
	}
}

int
main(void)
{
	check_uris();
	check_others();
	check_ips();
	check_nobody();
	check_wrong();
	return done();
}
