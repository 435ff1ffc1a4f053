/*
 * served.h - a service that is served: what its section of the config says
 */
#ifndef GRPC_SERVED_H
#define GRPC_SERVED_H

#include <stdbool.h>

struct allow;
struct allows;
struct config;
struct config_messages;
struct config_section;
struct grpcd_service;

struct served {
	const struct grpcd_service *service;
	const struct config_section *section;
	char *title;               /* as registry_title has it; owned */
	bool *reach;               /* by listener; NULL: all; owned */
	const struct allow *allow; /* NULL: everybody; one of allows */
};

/*
 * Sets the service's variables and the rest from its section; the first two are
 * set.  False, with what is wrong in errors.
 */
bool served_parse(struct served *served, struct allows *allows,
    const struct config *config, struct config_messages *errors);

void served_release(struct served *served);

#endif
