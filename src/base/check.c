/*
 * check.c - the end of a process whose invariant broke
 *
 * Runs in every process.  It must not allocate: the heap may be what is broken.
 */
#include <config.h>

#include "base/check.h"

#include <stdlib.h>

#include "base/log.h"

_Noreturn void
check_failed(const char *file, int line, const char *function, const char *what)
{
	log_alert("%s:%d: %s: does not hold: %s", file, line, function, what);
	abort();
}
