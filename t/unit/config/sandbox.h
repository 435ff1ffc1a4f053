/*
 * sandbox.h - configuration files in a folder of the test's own
 *
 * The first use makes the folder; the end of the test removes it with all in
 * it.  In messages it is left out: they read "main.conf:3: ...".
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "tap.h"

static char sandbox_folder[256];

static int
sandbox_remove_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
sandbox_remove(void)
{
	nftw(sandbox_folder, sandbox_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *
sandbox(void)
{
	const char *tmp = getenv("TMPDIR");

	if (*sandbox_folder != '\0')
		return sandbox_folder;
	snprintf(sandbox_folder, sizeof(sandbox_folder), "%s/configXXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	if (mkdtemp(sandbox_folder) == NULL) {
		printf("Bail out! no folder %s\n", sandbox_folder);
		exit(1);
	}
	atexit(sandbox_remove);
	return sandbox_folder;
}

/* A path in the folder; stays until the second next call. */
static const char *
sandbox_path(const char *name)
{
	static char paths[2][512];
	static unsigned turn;

	turn ^= 1;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", sandbox(), name);
	return paths[turn];
}

static void
sandbox_write_bytes(const char *name, const void *bytes, size_t len)
{
	FILE *f = fopen(sandbox_path(name), "w");

	if (f == NULL || fwrite(bytes, 1, len, f) != len || fclose(f) != 0) {
		printf("Bail out! cannot write %s\n", name);
		exit(1);
	}
}

static void
sandbox_write(const char *name, const char *text)
{
	sandbox_write_bytes(name, text, strlen(text));
}

/* All messages, a line each, without the folder. The caller frees it. */
static char *
sandbox_messages(const struct config_messages *m)
{
	char *all = NULL, *at;
	size_t len, folder = strlen(sandbox()) + 1;
	FILE *f = open_memstream(&all, &len);

	for (size_t i = 0; i < m->n; i++)
		fprintf(f, "%s%s", i == 0 ? "" : "\n", m->text[i]);
	fclose(f);
	while ((at = strstr(all, sandbox())) != NULL)
		memmove(at, at + folder, strlen(at + folder) + 1);
	return all;
}

/* Loads main.conf with -g; in ret_messages what is wrong, to be freed. */
__attribute__((unused)) static struct config *
sandbox_load(const char *overrides, char **ret_messages)
{
	struct config_messages messages = { 0 };
	const char *file = sandbox_path("main.conf");
	struct config_source source = { file, "/prefix", overrides };
	struct config *config = config_load(&source, &messages);

	*ret_messages = sandbox_messages(&messages);
	config_messages_free(&messages);
	return config;
}

/* The same, of this text, in which nothing may be wrong. */
__attribute__((unused)) static struct config *
sandbox_good(const char *text, const char *overrides)
{
	char *messages;
	struct config *config;

	sandbox_write("main.conf", text);
	config = sandbox_load(overrides, &messages);
	if (config == NULL) {
		printf("Bail out! refused: %s\n", messages);
		exit(1);
	}
	free(messages);
	return config;
}

/* What is wrong with main.conf is exactly this. */
#define sandbox_refuses(overrides, expected, ...)                             \
	do {                                                                  \
		char *messages_;                                              \
		struct config *config_ = sandbox_load(overrides, &messages_); \
		ok(config_ == NULL, __VA_ARGS__);                             \
		is_text(expected, messages_, __VA_ARGS__);                    \
		config_free(&config_);                                        \
		free(messages_);                                              \
	} while (0)

#endif
