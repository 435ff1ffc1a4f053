/*
 * pattern.c - one item of `allow`: which names of certificates it takes
 *
 * Parsed in checker and workers; matched in workers against names out of
 * clients' certificates, which identity.h has made plain text of.  Where there
 * is doubt a name is not taken.
 */
#include <config.h>

#include "grpc/pattern.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/identity.h"

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Of a label (RFC 1123, 2.1), and of a path's segment (SPIFFE-ID, 2.2). */
#define LABEL ALNUM "-_"
#define SEGMENT ALNUM "-_."

static bool
takes_same(const struct pattern *p, const char *name)
{
	return strcmp(p->text, name) == 0;
}

static bool
takes_any_case(const struct pattern *p, const char *name)
{
	return strcasecmp(p->text, name) == 0;
}

/* The domain of an address knows no case, what stands before it may. */
static bool
takes_address(const struct pattern *p, const char *name)
{
	size_t local = strcspn(p->text, "@");

	return strncmp(p->text, name, local) == 0 &&
	       strcasecmp(p->text + local, name + local) == 0;
}

/* The text begins with the dot behind the label. */
static bool
takes_label(const struct pattern *p, const char *name)
{
	size_t label = strspn(name, LABEL);

	return label > 0 && strcasecmp(p->text, name + label) == 0;
}

/*
 * The text ends in a slash; behind it are one or more segments, none of which
 * could lead elsewhere.
 */
static bool
takes_below(const struct pattern *p, const char *name)
{
	size_t len = strlen(p->text);

	if (strncmp(p->text, name, len) != 0)
		return false;
	for (name += len;; name += len + 1) {
		len = strspn(name, SEGMENT);
		if (len == 0 || strspn(name, ".") == len)
			return false;
		if (name[len] == '\0')
			return true;
		if (name[len] != '/')
			return false;
	}
}

static const char *
parse_uri(struct pattern *p)
{
	char *star = strchr(p->text, '*');
	const char *authority = strstr(p->text, "://");

	p->takes = takes_same;
	if (!strchr(p->text, ':'))
		return "a URI begins with a scheme, as in"
		       " \"uri:spiffe://prod/billing\"";
	if (!star)
		return NULL;
	if (star[1] != '\0' || star[-1] != '/' || !authority ||
	    authority[3] == '/' || authority + 3 >= star - 1)
		return "* can only be the last segment of a URI's path, as in"
		       " \"uri:spiffe://prod/*\"";
	*star = '\0';
	p->takes = takes_below;
	return NULL;
}

static bool
is_dns(const char *name)
{
	size_t len;

	while ((len = strspn(name, LABEL)) > 0 && name[len] == '.')
		name += len + 1;
	return len > 0 && name[len] == '\0';
}

static const char *
parse_dns(struct pattern *p)
{
	bool wild = strncmp(p->text, "*.", 2) == 0;

	if (!is_dns(p->text + (wild ? 2 : 0)))
		return "a DNS name is wanted, as in \"dns:a.example.com\"; *"
		       " can only be its first label";
	p->takes = takes_any_case;
	if (wild) {
		memmove(p->text, p->text + 1, strlen(p->text));
		p->takes = takes_label;
	}
	return NULL;
}

static const char *
parse_email(struct pattern *p)
{
	const char *at = strchr(p->text, '@');

	p->takes = takes_address;
	if (strchr(p->text, '*') || !at || at == p->text || at[1] == '\0')
		return "an address of mail is wanted, as in"
		       " \"email:ops@example.com\", without *";
	return NULL;
}

/* Into the form that identities have. */
static const char *
parse_ip(struct pattern *p)
{
	int family = strchr(p->text, ':') ? AF_INET6 : AF_INET;
	unsigned char bytes[sizeof(struct in6_addr)];
	char *text;

	p->takes = takes_same;
	if (inet_pton(family, p->text, bytes) != 1)
		return "an IP is wanted, as in \"ip:192.0.2.7\", and no range"
		       " of them";
	text = malloc(INET6_ADDRSTRLEN);
	if (!text)
		return "no memory";
	inet_ntop(family, bytes, text, INET6_ADDRSTRLEN);
	free(p->text);
	p->text = text;
	return NULL;
}

/* The kind that a text begins with, and what is behind it; -1: none. */
static int
kind_of(const char *text, const char **ret_rest)
{
	for (int kind = 0; kind < IDENTITY_KINDS; kind++) {
		size_t len = strlen(identity_words[kind]);

		if (strncmp(text, identity_words[kind], len) != 0 ||
		    text[len] != ':')
			continue;
		*ret_rest = text + len + 1;
		return kind;
	}
	return -1;
}

const char *
pattern_parse(const char *text, struct pattern *ret)
{
	static const char *(*const parsers[])(struct pattern * p) = {
		[IDENTITY_URI] = parse_uri,
		[IDENTITY_DNS] = parse_dns,
		[IDENTITY_EMAIL] = parse_email,
		[IDENTITY_IP] = parse_ip,
	};
	struct pattern p = { .kind = -1 };
	const char *rest = text, *why;

	if (strcmp(text, "any") == 0) {
		*ret = p;
		return NULL;
	}
	p.kind = kind_of(text, &rest);
	if (p.kind == -1)
		return "the kind of name stands before it: uri:, dns:, email:"
		       " or ip:; or \"any\" is every certificate";
	if (!identity_is_plain((const unsigned char *)rest, strlen(rest)))
		return "this cannot be a name: printable ASCII is wanted";
	p.text = strdup(rest);
	if (!p.text)
		return "no memory";
	why = parsers[p.kind](&p);
	if (why)
		pattern_release(&p);
	else
		*ret = p;
	return why;
}

void
pattern_release(struct pattern *p)
{
	free(p->text);
	p->text = NULL;
}

bool
pattern_matches(const struct pattern *p, const struct identity *identity)
{
	if (!identity->facts[IDENTITY_FINGERPRINT])
		return false;
	if (p->kind == -1)
		return true;
	for (size_t i = 0; i < identity->n_names; i++) {
		const struct identity_name *name = &identity->names[i];

		if ((int)name->kind == p->kind && p->takes(p, name->text))
			return true;
	}
	return false;
}
