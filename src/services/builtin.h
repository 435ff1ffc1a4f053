/*
 * builtin.h - the modules that are part of the program
 */
#ifndef SERVICES_BUILTIN_H
#define SERVICES_BUILTIN_H

#include "grpcd.h"

/* The last is NULL. */
extern const struct grpcd_module *const builtin_modules[];

#endif
