/*
 * reach.h - on which listeners a service is served: its directive `listeners`
 */
#ifndef GRPC_REACH_H
#define GRPC_REACH_H

#include <stdbool.h>

struct config;
struct config_messages;
struct config_section;

/*
 * Which of the config's listeners the names are, by their index; for the caller
 * to free.  NULL for no names, which is all listeners.  False: there is no such
 * listener, or no memory.
 */
bool reach_parse(const char *names, const struct config *config,
    const struct config_section *section, struct config_messages *errors,
    bool **ret_reach);

#endif
