/* base64.c - the values of -bin metadata */
#include <config.h>

#include "grpc/base64.h"

#include <stdlib.h>
#include <tap.h>

static const char *
encode(const char *text)
{
	static char out[64];

	out[base64_encode((const uint8_t *)text, strlen(text), out)] = '\0';
	return out;
}

/* In memory of exactly the size that is promised to be enough. */
static const char *
decode(const char *text)
{
	static char out[64];
	size_t len = strlen(text), n = 0;
	uint8_t *to = malloc(BASE64_DECODED(len));

	if (!base64_decode(text, len, to, &n)) {
		free(to);
		return NULL;
	}
	memcpy(out, to, n);
	out[n] = '\0';
	free(to);
	return out;
}

static void
check_round_trips(void)
{
	bool good = true;

	for (size_t len = 0; len < 70; len++) {
		uint8_t bytes[70], back[70];
		char *text = malloc(BASE64_ENCODED(len) + 1);
		size_t n, n_back;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(i * 37 + len * 11);
		n = base64_encode(bytes, len, text);
		good = good && n == BASE64_ENCODED(len) &&
		       base64_decode(text, n, back, &n_back) && n_back == len &&
		       memcmp(bytes, back, len) == 0;
		free(text);
	}
	ok(good, "every length there and back");
}

int
main(void)
{
	static const char *const bad[] = { "A", "AAAAA", "=",
		"====", "A===", "AA=", "AA=A", "AAA==", "AA AA", "AAA,", "AA-_",
		"\303\274AA" };

	is_text("", encode(""), "nothing");
	is_text("Zg", encode("f"), "RFC 4648: f, unpadded");
	is_text("Zm8", encode("fo"), "fo");
	is_text("Zm9v", encode("foo"), "foo");
	is_text("Zm9vYg", encode("foob"), "foob");
	is_text("", decode(""), "of nothing");
	is_text("f", decode("Zg"), "unpadded");
	is_text("f", decode("Zg=="), "padded");
	is_text("fo", decode("Zm8"), "unpadded");
	is_text("fo", decode("Zm8="), "padded");
	is_text("foobar", decode("Zm9vYmFy"), "no padding needed");
	is_text("\373\377", decode("+/8"), "both signs");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(!decode(bad[i]), "not \"%s\"", bad[i]);
	check_round_trips();
	return done();
}
