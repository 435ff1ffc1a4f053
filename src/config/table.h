/*
 * table.h - directives.def and the kinds of sections, as arrays
 */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include "config/config.h"

enum value_type {
	VALUE_STRING,
	VALUE_PATH,
	VALUE_LOG,
	VALUE_CONTROL,
	VALUE_ADDRESS,
	VALUE_USER,
	VALUE_GROUP,
	VALUE_MODE,
	VALUE_CPULIST,
	VALUE_COUNT,
	VALUE_INT,
	VALUE_SIZE,
	VALUE_TIME,
	VALUE_BOOL,
	VALUE_LEVEL,
	VALUE_STRINGS,
	VALUE_FILES,
	VALUE_SECRETS,
	VALUE_PROTOCOLS,
	VALUE_VERIFY
};

/* A row of directives.def. */
struct directive {
	const char *name;
	enum value_type type;
	int64_t min, max;
	const char *fallback; /* NULL: it must be given */
	const char *help;
	size_t offset; /* of its value in the struct of its context */
};

/* A kind of section, and what may stand in it. */
struct kind {
	const char *name;  /* as written in the file */
	const char *where; /* as said in messages: "in a listener" */
	const char *title; /* an example of its title; NULL: it has none */
	bool foreign;      /* else's but for its children: kept as text */
	const struct directive *directives;
	size_t n_directives;
	const struct kind *const *children;
	size_t n_children;
};

extern const struct kind kind_main;      /* a file */
extern const struct kind kind_overrides; /* -g */
extern const struct kind kind_listener, kind_service, kind_module, kind_method;
extern const struct kind kind_tls;
extern const struct kind kind_limits;      /* at the top, in a listener */
extern const struct kind kind_call_limits; /* in a service, in a method */

/* Each NULL if the kind has none of that name, which is len bytes long. */
const struct directive *kind_directive(const struct kind *kind,
    const char *name, size_t len);
const struct kind *kind_child(const struct kind *kind, const char *name,
    size_t len);

/* True if its value is a list. */
bool directive_is_list(const struct directive *directive);

/* True if a listener's directive is of Unix sockets alone. */
bool directive_is_unix(const struct directive *directive);

#endif
