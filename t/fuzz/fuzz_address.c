/*
 * fuzz_address.c - addresses of any text, and peers of any bytes
 *
 * An address that was understood must be the same place once it is written
 * again; one that was not must come with advice.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sock/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
parse_and_write(const char *text)
{
	struct address address, again;
	char out[ADDRESS_TEXT];
	const char *advice = address_parse(text, &address);

	if (advice != NULL) {
		must(*advice != '\0');
		return;
	}
	must(address_parse(address_format(&address, out), &again) == NULL);
	must(address_equal(&address, &again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = strndup((const char *)bytes, len), out[ADDRESS_TEXT];
	struct sockaddr_storage sa;

	must(text != NULL);
	parse_and_write(text);
	free(text);
	if (len > sizeof(sa))
		len = sizeof(sa);
	memcpy(&sa, bytes, len);
	address_format_peer((const struct sockaddr *)&sa, (socklen_t)len, out);
	must(memchr(out, '\0', sizeof(out)) != NULL);
	return 0;
}
