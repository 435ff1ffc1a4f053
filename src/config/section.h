/*
 * section.h - the body of a service's section, parsed with its own directives
 *
 * Runs in the checker and in workers.  Same rules, units and messages as the
 * server's own directives.
 */
#ifndef CONFIG_SECTION_H
#define CONFIG_SECTION_H

#include "config/config.h"

enum section_type {
	SECTION_STRING, /* const char * */
	SECTION_PATH,   /* const char *, made absolute against prefix */
	SECTION_BOOL,   /* bool */
	SECTION_INT,    /* int64_t */
	SECTION_SIZE,   /* int64_t, bytes */
	SECTION_TIME,   /* int64_t, milliseconds */
	SECTION_STRINGS /* struct config_strings; v is NULL if not given */
};

struct section_directive {
	const char *name;
	enum section_type type;
	void *value;
	const char *fallback; /* as written in the file; NULL: must be given */
	int64_t min, max;
};

/*
 * Sets every value, from the body or from its fallback; strings are copied and
 * stay for the life of the process.  False if anything is wrong: each error is
 * in errors, with FILE:LINE, and the nearest name for an unknown directive.
 */
bool section_parse(const struct config_section *section,
    const struct section_directive *directives, size_t n_directives,
    const char *prefix, struct config_messages *errors);

#endif
