/*
 * buffer.c - bytes that grow at the end and are taken from the front
 *
 * Runs in every process.  Growth doubles, and bytes are moved to the front only
 * where at least as many have been taken, so that each byte is moved a bounded
 * number of times.
 */
#include <config.h>

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define BUFFER_LEAST 256 /* bytes of the first allocation */

static void
buffer_move_to_front(struct buffer *b)
{
	size_t len = buffer_length(b);

	memmove(b->data, b->data + b->start, len);
	b->start = 0;
	b->end = len;
}

/* To size bytes at least; false without memory. */
static bool
buffer_grow(struct buffer *b, size_t size)
{
	size_t doubled = b->size > SIZE_MAX / 2 ? SIZE_MAX : b->size * 2;
	uint8_t *data;

	if (size < doubled)
		size = doubled;
	if (size < BUFFER_LEAST)
		size = BUFFER_LEAST;
	data = realloc(b->data, size);
	if (data == NULL)
		return false;
	b->data = data;
	b->size = size;
	return true;
}

uint8_t *
buffer_reserve(struct buffer *b, size_t len)
{
	size_t held = buffer_length(b);

	if (b->data != NULL && b->size - b->end >= len)
		return b->data + b->end;
	if (len > PTRDIFF_MAX - b->end)
		return NULL;
	if (b->data != NULL && b->start > 0 &&
	    (b->start >= held || b->size - held < len))
		buffer_move_to_front(b);
	if (b->data == NULL || b->size - b->end < len) {
		if (!buffer_grow(b, b->end + len))
			return NULL;
	}
	return b->data + b->end;
}

void
buffer_added(struct buffer *b, size_t len)
{
	ENSURE(len <= b->size - b->end);
	b->end += len;
}

bool
buffer_append(struct buffer *b, const void *bytes, size_t len)
{
	uint8_t *to;

	if (len == 0)
		return true;
	to = buffer_reserve(b, len);
	if (to == NULL)
		return false;
	memcpy(to, bytes, len);
	b->end += len;
	return true;
}

void
buffer_consume(struct buffer *b, size_t len)
{
	ENSURE(len <= buffer_length(b));
	b->start += len;
	if (b->start == b->end)
		buffer_clear(b);
}

void
buffer_clear(struct buffer *b)
{
	b->start = b->end = 0;
}

void
buffer_release(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer)BUFFER_INIT;
}
