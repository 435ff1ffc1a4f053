/*
 * percent.c - the encoding of grpc-message
 *
 * Runs in workers.
 */
#include <config.h>

#include "grpc/percent.h"

#include <stdbool.h>

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e && c != '%';
}

/* The bytes of a character of UTF-8 that begins at text. */
static size_t
character_len(const char *text, size_t len)
{
	size_t n = 1;

	while (n < len && ((unsigned char)text[n] & 0xc0) == 0x80)
		n++;
	return n;
}

size_t
percent_encode(const char *text, size_t len, char *to, size_t room)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0, used = 0;

	while (n < len) {
		size_t left = character_len(text + n, len - n);
		size_t cost =
		    is_plain((unsigned char)text[n]) ? left * 3 - 2 : left * 3;

		if (cost > room - used)
			break;
		for (; left > 0; left--, n++) {
			unsigned char c = (unsigned char)text[n];

			if (is_plain(c)) {
				to[used++] = (char)c;
				continue;
			}
			to[used++] = '%';
			to[used++] = hex[c >> 4];
			to[used++] = hex[c & 15];
		}
	}
	return used;
}
