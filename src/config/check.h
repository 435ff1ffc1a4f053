/*
 * check.h - what may be wrong with a config whose every part is right
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config/outline.h"

/*
 * Names and addresses that stand twice or mean nothing, methods of no service,
 * directives without effect, nowhere to listen.  file is the outline that the
 * config was made from.
 */
void check_config(const struct config *config, const struct scope *file,
    struct problems *problems);

#endif
