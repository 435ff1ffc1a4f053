/*
 * memory.c - memory of one run of protoc-gen-grpcd: a list of blocks
 */
#include <config.h>

#include "plugin/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
	struct block *next;
	alignas(max_align_t) char bytes[];
};

static struct block *blocks;

static void *
memory_allocate(void *data, size_t size)
{
	(void)data;
	return memory_take(size);
}

static void
memory_leave(void *data, void *bytes)
{
	(void)data;
	(void)bytes;
}

ProtobufCAllocator memory_allocator = { memory_allocate, memory_leave, NULL };

void
memory_out(void)
{
	fprintf(stderr, "protoc-gen-grpcd: out of memory\n");
	exit(1);
}

void *
memory_take(size_t size)
{
	struct block *block = NULL;

	if (size <= SIZE_MAX - sizeof(*block))
		block = calloc(1, sizeof(*block) + size);
	if (!block)
		memory_out();
	block->next = blocks;
	blocks = block;
	return block->bytes;
}

char *
memory_copy(const void *bytes, size_t len)
{
	char *copy = memory_take(len + 1);

	memcpy(copy, bytes, len);
	return copy;
}

char *
memory_printf(const char *fmt, ...)
{
	va_list args, again;
	char *text;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = memory_take((size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return text;
}

void
memory_release(void)
{
	struct block *block;

	while ((block = blocks) != NULL) {
		blocks = block->next;
		free(block);
	}
}
