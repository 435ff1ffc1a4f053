/*
 * title.c - the title as /proc shows it, and what was in its memory before
 */
#include <config.h>

#include "proc/title.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* The first string of /proc/self/cmdline, and whether only zeros follow. */
static const char *
title(bool *ret_alone)
{
	static char text[1 << 17];
	FILE *file = fopen("/proc/self/cmdline", "r");
	size_t len = file == NULL ? 0 : fread(text, 1, sizeof(text) - 1, file);

	if (file != NULL)
		fclose(file);
	text[len] = '\0';
	*ret_alone = true;
	for (size_t i = strlen(text); i < len; i++)
		*ret_alone &= text[i] == '\0';
	return text;
}

/* Before anything else, since there is no way back. */
static void
test_elsewhere(void)
{
	char name[] = "somewhere else", *argv[] = { name, NULL };
	bool alone;

	title_set("too early");
	ok(strcmp(title(&alone), "too early") != 0, "no title before init");
	title_init(0, argv + 1);
	title_init(1, argv);
	title_set("not ours");
	ok(strcmp(title(&alone), "not ours") != 0 &&
		strcmp(name, "somewhere else") == 0,
	    "arguments in other memory are left alone");
}

static void
test_cut(void)
{
	static char big[1 << 17];
	const char *shown;
	bool alone;
	size_t len;

	memset(big, 'x', sizeof(big) - 1);
	title_set("%s", big);
	shown = title(&alone);
	len = strspn(shown, "x");
	ok(len > 10 && shown[len] == '\0', "a long title is cut");
}

int
main(int argc, char **argv)
{
	char *again[] = { argv[0], (char *)(uintptr_t) "first",
		(char *)(uintptr_t) "second", NULL };
	const char *variable;
	bool alone;

	if (argc == 1) {
		setenv("GRPCD_TITLE_TEST", "value of the variable", 1);
		execvp(argv[0], again);
		return 99;
	}
	test_elsewhere();
	title_init(argc, argv);
	title_set("grpcd: worker process %d (cpu %d)", 0, 2);
	is_text("grpcd: worker process 0 (cpu 2)", title(&alone), "a title");
	ok(alone, "with nothing behind it");
	test_cut();
	is_text("first", argv[1], "arguments stay as they were");
	is_text("second", argv[2], "all of them");
	variable = getenv("GRPCD_TITLE_TEST");
	is_text("value of the variable", variable, "as does the environment");
	ok(strstr(program_invocation_name, program_invocation_short_name) !=
		NULL,
	    "and the program's name");
	title_set("t");
	is_text("t", title(&alone), "a short title after a long one");
	ok(alone, "leaves nothing of it");
	return done();
}
