/*
 * expiry.h - when the files of TLS end, as the checker told
 *
 * The master reads no certificate; it knows when, and says so in time: at the
 * start, at a reload, when it happens, and once a day.  Private to the master.
 */
#ifndef MASTER_EXPIRY_H
#define MASTER_EXPIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct master;

/* A file of a tls section, and when the first thing in it ends. */
struct expiry {
	size_t listener;
	char *directive; /* "certificate", "client_ca", "crl" */
	char *path;
	int64_t ends_s;  /* since 1970 */
	int64_t warns_s; /* it is near from then on */
};

/* All of a config; zeroed at first. */
struct expiries {
	struct expiry *v;
	size_t n;
};

/*
 * Takes a line of the checker's, behind CHECKER_EXPIRES, about a config with so
 * many listeners; false if it is odd.
 */
bool expiries_take(struct expiries *e, size_t n_listeners, const char *line);
void expiries_free(struct expiries *e);

/*
 * Logs which files have ended at a time (seconds since 1970), or are near their
 * end.  Returns when there will be more to say: INT64_MAX
 * for never.
 */
int64_t expiries_warn(const struct expiries *e, const struct config *config,
    int64_t now_s);

/* Room for what expiry_format writes. */
#define EXPIRY_TEXT 80

/* "expires in 9 days, at 2026-12-01 10:00 UTC" or so; returns out. */
const char *expiry_format(const struct expiry *e, int64_t now_s,
    char out[EXPIRY_TEXT]);

/* It has ended, or will soon. */
bool expiry_is_near(const struct expiry *e, int64_t now_s);

/* Another generation serves: says at once what there is to say of its files. */
void expiry_begin(struct master *m);

/* When there is more to say of them, and saying it. */
int64_t expiry_due_us(const struct master *m);
void expiry_step(struct master *m);

#endif
