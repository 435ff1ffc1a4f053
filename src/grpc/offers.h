/*
 * offers.h - which modules offer which services
 */
#ifndef GRPC_OFFERS_H
#define GRPC_OFFERS_H

#include <stdbool.h>
#include <stddef.h>

struct config_messages;
struct grpcd_service;
struct registry_source;

struct offers {
	const struct registry_source *sources;
	size_t n;
};

/* False: a module is none, or two that were loaded offer one service. */
bool offers_check(const struct offers *offers, struct config_messages *errors);

/*
 * The service of that name, a built-in one last, and where it comes from; NULL
 * if there is none.
 */
const struct grpcd_service *offers_find(const struct offers *offers,
    const char *name, const struct registry_source **ret_source);

/* The name nearest to one that nobody offers; NULL if none is near. */
const char *offers_nearest(const struct offers *offers, const char *name);

#endif
