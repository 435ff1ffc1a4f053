/*
 * modules.h - the files of the modules, opened once a generation
 *
 * Workers load them through these descriptors, so that one that is replaced
 * later runs the code of its generation, whatever has become of the files.
 */
#ifndef MASTER_MODULES_H
#define MASTER_MODULES_H

#include "config/config.h"

/* By index of config->modules; NULL with each error if one fails. */
int *modules_open(const struct config *config, struct config_messages *errors);

/* Closes them, frees the array and clears the pointer. */
void modules_close(const struct config *config, int **modules);

#endif
