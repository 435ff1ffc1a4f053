/*
 * registry.h - which services are served, and the way from a path to a method
 */
#ifndef GRPC_REGISTRY_H
#define GRPC_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "grpc/limits.h"
#include "grpcd.h"

struct allow;
struct registry;

struct registry_method {
	const struct grpcd_method *method;
	const struct grpcd_service *service;
	const bool *reach; /* by listener: is it served there?  NULL: on all */
	const struct allow *allow;   /* who may call; NULL: everybody */
	bool guarded;                /* it has reach or allow */
	const struct limits *limits; /* by listener */
	char *path;                  /* "/helloworld.Greeter/SayHello" */
	size_t path_len;
	bool told_late; /* an answer to an ended call was logged */
};

/* Where services come from. */
struct registry_source {
	const struct grpcd_module *module;
	const char *name; /* "greeter.so", or "built-in" */
	const char *file; /* its section; NULL for a built-in one */
	int line;
};

/*
 * Fills a registry: every service of the modules (built-in ones first) that
 * has a section in the config.  A service of a module that was loaded takes the
 * place of a built-in one.  Errors: a service that two loaded modules offer, a
 * section whose service no module offers (with the nearest name), a method
 * section for an unknown method, a wrong magic or API version, directives that
 * do not parse, listeners that there are none, lists of clients that are wrong
 * or that nobody can be on.  NULL if there was any error.
 */
struct registry *registry_new(const struct config *config,
    const struct registry_source *sources, size_t n_sources,
    struct config_messages *errors);
void registry_free(struct registry **registry);

/* For the checker: logs what is right and yet may not be what was meant. */
void registry_warn(const struct registry *registry);

/* How many lists of clients there are; they are numbered from 0. */
size_t registry_allow_count(const struct registry *registry);

/* The method of that path, NULL if there is none. */
struct registry_method *registry_find(struct registry *registry,
    const char *path, size_t len);

/* Is the service of that path served? */
bool registry_has_service(const struct registry *registry, const char *path,
    size_t len);

/* The services, in the order of the config. */
size_t registry_count(const struct registry *registry);
const struct grpcd_service *registry_service(const struct registry *registry,
    size_t i);
const struct config_section *registry_section(const struct registry *registry,
    size_t i);

/* For messages: service "NAME" of module "FILE". */
const char *registry_title(const struct registry *registry, size_t i);

/* Is service i served on this listener of the config? */
bool registry_reaches(const struct registry *registry, size_t i,
    size_t listener);

#endif
