/*
 * check.h - what must hold, and what happens when it does not
 *
 * A broken invariant ends the process with a line in the log that finds the
 * bug; the master replaces a worker that dies of it.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include <stdint.h>

/*
 * Every struct that travels as a void * begins with `uint32_t magic`.  CHECK is
 * used where the void * becomes a struct again; a freed object has magic 0.
 */
#define CHECK(object, expected)                                         \
	do {                                                            \
		if (__builtin_expect((object) == NULL ||                \
					 (object)->magic != (expected), \
			0))                                             \
			check_failed(__FILE__, __LINE__, __func__,      \
			    #object " is a live " #expected);           \
	} while (0)

/* An assertion that stays in production. */
#define ENSURE(condition)                                          \
	do {                                                       \
		if (__builtin_expect(!(condition), 0))             \
			check_failed(__FILE__, __LINE__, __func__, \
			    #condition);                           \
	} while (0)

/* Logs what did not hold as an alert, and aborts. */
_Noreturn void check_failed(const char *file, int line, const char *function,
    const char *what);

#endif
