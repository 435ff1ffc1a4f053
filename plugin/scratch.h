/*
 * scratch.h - memory of one run of protoc-gen-grpcd
 *
 * The plugin answers one request and exits.  What it builds on the way goes all
 * at once, at the end.  Without memory it tells so and exits with status 1, so
 * nothing here returns NULL.
 */
#ifndef PLUGIN_SCRATCH_H
#define PLUGIN_SCRATCH_H

#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

/* Zeroed, aligned for any type. */
void *scratch_take(size_t size);

/* A copy of len bytes with a zero byte behind them. */
char *scratch_copy(const void *bytes, size_t len);
char *scratch_printf(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* The same memory, for protobuf-c. */
extern ProtobufCAllocator scratch_allocator;

/* Ends the program, because there is no memory. */
_Noreturn void scratch_out(void);

/* Gives all of it back. */
void scratch_release(void);

#endif
