/*
 * buffer.c - appending, taking, growing
 */
#include <config.h>

#include "base/buffer.h"

#include "tap.h"

static void
test_edges(void)
{
	struct buffer b = BUFFER_INIT;

	ok(buffer_bytes(&b) == NULL, "an empty buffer owns nothing");
	ok(buffer_append(&b, NULL, 0) && b.data == NULL,
	    "appending nothing takes no memory");
	ok(buffer_reserve(&b, 0) != NULL, "reserving nothing still succeeds");
	ok(buffer_append(&b, "abc", 3), "append");
	ok(buffer_reserve(&b, SIZE_MAX) == NULL, "no room for all of memory");
	ok(buffer_reserve(&b, SIZE_MAX - 3) == NULL, "nor for nearly all");
	ok(buffer_length(&b) == 3 && memcmp(buffer_bytes(&b), "abc", 3) == 0,
	    "a refused reservation changes nothing");
	buffer_clear(&b);
	ok(buffer_length(&b) == 0 && b.size > 0, "clear keeps the memory");
	buffer_release(&b);
	ok(b.data == NULL && b.size == 0, "release gives it back");
	ok(buffer_append(&b, "x", 1), "and the buffer is usable");
	buffer_release(&b);
}

/* A stream of numbered bytes, put and taken in steps that do not agree. */
static void
test_stream(void)
{
	struct buffer b = BUFFER_INIT;
	uint8_t in = 0, out = 0;
	bool same = true;
	size_t most = 0;

	for (size_t round = 0; round < 3000; round++) {
		size_t put = round % 97, take = round % 89;
		uint8_t *to = buffer_reserve(&b, put);

		for (size_t i = 0; i < put; i++)
			to[i] = in++;
		buffer_added(&b, put);
		if (take > buffer_length(&b))
			take = buffer_length(&b);
		for (size_t i = 0; i < take; i++)
			same &= buffer_bytes(&b)[i] == out++;
		buffer_consume(&b, take);
		if (buffer_length(&b) > most)
			most = buffer_length(&b);
	}
	ok(same, "bytes come out as they went in");
	ok(b.size <= 4 * most + 256, "room taken from the front is used again");
	buffer_consume(&b, buffer_length(&b));
	ok(b.start == 0 && b.end == 0, "an emptied buffer starts at the front");
	buffer_release(&b);
}

int
main(void)
{
	test_edges();
	test_stream();
	return done();
}
