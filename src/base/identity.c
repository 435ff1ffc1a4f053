/*
 * identity.c - who a client is, by its TLS connection
 *
 * Made in workers, once a connection that is asked about.  The names are bytes
 * from outside: a zero byte, or any that could break a line of the log or a
 * quotation, takes the name out.
 */
#include <config.h>

#include "base/identity.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

const char *const identity_words[IDENTITY_KINDS] = {
	[IDENTITY_URI] = "uri",
	[IDENTITY_DNS] = "dns",
	[IDENTITY_EMAIL] = "email",
	[IDENTITY_IP] = "ip",
};

bool
identity_is_plain(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] <= ' ' || bytes[i] > '~' || bytes[i] == '"' ||
		    bytes[i] == '\\')
			return false;
	return len > 0 && len <= IDENTITY_NAME_BYTES;
}

/* Bytes that a name takes as text, its zero byte among them; 0: it is left. */
static size_t
text_size(const struct identity_raw *name)
{
	if (name->kind == IDENTITY_IP)
		return name->len == 4 || name->len == 16 ? INET6_ADDRSTRLEN : 0;
	return identity_is_plain(name->bytes, name->len) ? name->len + 1 : 0;
}

static void
write_text(const struct identity_raw *name, char *to)
{
	if (name->kind != IDENTITY_IP) {
		memcpy(to, name->bytes, name->len);
		to[name->len] = '\0';
		return;
	}
	ENSURE(inet_ntop(name->len == 4 ? AF_INET : AF_INET6, name->bytes, to,
	    INET6_ADDRSTRLEN));
}

static char *
copy_facts(struct identity *identity, const char *const *facts, char *to)
{
	for (size_t i = 0; i < IDENTITY_FACTS; i++) {
		if (!facts[i])
			continue;
		identity->facts[i] = to;
		to = stpcpy(to, facts[i]) + 1;
	}
	return to;
}

struct identity *
identity_new(const char *const facts[IDENTITY_FACTS],
    const struct identity_raw *names, size_t n_names)
{
	struct identity *identity;
	size_t size = 0, n = 0, len;
	char *to;

	for (size_t i = 0; i < IDENTITY_FACTS; i++)
		size += facts[i] ? strlen(facts[i]) + 1 : 0;
	if (n_names > IDENTITY_NAMES)
		n_names = IDENTITY_NAMES;
	for (size_t i = 0; i < n_names; i++) {
		len = text_size(&names[i]);
		size += len;
		n += len > 0;
	}
	len = sizeof(*identity) + n * sizeof(*identity->names);
	identity = calloc(1, len + size);
	if (!identity)
		return NULL;
	identity->references = 1;
	to = copy_facts(identity, facts, (char *)identity + len);
	for (size_t i = 0; i < n_names; i++) {
		len = text_size(&names[i]);
		if (len == 0)
			continue;
		write_text(&names[i], to);
		identity->names[identity->n_names++] =
		    (struct identity_name){ names[i].kind, to };
		to += len;
	}
	return identity;
}

struct identity *
identity_ref(struct identity *identity)
{
	if (identity)
		identity->references++;
	return identity;
}

void
identity_unref(struct identity **identity)
{
	struct identity *it = *identity;

	*identity = NULL;
	if (it && --it->references == 0)
		free(it);
}

const char *
identity_find(const struct identity *identity, enum identity_kind kind,
    size_t i)
{
	for (size_t at = 0; at < identity->n_names; at++)
		if (identity->names[at].kind == kind && i-- == 0)
			return identity->names[at].text;
	return NULL;
}

static const char *
cut(char out[IDENTITY_TEXT], int len)
{
	if (len >= IDENTITY_TEXT)
		strcpy(out + IDENTITY_TEXT - sizeof("..."), "...");
	return out;
}

const char *
identity_text(const struct identity *identity, char out[IDENTITY_TEXT])
{
	const char *subject =
	    identity ? identity->facts[IDENTITY_SUBJECT] : NULL;

	out[0] = '\0';
	for (int kind = 0; identity && kind < IDENTITY_KINDS; kind++) {
		const char *name =
		    identity_find(identity, (enum identity_kind)kind, 0);

		if (name)
			return cut(out, snprintf(out, IDENTITY_TEXT, "%s:%s",
					    identity_words[kind], name));
	}
	return cut(out,
	    snprintf(out, IDENTITY_TEXT, "%s", subject ? subject : ""));
}
