/*
 * problem.h - what is wrong with a config, in the order of the files
 *
 * A config is looked through several times: for its words, its statements, its
 * values, its sense.  What each look finds is kept here with its place, and
 * told in the order in which a reader of the files would meet it.
 */
#ifndef CONFIG_PROBLEM_H
#define CONFIG_PROBLEM_H

#include <stddef.h>

#include "config/config.h"

struct memory;

/* Where something stands; order counts on through all files of a load. */
struct place {
	const char *file;
	int line;
	size_t order;
};

struct problem {
	struct place at;
	const char *text;
};

struct problems {
	struct memory *memory;
	struct problem *v;
	size_t n;
};

void problem_add(struct problems *problems, const struct place *at,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds the first of them to ret_errors, in order: nobody reads more. */
#define PROBLEMS_TOLD 50
void problems_tell(const struct problems *problems,
    struct config_messages *ret_errors);

#endif
