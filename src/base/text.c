/*
 * text.c - how people write sizes, times and names
 *
 * Runs in every process, on text that may be hostile: strict, without locale.
 */
#include <config.h>

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t worth;
};

/* Ascending: text_format takes the last that divides the value. */
static const struct unit sizes[] = {
	{ "", 1 },
	{ "k", INT64_C(1) << 10 },
	{ "m", INT64_C(1) << 20 },
	{ "g", INT64_C(1) << 30 },
};

static const struct unit times[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Reads digits; what follows them, or NULL if there is none or too many. */
static const char *
parse_digits(const char *text, uint64_t *ret)
{
	const char *c = text;
	uint64_t value = 0;

	for (; *c >= '0' && *c <= '9'; c++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*c - '0'), &value))
			return NULL;
	}
	*ret = value;
	return c == text ? NULL : c;
}

static bool
parse_with_unit(const char *text, const struct unit *units, size_t n,
    int64_t *ret)
{
	uint64_t number;
	const char *rest = parse_digits(text, &number);
	int64_t value;

	if (rest == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rest, units[i].name) != 0)
			continue;
		if (__builtin_mul_overflow(number, units[i].worth, &value))
			return false;
		*ret = value;
		return true;
	}
	return false;
}

bool
text_parse_size(const char *text, int64_t *ret_bytes)
{
	return parse_with_unit(text, sizes, COUNT(sizes), ret_bytes);
}

bool
text_parse_time(const char *text, int64_t *ret_ms)
{
	static const struct unit seconds = { "", 1000 };

	return parse_with_unit(text, times, COUNT(times), ret_ms) ||
	       parse_with_unit(text, &seconds, 1, ret_ms);
}

bool
text_parse_int(const char *text, int64_t *ret)
{
	bool negative = *text == '-';
	uint64_t number;
	const char *rest;

	if (*text == '-' || *text == '+')
		text++;
	rest = parse_digits(text, &number);
	if (rest == NULL || *rest != '\0' ||
	    number > (uint64_t)INT64_MAX + negative)
		return false;
	*ret = (int64_t)(negative ? -number : number);
	return true;
}

static const char *
format_with_unit(int64_t value, const struct unit *units, size_t n,
    char out[TEXT_MAX])
{
	const struct unit *unit = units;

	for (size_t i = 1; i < n; i++) {
		if (value % units[i].worth == 0)
			unit = &units[i];
	}
	if (value == 0)
		return strcpy(out, "0");
	snprintf(out, TEXT_MAX, "%" PRId64 "%s", value / unit->worth,
	    unit->name);
	return out;
}

const char *
text_format_size(int64_t bytes, char out[TEXT_MAX])
{
	return format_with_unit(bytes, sizes, COUNT(sizes), out);
}

const char *
text_format_time(int64_t ms, char out[TEXT_MAX])
{
	return format_with_unit(ms, times, COUNT(times), out);
}

#define WORD_MAX 64 /* longer words have no neighbours */

static size_t
min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Optimal string alignment: insertion, removal, exchange, swap of neighbours.
 * Three rows of the table: this one and the two before.
 */
static size_t
edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3], *last = rows[(i + 2) % 3];
		const size_t *older = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = last[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = min_size(row[j], last[j] + 1);
			row[j] = min_size(row[j], row[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = min_size(row[j], older[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

const char *
text_nearest(const char *text, const char *const *words, size_t n)
{
	size_t len = strlen(text), nearest = SIZE_MAX;
	const char *word = NULL;

	for (size_t i = 0; len <= WORD_MAX && i < n; i++) {
		size_t word_len = strlen(words[i]), distance;
		/* One slip in three letters still looks like the word. */
		size_t limit = ((len < word_len ? len : word_len) + 2) / 3;

		if (word_len > WORD_MAX)
			continue;
		distance = edit_distance(text, len, words[i], word_len);
		if (distance <= limit && distance < nearest) {
			nearest = distance;
			word = words[i];
		}
	}
	return word;
}

/* Bytes of the sequence at the front, 0 if it is not well-formed. */
static size_t
utf8_sequence(const uint8_t *s, size_t len)
{
	/* The first byte's range, its length, the second byte's range. */
	static const struct {
		uint8_t first, last, bytes, low, high;
	} forms[] = {
		/* RFC 3629, section 4 */
		{ 0x00, 0x7f, 1, 0, 0 },
		{ 0xc2, 0xdf, 2, 0x80, 0xbf },
		{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
		{ 0xe1, 0xec, 3, 0x80, 0xbf },
		{ 0xed, 0xed, 3, 0x80, 0x9f },
		{ 0xee, 0xef, 3, 0x80, 0xbf },
		{ 0xf0, 0xf0, 4, 0x90, 0xbf },
		{ 0xf1, 0xf3, 4, 0x80, 0xbf },
		{ 0xf4, 0xf4, 4, 0x80, 0x8f },
	};

	for (size_t i = 0; i < COUNT(forms); i++) {
		size_t bytes = forms[i].bytes;

		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (bytes > len)
			return 0;
		if (bytes > 1 && (s[1] < forms[i].low || s[1] > forms[i].high))
			return 0;
		for (size_t k = 2; k < bytes; k++) {
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		}
		return bytes;
	}
	return 0;
}

/* How many bytes at the front are ASCII. */
static inline size_t
ascii_len(const uint8_t *bytes, size_t len)
{
	const uint64_t high_bits = UINT64_C(0x8080808080808080);
	uint64_t eight;
	size_t i = 0;

	for (; len - i >= sizeof(eight); i += sizeof(eight)) {
		memcpy(&eight, bytes + i, sizeof(eight));
		if (eight & high_bits)
			break;
	}
	while (i < len && bytes[i] < 0x80)
		i++;
	return i;
}

bool
text_is_utf8(const uint8_t *bytes, size_t len)
{
	size_t i = ascii_len(bytes, len), step;

	while (i < len) {
		step = utf8_sequence(bytes + i, len - i);
		if (step == 0)
			return false;
		i += step;
		i += ascii_len(bytes + i, len - i);
	}
	return true;
}

void
text_make_utf8(char *text)
{
	uint8_t *bytes = (uint8_t *)text;
	size_t len = strlen(text), i = ascii_len(bytes, len), step;

	while (i < len) {
		step = utf8_sequence(bytes + i, len - i);
		if (step == 0) {
			bytes[i] = '?';
			step = 1;
		}
		i += step;
		i += ascii_len(bytes + i, len - i);
	}
}
