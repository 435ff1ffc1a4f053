/* percent.c - the encoding of grpc-message */
#include <config.h>

#include "grpc/percent.h"

#include <tap.h>

static const char *
encode(const char *text, size_t room)
{
	static char out[512];
	size_t n = percent_encode(text, strlen(text), out, room);

	out[n] = '\0';
	return n <= room ? out : "overrun";
}

int
main(void)
{
	char all[3 * 256];
	char bytes[256];
	size_t n;

	is_text("", encode("", 10), "nothing");
	is_text("a ~!", encode("a ~!", 100), "printable ASCII stays");
	is_text("100%25", encode("100%", 100), "percent itself");
	is_text("%09%0A%7F%1F", encode("\t\n\177\037", 100), "control bytes");
	is_text("%C3%BC%E2%82%AC", encode("\303\274\342\202\254", 100),
	    "UTF-8 byte by byte, capital digits");
	is_text("ab", encode("abc", 2), "cut to the room");
	is_text("a", encode("a%", 3), "no half of an escape");
	is_text("a", encode("a\303\274", 6), "no half of a character");
	is_text("a%C3%BC", encode("a\303\274b", 7), "what fits exactly");
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	n = percent_encode(bytes, 256, all, sizeof(all));
	is_int(94 + (256 - 94) * 3, n, "every byte has an encoding");
	return done();
}
