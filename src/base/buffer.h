/*
 * buffer.h - bytes that grow at the end and are taken from the front
 *
 * Invariants: start <= end <= size; data is NULL exactly if size is 0.  An
 * empty buffer that is released owns no memory.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *data;
	size_t start, end, size;
};

#define BUFFER_INIT           \
	{                     \
		NULL, 0, 0, 0 \
	}

/* Bytes held, and where they begin (NULL if no memory is held). */
static inline size_t
buffer_length(const struct buffer *b)
{
	return b->end - b->start;
}

static inline uint8_t *
buffer_bytes(const struct buffer *b)
{
	return b->data == NULL ? NULL : b->data + b->start;
}

/*
 * Makes room for len more bytes and returns where to put them, to be followed
 * by buffer_added(); NULL without memory, with the buffer as it was.
 */
uint8_t *buffer_reserve(struct buffer *b, size_t len);
void buffer_added(struct buffer *b, size_t len);

/* Appends a copy of len bytes; false without memory, with nothing changed. */
bool buffer_append(struct buffer *b, const void *bytes, size_t len);

/* Takes len bytes from the front. */
void buffer_consume(struct buffer *b, size_t len);

/* Forgets the bytes, keeps the memory. */
void buffer_clear(struct buffer *b);

/* Gives the memory back; the buffer is empty and usable. */
void buffer_release(struct buffer *b);

#endif
