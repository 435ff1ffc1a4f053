/*
 * names.c - from names of a .proto file to names in C
 *
 * Pure functions of text.  Letters are ASCII's, whatever the locale.
 */
#include <config.h>

#include "plugin/names.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/scratch.h"

static const char *const words[] = {
#define WORD(word) #word,
#include "plugin/words.def"
#undef WORD
};

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_letter(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z') || c == '_';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char
to_lower(char c)
{
	return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

bool
names_full(const char *name)
{
	bool start = true;

	for (; *name; name++) {
		if (*name == '.'
			? start
			: !is_letter(*name) && (start || !is_digit(*name)))
			return false;
		start = *name == '.';
	}
	return !start;
}

bool
names_identifier(const char *name)
{
	return names_full(name) && !strchr(name, '.');
}

/* Appends "MyType" or "my_type" as "MyType". */
static char *
put_camel(char *at, const char *part, size_t len)
{
	bool start = true;

	for (size_t i = 0; i < len; i++) {
		if (part[i] != '_')
			*at++ = start ? to_upper(part[i]) : part[i];
		start = part[i] == '_';
	}
	return at;
}

/* Appends "MyType" as "my_type"; a run of capitals stays together. */
static char *
put_snake(char *at, const char *part, size_t len)
{
	bool after_upper = true;

	for (size_t i = 0; i < len; i++) {
		if (is_upper(part[i]) && !after_upper)
			*at++ = '_';
		*at++ = to_lower(part[i]);
		after_upper = is_upper(part[i]);
	}
	return at;
}

/* Converts the parts of a full name with put, and glues them together. */
static char *
join(const char *full, const char *glue,
    char *(*put)(char *at, const char *part, size_t len))
{
	char *joined = scratch_take(2 * strlen(full) + 1), *at = joined;
	size_t len;

	for (; *full; full += len + (full[len] == '.')) {
		len = strcspn(full, ".");
		if (len > 0 && at > joined)
			at = stpcpy(at, glue);
		at = put(at, full, len);
	}
	return joined;
}

char *
names_type(const char *full)
{
	return join(full, "__", put_camel);
}

char *
names_variable(const char *full)
{
	return join(full, "__", put_snake);
}

char *
names_function(const char *full)
{
	return join(full, "_", put_snake);
}

static int
compare_word(const void *name, const void *word)
{
	return strcmp(name, *(const char *const *)word);
}

static char *
avoid_words(char *name)
{
	if (!bsearch(name, words, sizeof(words) / sizeof(*words),
		sizeof(*words), compare_word))
		return name;
	return scratch_printf("%s_", name);
}

char *
names_member(const char *name)
{
	return avoid_words(join(name, "_", put_snake));
}

char *
names_upper(const char *name)
{
	char *upper = scratch_copy(name, strlen(name));

	for (char *at = upper; *at; at++)
		*at = to_upper(*at);
	return upper;
}

char *
names_macro(const char *name)
{
	return avoid_words(names_upper(name));
}

char *
names_stem(const char *file)
{
	static const char *const endings[] = { ".protodevel", ".proto" };
	size_t len = strlen(file), n;

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		n = strlen(endings[i]);
		if (len > n && !strcmp(file + len - n, endings[i]))
			return scratch_copy(file, len - n);
	}
	return scratch_copy(file, len);
}

char *
names_guard(const char *stem)
{
	static const char end[] = "_GRPCD_H";
	char *guard = scratch_take(2 * strlen(stem) + sizeof(end) + 1);
	char *at = guard;

	if (is_digit(*stem))
		*at++ = '_';
	for (; *stem; stem++) {
		if (*stem == '/')
			*at++ = '_';
		*at++ =
		    is_letter(*stem) || is_digit(*stem) ? to_upper(*stem) : '_';
	}
	strcpy(at, end);
	return guard;
}
