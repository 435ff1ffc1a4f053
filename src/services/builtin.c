/*
 * builtin.c - the modules that are part of the program
 *
 * Each is compiled with a name of its own for the symbol that GRPCD_MODULE
 * makes (see Makefile.inc).
 */
#include <config.h>

#include "services/builtin.h"

extern const struct grpcd_module greeter_module;
extern const struct grpcd_module health_module;
extern const struct grpcd_module reflection_module;

const struct grpcd_module *const builtin_modules[] = {
	&greeter_module,
	&health_module,
	&reflection_module,
	NULL,
};
