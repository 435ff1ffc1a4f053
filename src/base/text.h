/*
 * text.h - how people write sizes, times and names
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Long enough for what the formatting functions here write. */
#define TEXT_MAX 32

/*
 * Bytes: a number with k, m or g (of 1024) behind it, or none.  False for
 * anything else and for what does not fit.
 */
bool text_parse_size(const char *text, int64_t *ret_bytes);

/* Milliseconds: a number with ms, s, m, h or d; without a unit, seconds. */
bool text_parse_time(const char *text, int64_t *ret_ms);

/* A decimal number, with a sign perhaps, and nothing else. */
bool text_parse_int(const char *text, int64_t *ret);

/* The same value in the largest unit that keeps it whole; returns out. */
const char *text_format_size(int64_t bytes, char out[TEXT_MAX]);
const char *text_format_time(int64_t ms, char out[TEXT_MAX]);

/*
 * The word nearest to text among n words by edit distance, swaps of neighbours
 * counted as one; NULL if none is near enough to be what was meant.
 */
const char *text_nearest(const char *text, const char *const *words, size_t n);

/* True if len bytes are well-formed UTF-8 (RFC 3629). */
bool text_is_utf8(const uint8_t *bytes, size_t len);

/* Replaces each byte that is of no well-formed sequence by a "?". */
void text_make_utf8(char *text);

#endif
