/*
 * config.h - what grpcd.conf says, as one plain struct
 *
 * Read by the master (and by -t, -T), handed to workers through fork; nobody
 * changes it afterwards.  config_load reads files and looks up users; it opens
 * no socket, loads no module and changes nothing.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/log.h"
#include "sock/address.h"

/* The C types of directives.def's types. */
struct config_user {
	bool set;
	uid_t uid;
	gid_t gid; /* the user's own group */
	const char *name;
};

struct config_group {
	bool set;
	gid_t gid;
	const char *name;
};

struct config_cpus {
	enum { CONFIG_CPUS_AUTO, CONFIG_CPUS_OFF, CONFIG_CPUS_LIST } kind;
	cpu_set_t set; /* of a list */
	const char *text;
};

struct config_address {
	struct address address;
	const char *text;
};

struct config_strings {
	const char *const *v; /* NULL if none is given, not even an empty one */
	size_t n;
	const char *file; /* where it is given */
	int line;
};

/* A file as it was when the config was read. */
struct config_file {
	const char *path;  /* absolute */
	const char *bytes; /* a zero byte behind them */
	size_t len;
};

struct config_files {
	const struct config_file *v;
	size_t n;
};

/* Versions of TLS, bits. */
enum config_protocols {
	CONFIG_TLS_1_2 = 1,
	CONFIG_TLS_1_3 = 2,
	CONFIG_TLS_ALL = 3
};

/* What a client's certificate is to us. */
enum config_verify {
	CONFIG_VERIFY_NONE,    /* not asked for */
	CONFIG_VERIFY_REQUEST, /* if there is one it must be good */
	CONFIG_VERIFY_REQUIRE
};

#define CONFIG_C_STRING const char *
#define CONFIG_C_PATH const char *    /* absolute */
#define CONFIG_C_LOG const char *     /* for log_open */
#define CONFIG_C_CONTROL const char * /* "off" or an absolute path */
#define CONFIG_C_ADDRESS struct config_address
#define CONFIG_C_USER struct config_user
#define CONFIG_C_GROUP struct config_group
#define CONFIG_C_MODE int64_t
#define CONFIG_C_CPULIST struct config_cpus
#define CONFIG_C_COUNT int64_t /* 0: auto */
#define CONFIG_C_INT int64_t
#define CONFIG_C_SIZE int64_t /* bytes */
#define CONFIG_C_TIME int64_t /* milliseconds */
#define CONFIG_C_BOOL bool
#define CONFIG_C_LEVEL enum log_level
#define CONFIG_C_STRINGS struct config_strings
#define CONFIG_C_FILES struct config_files
#define CONFIG_C_SECRETS struct config_files /* see config_forget_secrets */
#define CONFIG_C_PROTOCOLS enum config_protocols
#define CONFIG_C_VERIFY enum config_verify

/* One field a directive: config_main.workers, config_limits.max_deadline... */
#define CONFIG_FIELD_MAIN(...)
#define CONFIG_FIELD_LISTENER(...)
#define CONFIG_FIELD_UNIX(...)
#define CONFIG_FIELD_TLS(...)
#define CONFIG_FIELD_METHOD(...)
#define CONFIG_FIELD_LIMITS(...)
#define CONFIG_FIELD_CONNECTION(...)
#define CONFIG_FIELD(type, name) CONFIG_C_##type name;

#define DIRECTIVE(context, name, type, min, max, fallback, help) \
	CONFIG_FIELD_##context(type, name)

struct config_main {
#undef CONFIG_FIELD_MAIN
#define CONFIG_FIELD_MAIN CONFIG_FIELD
#include "config/directives.def"
#undef CONFIG_FIELD_MAIN
#define CONFIG_FIELD_MAIN(...)
};

#define DIRECTIVE(context, name, type, min, max, fallback, help) \
	CONFIG_FIELD_##context(type, name)

struct config_limits {
#undef CONFIG_FIELD_LIMITS
#undef CONFIG_FIELD_CONNECTION
#define CONFIG_FIELD_LIMITS CONFIG_FIELD
#define CONFIG_FIELD_CONNECTION CONFIG_FIELD
#include "config/directives.def"
	uint64_t given; /* bit n: its own section sets enum config_limit n */
};

/* CONFIG_LIMIT_max_deadline...: the fields of config_limits, in their order. */
#undef CONFIG_FIELD
#define CONFIG_FIELD(type, name) CONFIG_LIMIT_##name,
#define DIRECTIVE(context, name, type, min, max, fallback, help) \
	CONFIG_FIELD_##context(type, name)

enum config_limit {
#include "config/directives.def"
	CONFIG_LIMITS
};
_Static_assert(CONFIG_LIMITS <= 64, "a bit of `given` for each");

#undef CONFIG_FIELD
#define CONFIG_FIELD(type, name) CONFIG_C_##type name;
#undef CONFIG_FIELD_LIMITS
#undef CONFIG_FIELD_CONNECTION
#define CONFIG_FIELD_LIMITS(...)
#define CONFIG_FIELD_CONNECTION(...)

#define DIRECTIVE(context, name, type, min, max, fallback, help) \
	CONFIG_FIELD_##context(type, name)

