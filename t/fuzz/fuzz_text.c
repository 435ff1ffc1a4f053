/*
 * fuzz_text.c - sizes, times, numbers, CPU lists and UTF-8 of any text
 *
 * What was understood must be understood the same once it is written again.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cpus.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
write_again(const char *text)
{
	char out[TEXT_MAX];
	int64_t value, again;

	if (text_parse_size(text, &value))
		must(text_parse_size(text_format_size(value, out), &again) &&
		     again == value);
	if (text_parse_time(text, &value))
		must(text_parse_time(text_format_time(value, out), &again) &&
		     again == value);
	(void)text_parse_int(text, &value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *const words[] = { "workers", "user", "group", "" };
	char *text = strndup((const char *)bytes, len);
	cpu_set_t set;

	must(text);
	write_again(text);
	if (cpus_parse(text, &set))
		must(CPU_COUNT(&set) > 0);
	(void)text_is_utf8(bytes, len);
	(void)text_nearest(text, words, sizeof(words) / sizeof(*words));
	free(text);
	return 0;
}
