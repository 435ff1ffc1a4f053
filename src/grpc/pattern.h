/*
 * pattern.h - one item of `allow`: which names of certificates it takes
 *
 * It begins with the kind of name that it is about, so that a name of one kind
 * never passes for one of another:
 *
 *	uri:spiffe://prod/billing   that URI, byte for byte
 *	uri:spiffe://prod/.../      with an asterisk behind it: any below that
 *	dns:billing.example.com     that DNS name, in upper or lower case
 *	dns:*.example.com           any with one label in place of the asterisk
 *	email:ops@example.com       that address; case counts before the @
 *	ip:192.0.2.7                that IP
 *	any                         every certificate, with or without names
 */
#ifndef GRPC_PATTERN_H
#define GRPC_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct identity;

/* Owns its text. */
struct pattern {
	bool (*takes)(const struct pattern *pattern, const char *name);
	int kind;   /* enum identity_kind; -1: any */
	char *text; /* behind the kind, without an asterisk */
};

/* NULL; or what is wrong with the text, a text that stays. */
const char *pattern_parse(const char *text, struct pattern *ret_pattern);
void pattern_release(struct pattern *pattern);

/* Does the client have a certificate with a name that the pattern takes? */
bool pattern_matches(const struct pattern *pattern,
    const struct identity *identity);

#endif
