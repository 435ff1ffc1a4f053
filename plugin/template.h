/*
 * template.h - a directory to begin a service with: grpcd-new(1) asks for it
 */
#ifndef PLUGIN_TEMPLATE_H
#define PLUGIN_TEMPLATE_H

#include <stdio.h>

#include "plugin/model.h"

/* NAME.c: the services, each method answered with an empty message. */
void template_service(FILE *out, const struct model *model);

/* A Makefile for NAME.so, of NAME.c, NAME.proto and the files it imports. */
void template_makefile(FILE *out, const struct model *model);

/* A grpcd.conf that serves it. */
void template_config(FILE *out, const struct model *model);

/* "dir/my_file" as "my_file": what NAME is in all of this. */
const char *template_name(const struct model *model);

#endif
