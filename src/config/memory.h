/*
 * memory.h - memory that a config, or the reading of one, owns as a whole
 *
 * Never NULL: without memory the process ends with a line in the log, as
 * libconfuse, which reads with us, would do by abort().  A config takes some
 * kilobytes, once a start or reload.
 */
#ifndef CONFIG_MEMORY_H
#define CONFIG_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

struct memory;

struct memory *memory_new(void);

/* Frees all that it handed out, and clears the pointer. */
void memory_free(struct memory **memory);

/* len bytes, aligned for any type, zeroed. */
void *memory_alloc(struct memory *memory, size_t len);

/* A copy of len bytes with a zero byte behind them. */
char *memory_copy(struct memory *memory, const void *bytes, size_t len);
char *memory_printf(struct memory *memory, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
char *memory_vprintf(struct memory *memory, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

/*
 * len bytes for a secret, zeroed: in a mapping of their own that is in no core
 * dump and, as far as the system lets us, in no swap; memory_free wipes them.
 */
void *memory_secret(struct memory *memory, size_t len);

/* Wipes all secrets now, and leaves them zeroed. */
void memory_forget_secrets(struct memory *memory);

/*
 * An array that grows by one: the array of n items of that size, or a larger
 * copy of it, with room for the next.  NULL is the array of none.
 */
void *memory_grow(struct memory *memory, void *array, size_t n, size_t size);

#endif
