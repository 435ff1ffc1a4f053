/*
 * list.h - the types of values that are lists: strings, files, secrets
 */
#ifndef CONFIG_LIST_H
#define CONFIG_LIST_H

#include "config/value.h"

/* As value_set, of the items; the target is a struct config_strings. */
const char *list_set_strings(const struct value_input *in, void *target);

/*
 * The same into a struct config_files, whose files are read; the bytes of
 * secrets lie where neither a core dump nor the swap has them.
 */
const char *list_set_files(const struct value_input *in, void *target);
const char *list_set_secrets(const struct value_input *in, void *target);

/* { "a", "b" }: the strings, or the paths of the files. */
const char *list_text_strings(const struct config_strings *strings,
    struct memory *memory);
const char *list_text_files(const struct config_files *files,
    struct memory *memory);

#endif
