/*
 * signals.c - each row of signals.def stands in the manual, and -s knows it
 */
#include <config.h>

#include "master/signals.h"

#include <stdlib.h>

#include "tap.h"

static char manual[65536];

/* The manual, with each line's end as a space. */
static bool
read_manual(void)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/man/grpcd.8", top != NULL ? top : ".");
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	n = fread(manual, 1, sizeof(manual) - 1, file);
	fclose(file);
	for (size_t i = 0; i < n; i++)
		if (manual[i] == '\n')
			manual[i] = ' ';
	return true;
}

static void
signal_told(const char *name, const char *word, int number, const char *help)
{
	char text[256];

	if (help == NULL)
		return;
	snprintf(text, sizeof(text), ".It Dv SIG%s %s", name, help);
	ok(strstr(manual, text) != NULL, "the manual tells of SIG%s", name);
	if (word == NULL)
		return;
	is_int(number, signals_of_word(word), "-s %s sends it", word);
	ok(strstr(signals_words(), word) != NULL, "and names it");
	snprintf(text, sizeof(text), ".Cm %s ", word);
	ok(strstr(manual, text) != NULL, "the manual tells of -s %s", word);
}

int
main(void)
{
	if (!read_manual())
		return 99;
#define SIGNAL(name, word, function, help) \
	signal_told(#name, word, SIG##name, help);
#include "master/signals.def"
	is_int(0, signals_of_word("kill"), "-s knows no other word");
	return done();
}
