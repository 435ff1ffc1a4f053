/*
 * comment.c - the comments that a .proto file has on its services and methods
 *
 * protoc keeps them apart from the declarations, by path: the numbers of the
 * fields and the indices that lead to a declaration.
 */
#include <config.h>

#include "plugin/comment.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "plugin/scratch.h"

/* Of FileDescriptorProto.service and of ServiceDescriptorProto.method. */
#define FIELD_SERVICE 6
#define FIELD_METHOD 2

static const location_proto *
find_location(const file_proto *file, const int32_t *path, size_t len)
{
	const location_proto *location;

	if (!file->source_code_info)
		return NULL;
	for (size_t i = 0; i < file->source_code_info->n_location; i++) {
		location = file->source_code_info->location[i];
		if (location->n_path == len &&
		    !memcmp(location->path, path, len * sizeof(*path)))
			return location;
	}
	return NULL;
}

/*
 * True if a comment in C is not safe with the character at `at` right behind
 * those before it: it would end, seem to begin another, or hold a trigraph.
 */
static bool
is_unsafe(const char *line, const char *at)
{
	if (at == line || (*at != '/' && *at != '*'))
		return false;
	if (at[-1] == '?')
		return at - line > 1 && at[-2] == '?';
	return (at[-1] == '/' || at[-1] == '*') && at[-1] != *at;
}

/* Appends a line without what is left of its mark, nor blanks at its end. */
static char *
put_line(char *to, const char *line, size_t len)
{
	size_t mark = 0;

	while (mark < len && (line[mark] == '/' || line[mark] == '*'))
		mark++;
	if (mark < len && line[mark] == ' ')
		mark++;
	line += mark;
	len -= mark;
	while (len > 0 && strchr(" \t\r", line[len - 1]))
		len--;
	for (const char *at = line; at < line + len; at++) {
		if (is_unsafe(line, at))
			*to++ = ' ';
		*to++ = *at;
	}
	return to;
}

static char *
clean(const char *text)
{
	char *cleaned = scratch_take(2 * strlen(text) + 2), *at = cleaned;
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		at = put_line(at, text, len);
		if (at > cleaned)
			*at++ = '\n';
	}
	while (at > cleaned && at[-1] == '\n')
		*--at = '\0';
	return cleaned;
}

char *
comment_find(const file_proto *file, int service, int method)
{
	const int32_t path[] = { FIELD_SERVICE, service, FIELD_METHOD, method };
	const location_proto *location;
	char *comment = scratch_copy("", 0);

	location = find_location(file, path, method == -1 ? 2 : 4);
	if (location && location->leading_comments)
		comment = clean(location->leading_comments);
	if (location && location->trailing_comments && !*comment)
		comment = clean(location->trailing_comments);
	return comment;
}
