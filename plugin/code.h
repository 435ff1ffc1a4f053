/*
 * code.h - the two files that are generated of one .proto file
 */
#ifndef PLUGIN_CODE_H
#define PLUGIN_CODE_H

#include <stdio.h>

#include "plugin/model.h"

/* NAME.grpcd.h: the tables of functions, and the typed functions. */
void code_header(FILE *out, const struct model *model);

/* NAME.grpcd.c: the descriptors, and the ways into the tables. */
void code_source(FILE *out, const struct model *model);

#endif
