/*
 * fold.c - what counts as a repetition, and for how long
 */
#include <config.h>

#include "base/fold.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define NOW INT64_C(1000)

static void
test_repeats(void)
{
	static struct fold f;
	int level = -1;

	ok(!fold_repeats(&f, NOW, 0, ""), "the first line repeats nothing");
	is_int(0, fold_take(&f, &level), "and nothing is counted");
	fold_begin(&f, NOW, 3, "a");
	ok(!fold_repeats(&f, NOW, 3, "b"), "another text");
	ok(!fold_repeats(&f, NOW, 4, "a"), "another level");
	ok(fold_repeats(&f, NOW, 3, "a"), "the same at once");
	ok(fold_repeats(&f, NOW + FOLD_US - 1, 3, "a"), "and a while later");
	ok(!fold_repeats(&f, NOW + FOLD_US, 3, "a"), "but not for ever");
	is_int(2, fold_take(&f, &level), "they are counted");
	is_int(3, level, "at their level");
	is_int(0, fold_take(&f, &level), "once");
}

static void
test_long(void)
{
	static struct fold f;
	char text[FOLD_TEXT];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fold_begin(&f, NOW, 0, text);
	ok(fold_repeats(&f, NOW, 0, text), "the longest text");
	text[sizeof(text) - 2] = 'y';
	ok(!fold_repeats(&f, NOW, 0, text), "up to its end");
}

static void
test_child(void)
{
	static struct fold f;
	int status, level;
	pid_t pid;

	fold_begin(&f, NOW, 0, "a");
	fold_repeats(&f, NOW, 0, "a");
	pid = fork();
	if (pid == 0)
		_exit(fold_repeats(&f, NOW, 0, "a") ||
		      fold_take(&f, &level) != 0);
	waitpid(pid, &status, 0);
	is_int(0, status, "a child repeats nothing of its parent's");
	is_int(1, fold_take(&f, &level), "who still has his count");
}

int
main(void)
{
	test_repeats();
	test_long();
	test_child();
	return done();
}
