/*
 * fold.c - a line that repeats the one before it is counted, not written
 *
 * Runs in every process, for log.c.
 */
#include <config.h>

#include "base/fold.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
fold_repeats(struct fold *f, int64_t now_us, int level, const char *text)
{
	if (f->pid != getpid() || now_us >= f->until_us || f->level != level ||
	    strcmp(f->text, text) != 0)
		return false;
	f->repeated++;
	return true;
}

unsigned
fold_take(struct fold *f, int *ret_level)
{
	unsigned repeated = f->pid == getpid() ? f->repeated : 0;

	f->repeated = 0;
	*ret_level = f->level;
	return repeated;
}

void
fold_begin(struct fold *f, int64_t now_us, int level, const char *text)
{
	f->pid = getpid();
	f->until_us = now_us + FOLD_US;
	f->level = level;
	snprintf(f->text, sizeof(f->text), "%s", text);
}
