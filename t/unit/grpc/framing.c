/* framing.c - messages out of DATA, however it is cut */
#include <config.h>

#include "grpc/framing.h"

#include <stdlib.h>
#include <tap.h>

/* Messages "", "b", "cc...", of lengths that a test chooses. */
static size_t
make_stream(uint8_t *to, const size_t *lens, size_t n)
{
	uint8_t *at = to;

	for (size_t i = 0; i < n; i++) {
		framing_prefix(at, lens[i]);
		memset(at + FRAMING_PREFIX, 'a' + (int)i, lens[i]);
		at += FRAMING_PREFIX + lens[i];
	}
	return (size_t)(at - to);
}

/* Lends a copy that goes as soon as what is left was kept. */
static size_t
feed(struct framing *f, const uint8_t *bytes, size_t len, const size_t *lens,
    size_t done_before)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	size_t n = done_before;

	memcpy(copy, bytes, len);
	framing_lend(f, copy, len);
	while (framing_next(f, 1000) == FRAMING_MESSAGE) {
		if (f->len != lens[n] || f->flags != 0)
			break;
		for (size_t i = 0; i < f->len; i++)
			if (f->bytes[i] != 'a' + n)
				f->len = 0;
		if (f->len != lens[n])
			break;
		n++;
	}
	framing_keep(f);
	free(copy);
	return n;
}

static void
check_splits(void)
{
	static const size_t lens[] = { 3, 0, 1, 7, 0, 0, 20 };
	const size_t n = sizeof(lens) / sizeof(*lens);
	uint8_t bytes[256];
	size_t len = make_stream(bytes, lens, n);
	bool good = true;

	for (size_t i = 0; i <= len; i++) {
		for (size_t j = i; j <= len; j++) {
			struct framing f = { .kept = BUFFER_INIT };
			size_t seen = feed(&f, bytes, i, lens, 0);

			seen = feed(&f, bytes + i, j - i, lens, seen);
			seen = feed(&f, bytes + j, len - j, lens, seen);
			good = good && seen == n && framing_left(&f) == 0 &&
			       f.kept.size == 0;
			framing_release(&f);
		}
	}
	ok(good, "cut in three at every two bytes");
}

static void
check_byte_by_byte(void)
{
	static const size_t lens[] = { 5, 0, 300 };
	uint8_t bytes[512];
	size_t len = make_stream(bytes, lens, 3), seen = 0;
	struct framing f = { .kept = BUFFER_INIT };

	for (size_t i = 0; i < len; i++)
		seen = feed(&f, bytes + i, 1, lens, seen);
	is_int(3, seen, "a byte at a time");
	framing_release(&f);
}

static void
check_no_copy(void)
{
	static const size_t lens[] = { 5, 6 };
	uint8_t bytes[64];
	struct framing f = { .kept = BUFFER_INIT };

	framing_lend(&f, bytes, make_stream(bytes, lens, 2));
	framing_next(&f, 1000);
	ok(f.bytes == bytes + 5, "a whole message is not copied");
	framing_next(&f, 1000);
	ok(f.bytes == bytes + 15, "nor is the next");
	is_int(0, f.kept.size, "nothing is kept");
	is_int(FRAMING_MORE, framing_next(&f, 1000), "no third");
	framing_release(&f);
}

static void
check_limits(void)
{
	uint8_t bytes[5] = { 0, 0xff, 0xff, 0xff, 0xff };
	struct framing f = { .kept = BUFFER_INIT };

	framing_lend(&f, bytes, 5);
	is_int(FRAMING_TOO_LARGE, framing_next(&f, 1000), "4 GiB");
	is_int(0xffffffff, f.len, "and its length is told");
	framing_release(&f);
	framing_prefix(bytes, 1001);
	framing_lend(&f, bytes, 4);
	is_int(FRAMING_MORE, framing_next(&f, 1000), "not known yet");
	framing_keep(&f);
	framing_lend(&f, bytes + 4, 1);
	is_int(FRAMING_TOO_LARGE, framing_next(&f, 1000), "now it is");
	framing_release(&f);
	framing_prefix(bytes, 1000);
	framing_lend(&f, bytes, 5);
	is_int(FRAMING_MORE, framing_next(&f, 1000), "the largest");
	framing_keep(&f);
	ok(f.kept.size < 1000, "a length alone reserves no memory");
	framing_release(&f);
}

static void
check_flags(void)
{
	const uint8_t bytes[] = { 1, 0, 0, 0, 1, 'x' };
	struct framing f = { .kept = BUFFER_INIT };

	framing_lend(&f, bytes, sizeof(bytes));
	is_int(FRAMING_MESSAGE, framing_next(&f, 1000), "a message");
	is_int(1, f.flags, "with its flags");
	framing_release(&f);
}

int
main(void)
{
	check_splits();
	check_byte_by_byte();
	check_no_copy();
	check_limits();
	check_flags();
	return done();
}
