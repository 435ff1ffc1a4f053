/*
 * fuzz_certificate.c - any certificate of a client
 *
 * Whatever it holds, what is said of it in the log is one word or a subject
 * with escapes, in printable ASCII.
 */
#include <config.h>

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "net/peer.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
	X509 *x = d2i_X509(NULL, &bytes, (long)len);
	char text[IDENTITY_TEXT];

	if (!x)
		return 0;
	memset(text, 'x', sizeof(text));
	peer_claim(x, text);
	if (strnlen(text, sizeof(text)) == sizeof(text))
		abort();
	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			abort();
	X509_free(x);
	return 0;
}
