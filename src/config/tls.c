/*
 * tls.c - the types of values that TLS alone has: protocols, verify
 *
 * Runs wherever a config is read.  Knows words, not TLS.
 */
#include <config.h>

#include "config/tls.h"

#include <string.h>

static const char *const protocols_words[] = {
	[CONFIG_TLS_1_2] = "TLSv1.2",
	[CONFIG_TLS_1_3] = "TLSv1.3",
	[CONFIG_TLS_ALL] = "\"TLSv1.2 TLSv1.3\"",
};

static const char *const verify_words[] = {
	[CONFIG_VERIFY_NONE] = "none",
	[CONFIG_VERIFY_REQUEST] = "request",
	[CONFIG_VERIFY_REQUIRE] = "require",
};

/* The bit of a word of len bytes; 0 if it is none. */
static unsigned
protocol_bit(const char *word, size_t len)
{
	for (unsigned bit = CONFIG_TLS_1_2; bit < CONFIG_TLS_ALL; bit++) {
		if (strlen(protocols_words[bit]) == len &&
		    strncmp(word, protocols_words[bit], len) == 0)
			return bit;
	}
	return 0;
}

const char *
tls_set_protocols(const struct value_input *in, void *target)
{
	const char *word = in->text + strspn(in->text, " ");
	unsigned bits = 0, bit;

	while (*word != '\0') {
		size_t len = strcspn(word, " ");

		bit = protocol_bit(word, len);
		if (bit == 0)
			return value_why_not(in);
		bits |= bit;
		word += len;
		word += strspn(word, " ");
	}
	if (bits == 0)
		return value_why_not(in);
	*(enum config_protocols *)target = (enum config_protocols)bits;
	return NULL;
}

const char *
tls_text_protocols(enum config_protocols protocols)
{
	return protocols_words[protocols];
}

const char *
tls_set_verify(const struct value_input *in, void *target)
{
	for (unsigned v = 0; v <= CONFIG_VERIFY_REQUIRE; v++) {
		if (strcmp(in->text, verify_words[v]) == 0) {
			*(enum config_verify *)target = (enum config_verify)v;
			return NULL;
		}
	}
	return value_why_not(in);
}

const char *
tls_text_verify(enum config_verify verify)
{
	return verify_words[verify];
}
