/*
 * make.h - the config that outlines of files describe
 */
#ifndef CONFIG_MAKE_H
#define CONFIG_MAKE_H

#include "config/setting.h"

/*
 * Fills config from the outlines of the file and of -g.  What is wrong with
 * values goes to the context's problems.
 */
void make_config(struct config *config, const struct scope *file,
    const struct scope *overrides, const struct setting_context *context);

/* The same for the top of the file alone. */
void make_main(struct config *config, const struct scope *file,
    const struct scope *overrides, const struct setting_context *context);

#endif
