/*
 * process.h - what a worker is to the kernel: its limits, and what it may do
 */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include <stdint.h>

struct config;

/*
 * Both run in a child of the master, before any thread, and return NULL, or
 * what failed in a text that needs no free.
 *
 * process_prepare: rlimit_nofile, rlimit_core, umask, environment; as long as
 * the child may raise limits.
 * process_confine: working_directory, no_new_privs, dumpable; when it has given
 * up its privileges.
 */
const char *process_prepare(const struct config *config);
const char *process_confine(const struct config *config);

/* Descriptors that one of n_workers may come to need. */
int64_t process_descriptors(const struct config *config, unsigned n_workers);

#endif
