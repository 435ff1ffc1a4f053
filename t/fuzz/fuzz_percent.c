/*
 * fuzz_percent.c - any text as grpc-message
 *
 * The first byte says how much room there is.  What is written must be
 * printable and, read again, be the beginning of the text; all of it if there
 * was room.
 */
#include <config.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "grpc/percent.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static uint8_t
hex(char c)
{
	must((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'));
	return (uint8_t)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* Reads it again, against what it was made of; how much that was. */
static size_t
decode(const char *text, size_t len, const uint8_t *from, size_t from_len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++, n++) {
		uint8_t c = (uint8_t)text[i];

		must(c >= 0x20 && c <= 0x7e && n < from_len);
		if (c == '%') {
			must(i + 2 < len);
			c = (uint8_t)(hex(text[i + 1]) << 4 | hex(text[i + 2]));
			i += 2;
		}
		must(c == from[n]);
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	size_t room, used;
	char *out;

	if (len == 0)
		return 0;
	room = bytes[0] == 0xff ? len * 3 : bytes[0];
	out = malloc(room > 0 ? room : 1);
	must(out != NULL);
	used = percent_encode((const char *)bytes + 1, len - 1, out, room);
	must(used <= room);
	used = decode(out, used, bytes + 1, len - 1);
	if (bytes[0] == 0xff)
		must(used == len - 1);
	free(out);
	return 0;
}
