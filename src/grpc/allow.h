/*
 * allow.h - the directive `allow`: whose certificates may call
 *
 * A list of patterns, of a service or of one method.
 */
#ifndef GRPC_ALLOW_H
#define GRPC_ALLOW_H

#include <stdbool.h>
#include <stddef.h>

struct allows;
struct config;
struct config_messages;
struct config_strings;
struct identity;
struct pattern;

struct allow {
	size_t number; /* in its registry */
	struct pattern *patterns;
	size_t n_patterns;
	/* What it is of, for messages, and where it stands. */
	const char *what, *name; /* "service", "helloworld.Greeter" */
	const char *file;
	int line;
	const bool *reach; /* by listener; NULL: all */
};

/* All lists of a registry, for a config that must stay; NULL without memory. */
struct allows *allows_new(const struct config *config);
void allows_free(struct allows **allows);

size_t allows_count(const struct allows *allows);

/*
 * Adds the list of whatever `about` tells of: what, name and reach; none if the
 * config has none, and ret_allow is left then.  False, with what is wrong in
 * errors: a pattern that is none, an empty list, listeners of which none asks
 * clients for a certificate.
 */
bool allows_add(struct allows *allows, const struct allow *about,
    const struct config_strings *patterns, struct config_messages *errors,
    const struct allow **ret_allow);

/* Logs which listeners ask for no certificate, and so refuse all calls. */
void allows_warn(const struct allows *allows);

/* Is a client with this certificate among them? */
bool allow_matches(const struct allow *allow, const struct identity *identity);

#endif
