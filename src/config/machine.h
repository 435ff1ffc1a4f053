/*
 * machine.h - values that this machine must know: users, groups and CPUs
 */
#ifndef CONFIG_MACHINE_H
#define CONFIG_MACHINE_H

#include "config/value.h"

/* As value_set; target is a struct config_user, _group or _cpus. */
const char *machine_set_user(const struct value_input *in, void *target);
const char *machine_set_group(const struct value_input *in, void *target);
const char *machine_set_cpus(const struct value_input *in, void *target);

#endif
