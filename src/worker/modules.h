/*
 * modules.h - the modules of a generation, loaded into this process
 *
 * Runs in workers and in the checker, never in the master.
 */
#ifndef WORKER_MODULES_H
#define WORKER_MODULES_H

#include <stddef.h>

struct config;
struct config_messages;
struct modules;
struct registry_source;

/*
 * The built-in modules, and those of the config: files holds their open files
 * by index of config->modules, so that a worker which is made later runs the
 * code of its generation even when the file has been replaced.  NULL if one
 * does not load; why is in errors.  The config must stay as long as the result.
 * Each module is named in `answer`, as CHECKER_AT has it, before its code can
 * run, unless that is -1.
 */
struct modules *modules_load(const struct config *config, const int *files,
    int answer, struct config_messages *errors);
void modules_free(struct modules **modules);

/* For registry_new. */
const struct registry_source *modules_sources(const struct modules *modules);
size_t modules_count(const struct modules *modules);

#endif
