/*
 * fuzz_compress.c - any bytes as a compressed message, and compressed
 *
 * The first byte says which encoding, the second how large the message may be.
 * What is undone is never larger than that, and what is made comes back as it
 * was.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "grpc/compress.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Of a message that may be as large, undoing tells the same. */
static void
check_undo(struct compress *c, enum encoding encoding,
    struct compress_bytes from, size_t max_len)
{
	struct compress_bytes message, again;
	enum compress_result result =
	    compress_undo(c, encoding, from, max_len, &message);
	size_t whole = message.len;

	if (result == COMPRESS_OK)
		must(whole <= max_len);
	compress_rest(c);
	if (result != COMPRESS_OK || whole == 0)
		return;
	must(compress_undo(c, encoding, from, whole, &again) == COMPRESS_OK);
	must(again.len == whole);
	compress_rest(c);
	must(compress_undo(c, encoding, from, whole - 1, &again) ==
	     COMPRESS_TOO_LARGE);
	compress_rest(c);
}

static void
check_do(struct compress *c, enum encoding encoding, struct compress_bytes from)
{
	struct compress_bytes made, back;
	uint8_t *copy;

	if (!compress_do(c, encoding, from, &made)) {
		compress_rest(c);
		return;
	}
	must(made.len < from.len);
	copy = malloc(made.len);
	must(copy != NULL);
	made.at = memcpy(copy, made.at, made.len);
	compress_rest(c);
	must(compress_undo(c, encoding, made, from.len, &back) == COMPRESS_OK);
	must(back.len == from.len && memcmp(back.at, from.at, from.len) == 0);
	compress_rest(c);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct compress *c;
	struct compress_bytes rest;
	enum encoding encoding;

	if (len < 2)
		return 0;
	c = compress_new();
	must(c != NULL);
	rest = (struct compress_bytes){ bytes + 2, len - 2 };
	encoding = bytes[0] & 1 ? ENCODING_GZIP : ENCODING_DEFLATE;
	check_undo(c, encoding, rest, (size_t)bytes[1] << (bytes[0] >> 4));
	check_do(c, encoding, rest);
	must(compress_parse((const char *)rest.at, rest.len) < 1u << ENCODINGS);
	must(compress_find((const char *)rest.at, rest.len) <= ENCODINGS);
	compress_free(&c);
	return 0;
}