struct config_listener_directives {
#undef CONFIG_FIELD_LISTENER
#undef CONFIG_FIELD_UNIX
#define CONFIG_FIELD_LISTENER CONFIG_FIELD
#define CONFIG_FIELD_UNIX CONFIG_FIELD
#include "config/directives.def"
#undef CONFIG_FIELD_LISTENER
#undef CONFIG_FIELD_UNIX
#define CONFIG_FIELD_LISTENER(...)
#define CONFIG_FIELD_UNIX(...)
};

#define DIRECTIVE(context, name, type, min, max, fallback, help) \
	CONFIG_FIELD_##context(type, name)

struct config_tls_directives {
#undef CONFIG_FIELD_TLS
#define CONFIG_FIELD_TLS CONFIG_FIELD
#include "config/directives.def"
#undef CONFIG_FIELD_TLS
#define CONFIG_FIELD_TLS(...)
};

#define DIRECTIVE(context, name, type, min, max, fallback, help) \
	CONFIG_FIELD_##context(type, name)

struct config_method_directives {
#undef CONFIG_FIELD_METHOD
#define CONFIG_FIELD_METHOD CONFIG_FIELD
#include "config/directives.def"
};

#undef CONFIG_FIELD_MAIN
#undef CONFIG_FIELD_LISTENER
#undef CONFIG_FIELD_UNIX
#undef CONFIG_FIELD_TLS
#undef CONFIG_FIELD_METHOD
#undef CONFIG_FIELD_LIMITS
#undef CONFIG_FIELD_CONNECTION
#undef CONFIG_FIELD

/* tls { } of a listener. */
struct config_tls {
	bool on; /* it has one; the rest is nothing if not */
	struct config_tls_directives d;
	const char *file;
	int line;
};

struct config_listener {
	const char *name;
	struct config_listener_directives d;
	struct config_limits limits; /* the top's, overridden by its own */
	struct config_tls tls;
	const char *file; /* where the section stands */
	int line;
};

/*
 * The body of a service or module section, which belongs to that service: kept
 * as text and parsed by whoever has its directives (config/section.h).
 */
struct config_section {
	const char *name; /* "helloworld.Greeter", "greeter.so" */
	const char *body; /* what stands between the braces, but comments */
	const struct config_line *lines; /* where each line of body stands */
	size_t n_lines;
	struct config_limits limits; /* of a service: its own over the top's */
	const char *file;
	int line;
};

struct config_line {
	const char *file;
	int line;
};

/* method "/pkg.Svc/M" { limits { } } */
struct config_method {
	const char *path;
	struct config_limits limits; /* its own over its service's */
	struct config_method_directives d;
	const char *file;
	int line;
};

struct config {
	struct config_main main;
	struct config_limits limits;
	struct config_listener *listeners;
	size_t n_listeners; /* at least 1 */
	struct config_section *services;
	size_t n_services;
	struct config_section *modules;
	size_t n_modules;
	struct config_method *methods;
	size_t n_methods;
	const char *file;   /* absolute path of the file read */
	const char *prefix; /* of -p, absolute */
	void *memory;       /* private to config.c */
};

/* Where to read from, as the command line has it. */
struct config_source {
	const char *file;      /* of -c */
	const char *prefix;    /* of -p */
	const char *overrides; /* of -g, NULL if not given */
};

/* What a load has to say: "FILE:LINE: what is wrong and what is right". */
struct config_messages {
	char **text;
	size_t n;
};

/* file may be NULL, for what stands in no file: then the text is all. */
void config_message(struct config_messages *m, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void config_messages_free(struct config_messages *m);

/*
 * Reads, checks and resolves all of it.  NULL if anything is wrong: what was
 * found (at least one) is added to errors then.  The result is freed with
 * config_free, which clears the pointer.
 */
struct config *config_load(const struct config_source *source,
    struct config_messages *errors);

/*
 * What can be made out of a config that may be broken, or gone: `main` alone,
 * the rest is empty.  What is wrong or not there has its default.
 */
struct config *config_glance(const struct config_source *source);
void config_free(struct config **config);

/*
 * Wipes the secrets of this process's copy, once they are not needed any more;
 * they read as zeros.  config_free does so too.
 */
void config_forget_secrets(const struct config *config);

/*
 * The limits of the service that "/package.Service/Method" names, which its
 * methods inherit; the top's if there is no section for it.
 */
const struct config_limits *config_service_limits(const struct config *config,
    const char *path);

/* True if the section that these limits are of sets that one itself. */
static inline bool
config_gives(const struct config_limits *limits, enum config_limit what)
{
	return limits->given >> what & 1;
}

/*
 * The longest that a worker may take to drain, in milliseconds: drain_delay,
 * then graceful_timeout, within which drain_spread lies, then
 * lingering_timeout.
 */
int64_t config_drain_ms(const struct config_main *main);

/*
 * The TCP_USER_TIMEOUT of a listener's connections, in milliseconds, as gRPC's
 * proposal A18 has it: keepalive_timeout, unless there is no keepalive (0).
 * But the kernel does not tell a client that is gone from one that does not
 * read, and that has send_timeout: so it is the longer of the two.
 */
int64_t config_user_timeout_ms(const struct config *config,
    const struct config_listener *listener);

/*
 * Writes a line for each thing that becomes another from one config to the
 * next; returns how many there are.
 */
size_t config_diff(const struct config *old, const struct config *new,
    FILE *out);

/* Writes the effective config so that config_load reads the same again. */
void config_dump(const struct config *config, FILE *out);

/* Prints directives.def as lines of tab-separated fields, for the tests. */
void config_print_directives(FILE *out);

#endif
