/*
 * print.c - C code in lines of 80 columns
 *
 * No formatter, but enough of one that clang-format finds little to do.
 */
#include <config.h>

#include "plugin/print.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/scratch.h"

#define COLUMNS 80
#define TAB 8
#define TABS "\t\t\t"
#define INDENT "    "

/*
 * True if a line may well be broken at that place: in front of a function's
 * arguments, or behind a comma and its like.
 */
static bool
breaks(const char *line, size_t at)
{
	const char before = line[at - 1];

	if (before == '(')
		return at > 1 && line[at - 2] != ' ';
	if (line[at] != ' ' || (before == '=' && line[at + 1] == '{'))
		return false;
	return strchr(",|=)", before) != NULL;
}

/*
 * Where to break a line that has room for `room` columns: the length of its
 * first piece, which is too long itself where nothing else is to be had.
 */
static size_t
find_break(const char *line, size_t room, size_t rest_room)
{
	size_t best = 0, space = 0, len;

	for (len = 1; len <= room && line[len]; len++) {
		if (breaks(line, len) &&
		    (line[len] == ' ' || best == 0 || line[best] != ' '))
			best = len;
		if (line[len] == ' ')
			space = len;
	}
	if (best > 0)
		return best;
	if (space > 0 && strlen(line + space + 1) <= rest_room)
		return space;
	while (line[len] && !breaks(line, len))
		len++;
	return len;
}

static void
print_folded(FILE *out, const char *line)
{
	const size_t tabs = strspn(line, "\t");
	const size_t rest_room = COLUMNS - tabs * TAB - strlen(INDENT);
	size_t room = COLUMNS - tabs * TAB, len;
	const char *indent = "";

	for (line += tabs; strlen(line) > room; line += len) {
		len = find_break(line, room, rest_room);
		fprintf(out, "%.*s%s%.*s\n", (int)tabs, TABS, indent, (int)len,
		    line);
		len += strspn(line + len, " ");
		room = rest_room;
		indent = INDENT;
	}
	if (*line)
		fprintf(out, "%.*s%s%s\n", (int)tabs, TABS, indent, line);
}

void
print_line(FILE *out, const char *fmt, ...)
{
	va_list args;
	char *line;
	int len;

	va_start(args, fmt);
	len = vasprintf(&line, fmt, args);
	va_end(args);
	if (len == -1)
		scratch_out();
	print_folded(out, line);
	free(line);
}

static void
print_comment_line(FILE *out, unsigned tabs, const char *text, size_t len)
{
	fprintf(out, "%.*s *%s%.*s\n", (int)tabs, TABS, len > 0 ? " " : "",
	    (int)len, text);
}

/*
 * Prints what of a comment's line is too long for one, and returns the rest;
 * NULL if nothing was too long.
 */
static const char *
print_too_long(FILE *out, unsigned tabs, const char *text)
{
	const size_t room = COLUMNS - tabs * TAB - strlen(" * ");
	const char *rest = NULL;
	size_t len;

	while (strlen(text) > room) {
		len = room;
		while (len > 0 && text[len] != ' ')
			len--;
		if (len == 0)
			len = strcspn(text, " ");
		print_comment_line(out, tabs, text, len);
		text += len + strspn(text + len, " ");
		rest = text;
	}
	return rest;
}

/* Prints a comment's lines; what one has too much flows into the next. */
static void
print_comment_lines(FILE *out, unsigned tabs, const char *text)
{
	const char *rest = NULL, *line;
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		line = scratch_copy(text, len);
		if (rest && *rest && isalnum((unsigned char)*line))
			line = scratch_printf("%s %s", rest, line);
		else if (rest && *rest)
			print_comment_line(out, tabs, rest, strlen(rest));
		rest = print_too_long(out, tabs, line);
		if (!rest)
			print_comment_line(out, tabs, line, strlen(line));
	}
	if (rest && *rest)
		print_comment_line(out, tabs, rest, strlen(rest));
}

void
print_comment(FILE *out, unsigned tabs, const char *text)
{
	size_t room = COLUMNS - tabs * TAB - strlen("/*  */");

	if (!strchr(text, '\n') && strlen(text) <= room) {
		fprintf(out, "%.*s/* %s */\n", (int)tabs, TABS, text);
		return;
	}
	fprintf(out, "%.*s/*\n", (int)tabs, TABS);
	print_comment_lines(out, tabs, text);
	fprintf(out, "%.*s */\n", (int)tabs, TABS);
}

/* Writes how a byte stands in a literal; returns the length. */
static int
escape(uint8_t byte, char out[8])
{
	if (byte == '\n')
		return sprintf(out, "\\n");
	if (byte < ' ' || byte > '~' || byte == '?') /* "??" might go on */
		return sprintf(out, "\\%03o", byte);
	return sprintf(out, byte == '"' || byte == '\\' ? "\\%c" : "%c", byte);
}

void
print_bytes(FILE *out, const uint8_t *bytes, size_t len)
{
	int column = COLUMNS, n;
	char text[8];

	for (size_t i = 0; i < len; i++) {
		n = escape(bytes[i], text);
		if (column + n + 2 > COLUMNS) {
			fprintf(out, "%s\n" INDENT "\"", i > 0 ? "\"" : "");
			column = (int)strlen(INDENT) + 1;
		}
		fputs(text, out);
		column += n;
	}
	fputs(len > 0 ? "\"" : "\n" INDENT "\"\"", out);
}
