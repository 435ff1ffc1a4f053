/* compress.c - names of encodings, and messages there and back */
#include <config.h>

#include "grpc/compress.h"

#include <stdlib.h>
#include <string.h>
#include <tap.h>

static unsigned
parse(const char *list)
{
	return compress_parse(list, strlen(list));
}

static void
check_names(void)
{
	is_int(ENCODING_GZIP, compress_find("gzip", 4), "gzip");
	is_int(ENCODINGS, compress_find("gzi", 3), "a part of it");
	is_int(ENCODINGS, compress_find("", 0), "nothing");
	is_int(0, parse(""), "an empty list");
	is_int(0, parse(",, ,zstd,GZIP"), "nothing of ours");
	is_int(7, parse("identity,gzip,deflate"), "all");
	is_int(6, parse(" deflate ,x, gzip"), "blanks do not matter");
	is_int(4, parse("deflate,"), "nor does a comma at the end");
	is_int(ENCODING_GZIP, compress_choose(7, ENCODING_IDENTITY),
	    "gzip is the first choice");
	is_int(ENCODING_DEFLATE, compress_choose(7, ENCODING_DEFLATE),
	    "but the client's own goes before");
	is_int(ENCODING_GZIP, compress_choose(3, ENCODING_DEFLATE),
	    "if it is accepted");
	is_int(ENCODING_IDENTITY, compress_choose(1, ENCODING_DEFLATE),
	    "what is not listed is not used");
}

/* There and back, with limits around its length. */
static void
check_way(struct compress *c, enum encoding e, uint8_t *text, size_t len)
{
	struct compress_bytes plain = { text, len }, small, back;
	uint8_t *kept;

	if (!compress_do(c, e, plain, &small)) {
		ok(false, "it gets smaller");
		return;
	}
	ok(small.len < len, "%zu bytes get smaller", len);
	kept = malloc(small.len);
	memcpy(kept, small.at, small.len);
	small.at = kept;
	compress_rest(c);
	is_int(COMPRESS_OK, compress_undo(c, e, small, len, &back), "back");
	ok(back.len == len && memcmp(back.at, text, len) == 0, "the same");
	is_int(COMPRESS_TOO_LARGE, compress_undo(c, e, small, len - 1, &back),
	    "a byte over the limit");
	small.len--;
	is_int(COMPRESS_MALFORMED, compress_undo(c, e, small, len, &back),
	    "a byte is missing");
	compress_rest(c);
	free(kept);
}

static void
check_no_gain(struct compress *c)
{
	struct compress_bytes ret;

	ok(!compress_do(c, ENCODING_GZIP,
	       (struct compress_bytes){ (const uint8_t *)"abc", 3 }, &ret),
	    "three bytes get no smaller");
}

int
main(void)
{
	static uint8_t text[300000];
	struct compress *c = compress_new();

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * i >> 7 & 15);
	check_names();
	for (int i = 0; i < 2; i++) {
		check_way(c, ENCODING_GZIP, text, sizeof(text));
		check_way(c, ENCODING_DEFLATE, text, 1000);
	}
	check_no_gain(c);
	compress_free(&c);
	ok(c == NULL, "gone");
	return done();
}
