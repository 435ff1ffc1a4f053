/*
 * scratch.c - memory of one run of protoc-gen-grpcd: one arena
 */
#include <config.h>

#include "plugin/scratch.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

static struct arena_pool pool;
static struct arena arena = { .pool = &pool, .cap = SIZE_MAX };

static void *
scratch_allocate(void *data, size_t size)
{
	(void)data;
	return scratch_take(size);
}

static void
scratch_leave(void *data, void *bytes)
{
	(void)data;
	(void)bytes;
}

ProtobufCAllocator scratch_allocator = { scratch_allocate, scratch_leave,
	NULL };

void
scratch_out(void)
{
	fputs("protoc-gen-grpcd: out of memory\n", stderr);
	exit(1);
}

static void *
must(void *memory)
{
	if (!memory)
		scratch_out();
	return memory;
}

void *
scratch_take(size_t size)
{
	return must(arena_zalloc(&arena, size));
}

char *
scratch_copy(const void *bytes, size_t len)
{
	return must(arena_copy(&arena, bytes, len));
}

char *
scratch_printf(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = must(arena_vprintf(&arena, fmt, args));
	va_end(args);
	return text;
}

void
scratch_release(void)
{
	arena_reset(&arena);
}
