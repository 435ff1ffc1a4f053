/*
 * fuzz_pattern.c - any item of `allow`, and any name out of a certificate
 *
 * The input is the pattern, a line feed, a kind ("0" to "3") and the name's
 * bytes.  What is taken for an identity is plain text; what a pattern takes is
 * of its kind and begins or ends as the pattern does.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/identity.h"
#include "grpc/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check_identity(const struct identity *identity, const struct identity_raw *raw)
{
	const char *name = identity_find(identity, raw->kind, 0);
	char text[IDENTITY_TEXT];

	must(identity->n_names <= 1);
	must((identity->n_names == 1) == (name != NULL));
	if (!name)
		return;
	must(identity_is_plain((const unsigned char *)name, strlen(name)));
	if (raw->kind != IDENTITY_IP)
		must(strlen(name) == raw->len &&
		     memcmp(name, raw->bytes, raw->len) == 0);
	must(strlen(identity_text(identity, text)) < IDENTITY_TEXT);
	for (const char *c = text; *c; c++)
		must(*c > ' ' && *c <= '~' && *c != '"');
}

/* What has been taken, and by which text. */
static void
check_taken(const char *text, const struct identity *identity)
{
	const struct identity_name *name = &identity->names[0];
	const char *rest = strchr(text, ':'), *star = strchr(text, '*');
	size_t len;

	if (strcmp(text, "any") == 0)
		return;
	must(rest && identity->n_names == 1);
	must(strncmp(text, identity_words[name->kind], (size_t)(rest - text)) ==
	     0);
	rest++;
	if (name->kind == IDENTITY_IP)
		return;
	if (!star) {
		must(strcasecmp(rest, name->text) == 0);
		must(name->kind != IDENTITY_URI ||
		     strcmp(rest, name->text) == 0);
	} else if (name->kind == IDENTITY_URI) {
		must(strncmp(rest, name->text, (size_t)(star - rest)) == 0);
		must(!strstr(name->text + (star - rest) - 1, "/../"));
		must(!strpbrk(name->text + (star - rest), "%?#*"));
	} else {
		len = strcspn(name->text, ".");
		must(name->kind == IDENTITY_DNS && len > 0);
		must(strcasecmp(star + 1, name->text + len) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *const facts[IDENTITY_FACTS] = {
		[IDENTITY_FINGERPRINT] = "00",
	};
	const uint8_t *end = len > 0 ? memchr(bytes, '\n', len) : NULL;
	size_t text_len = end ? (size_t)(end - bytes) : len;
	char *text = strndup((const char *)bytes, text_len);
	struct identity_raw raw = { IDENTITY_URI, bytes, 0 };
	struct identity *identity;
	struct pattern pattern;

	must(text != NULL);
	if (end && len - text_len >= 2) {
		raw.kind = (enum identity_kind)(end[1] % IDENTITY_KINDS);
		raw.bytes = end + 2;
		raw.len = len - text_len - 2;
	}
	identity = identity_new(facts, &raw, 1);
	must(identity != NULL);
	check_identity(identity, &raw);
	if (!pattern_parse(text, &pattern)) {
		if (pattern_matches(&pattern, identity))
			check_taken(text, identity);
		pattern_release(&pattern);
	}
	identity_unref(&identity);
	free(text);
	return 0;
}
