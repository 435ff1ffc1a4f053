/*
 * fold.h - a line that repeats the one before it is counted, not written
 *
 *	if (fold_repeats(...)) nothing is written
 *	else tell fold_take, write the line, fold_begin
 */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FOLD_TEXT 2048
#define FOLD_US INT64_C(5000000) /* for so long after it was written */

/* Begins as all zeros. */
struct fold {
	pid_t pid; /* what a child inherits is not its own last line */
	int64_t until_us;
	unsigned repeated; /* and not told yet */
	int level;
	char text[FOLD_TEXT];
};

/* True if the line repeats the last one that was written: it is counted. */
bool fold_repeats(struct fold *f, int64_t now_us, int level, const char *text);

/* How often it did since this was last asked, and the level of that line. */
unsigned fold_take(struct fold *f, int *ret_level);

/* This line has been written. */
void fold_begin(struct fold *f, int64_t now_us, int level, const char *text);

#endif
