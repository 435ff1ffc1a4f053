/*
 * fuzz_timeout.c - any text as grpc-timeout
 *
 * What is taken has the form that gRPC gives it, and no other.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "grpc/timeout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = strndup((const char *)bytes, len);
	int64_t us;
	size_t digits;
	bool form;

	must(text != NULL);
	digits = strspn(text, "0123456789");
	form = digits >= 1 && digits <= 8 && strlen(text) == len &&
	       len == digits + 1 && strchr("HMSmun", text[digits]);
	must(timeout_parse((const char *)bytes, len, &us) == form);
	if (form)
		must(us >= 0 && (us > 0) == (atol(text) > 0));
	free(text);
	return 0;
}
