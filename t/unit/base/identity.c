/*
 * identity.c - which bytes of certificates become texts
 */
#include <config.h>

#include "base/identity.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define RAW(kind, text)                                         \
	{                                                       \
		IDENTITY_##kind, (const unsigned char *)(text), \
		    sizeof(text) - 1                            \
	}

static const char *const good[IDENTITY_FACTS] = {
	[IDENTITY_PROTOCOL] = "TLSv1.3",
	[IDENTITY_SUBJECT] = "CN=a",
	[IDENTITY_FINGERPRINT] = "00ff",
};

static void
test_texts(void)
{
	const struct identity_raw names[] = {
		RAW(DNS, "a.example.com"),
		RAW(URI, "spiffe://prod/a"),
		RAW(IP, "\300\0\2\7"),
		RAW(URI, "https://b/?x=%20"),
		RAW(IP, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7"),
		RAW(EMAIL, "a@example.com"),
	};
	struct identity *id =
	    identity_new(good, names, sizeof(names) / sizeof(*names));
	char text[IDENTITY_TEXT];

	is_text("TLSv1.3", id->facts[IDENTITY_PROTOCOL], "a fact");
	is_text("CN=a", id->facts[IDENTITY_SUBJECT], "another");
	ok(!id->facts[IDENTITY_CIPHER], "one that there is not");
	is_int(6, id->n_names, "all names");
	is_text("spiffe://prod/a", identity_find(id, IDENTITY_URI, 0), "a URI");
	is_text("https://b/?x=%20", identity_find(id, IDENTITY_URI, 1),
	    "the next");
	ok(!identity_find(id, IDENTITY_URI, 2), "no more of them");
	is_text("a.example.com", identity_find(id, IDENTITY_DNS, 0), "DNS");
	is_text("a@example.com", identity_find(id, IDENTITY_EMAIL, 0), "mail");
	is_text("192.0.2.7", identity_find(id, IDENTITY_IP, 0), "IPv4");
	is_text("2001:db8::7", identity_find(id, IDENTITY_IP, 1), "IPv6");
	is_text("uri:spiffe://prod/a", identity_text(id, text), "in short");
	identity_unref(&id);
	ok(!id, "a reference is cleared");
}

static void
test_rubbish(void)
{
	const struct identity_raw names[] = {
		RAW(URI, "spiffe://prod/admin\0.evil.example"),
		RAW(URI, ""),
		RAW(URI, "spiffe://prod/a b"),
		RAW(URI, "spiffe://prod/a\n2026 [alert]"),
		RAW(URI, "spiffe://prod/\"quoted\""),
		RAW(URI, "spiffe://prod/a\\b"),
		RAW(DNS, "b\303\274cher.example"),
		RAW(DNS, "a.example\0"),
		RAW(DNS, "\xff\xfe"),
		RAW(DNS, "a.example\x7f"),
		RAW(IP, ""),
		RAW(IP, "\1\2\3"),
		RAW(IP, "192.0.2.7"),
		RAW(IP, "\300\0\2\0\377\377\377\0"),
	};
	struct identity *id =
	    identity_new(good, names, sizeof(names) / sizeof(*names));
	char text[IDENTITY_TEXT];

	is_int(0, id->n_names, "none of them is a name");
	is_text("CN=a", identity_text(id, text), "the subject is left");
	identity_unref(&id);
}

static void
test_bounds(void)
{
	static unsigned char bytes[IDENTITY_NAME_BYTES + 1];
	static struct identity_raw names[IDENTITY_NAMES + 10];
	struct identity *id, *other;
	char text[IDENTITY_TEXT];
	const char *none[IDENTITY_FACTS] = { NULL };

	memset(bytes, 'x', sizeof(bytes));
	for (size_t i = 0; i < IDENTITY_NAMES + 10; i++)
		names[i] = (struct identity_raw){ IDENTITY_DNS, bytes,
			IDENTITY_NAME_BYTES };
	names[1].len++;
	id = identity_new(none, names, IDENTITY_NAMES + 10);
	is_int(IDENTITY_NAMES - 1, id->n_names,
	    "no more names, and none that is longer, than may be");
	is_int(IDENTITY_NAME_BYTES, strlen(id->names[0].text), "whole");
	is_int(IDENTITY_TEXT - 1, strlen(identity_text(id, text)), "cut");
	is_text("xxx...", text + IDENTITY_TEXT - 7, "which is shown");
	other = identity_ref(id);
	identity_unref(&id);
	is_int(IDENTITY_NAMES - 1, other->n_names, "the other's is left");
	identity_unref(&other);
	is_text("", identity_text(NULL, text), "nobody has no text");
	ok(!identity_ref(NULL), "nor a reference");
}

int
main(void)
{
	test_texts();
	test_rubbish();
	test_bounds();
	return done();
}
