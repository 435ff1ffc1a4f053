/*
 * base64.c - the values of -bin metadata
 *
 * Runs in workers.
 */
#include <config.h>

#include "grpc/base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
base64_encode(const uint8_t *bytes, size_t len, char *to)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		for (n_bits += 8; n_bits >= 6; n_bits -= 6)
			to[n++] = alphabet[bits >> (n_bits - 6) & 63];
	}
	if (n_bits > 0)
		to[n++] = alphabet[bits << (6 - n_bits) & 63];
	return n;
}

static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Takes the padding off; false if the rest can be no base64 for its length. */
static bool
take_padding(const char *text, size_t *len)
{
	if (*len % 4 == 0 && *len > 0 && text[*len - 1] == '=')
		*len -= text[*len - 2] == '=' ? 2 : 1;
	return *len % 4 != 1;
}

bool
base64_check(const char *text, size_t len)
{
	if (!take_padding(text, &len))
		return false;
	for (size_t i = 0; i < len; i++)
		if (digit_value(text[i]) < 0)
			return false;
	return true;
}

bool
base64_decode(const char *text, size_t len, uint8_t *to, size_t *ret_len)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	if (!base64_check(text, len) || !take_padding(text, &len))
		return false;
	for (size_t i = 0; i < len; i++) {
		bits = bits << 6 | (uint32_t)digit_value(text[i]);
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			to[n++] = (uint8_t)(bits >> n_bits);
		}
	}
	*ret_len = n;
	return true;
}
