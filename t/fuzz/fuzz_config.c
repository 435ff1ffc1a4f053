/*
 * fuzz_config.c - configuration files of any text, and -g behind a zero byte
 *
 * A file is either taken, and then its dump reads as the same config, or every
 * fault has a line of it.  libconfuse never finds one that we did not: it could
 * stay broken, so a good file is read after each.  Inputs that would include
 * other files are left alone.
 */
#include <config.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"
#include "config/section.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char good[] = "listener a { address = \"127.0.0.1:1\" }\n";

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Loads a text, as a file that nobody else sees. */
static struct config *
load(const void *text, size_t len, const char *overrides,
    struct config_messages *messages)
{
	int fd = memfd_create("config", MFD_CLOEXEC);
	char path[64];
	struct config_source source = { path, "/prefix", overrides };
	struct config *config;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	must(fd != -1 && write(fd, text, len) == (ssize_t)len);
	config = config_load(&source, messages);
	close(fd);
	return config;
}

static char *
dump(const struct config *config, size_t *ret_len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, ret_len);

	must(f != NULL);
	config_dump(config, f);
	fclose(f);
	return text;
}

static void
check_dump(const struct config *config)
{
	struct config_messages messages = { 0 };
	size_t len, len_again;
	char *text = dump(config, &len), *text_again;
	struct config *again = load(text, len, NULL, &messages);

	must(again != NULL);
	text_again = dump(again, &len_again);
	must(strcmp(text, text_again) == 0);
	free(text_again);
	free(text);
	config_free(&again);
}

/* "FILE:LINE: text", of a line that there is, and in our words. */
static void
check_message(const char *message, long n_lines)
{
	static const char *const of_libconfuse[] = { "unexpected", "premature",
		"missing", "no such", "invalid", "duplicate option", "bad ",
		"libconfuse" };
	const char *place = strchr(message, ':');
	char *text;
	long line;

	must(place != NULL);
	line = strtol(place + 1, &text, 10);
	must(line >= 1 && line <= n_lines && strncmp(text, ": ", 2) == 0);
	for (size_t i = 0; i < sizeof(of_libconfuse) / sizeof(char *); i++)
		must(strncmp(text + 2, of_libconfuse[i],
			 strlen(of_libconfuse[i])) != 0);
}

static void
check_messages(const struct config_messages *messages, const char *text,
    size_t len)
{
	long n_lines = 1;

	for (size_t i = 0; i < len; i++)
		n_lines += text[i] == '\n';
	must(messages->n > 0);
	for (size_t i = 0; i < messages->n; i++)
		check_message(messages->text[i], n_lines);
}

static void
check_sections(const struct config *config)
{
	static const char *name;
	static int64_t number;
	static const struct section_directive table[] = {
		{ "greeting", SECTION_STRING, &name, "Hello", 0, 0 },
		{ "times", SECTION_INT, &number, "1", 1, 9 },
	};

	for (size_t i = 0; i < config->n_services; i++) {
		struct config_messages messages = { 0 };
		bool done = section_parse(&config->services[i], table, 2, "/",
		    &messages);

		must(done == (messages.n == 0));
		config_messages_free(&messages);
	}
}

static void
try(const char *text, size_t len, const char *overrides)
{
	struct config_messages messages = { 0 };
	struct config *config = load(text, len, overrides, &messages);

	if (config != NULL) {
		check_dump(config);
		check_sections(config);
	} else {
		check_messages(&messages, text, len + strlen(overrides));
	}
	config_messages_free(&messages);
	config_free(&config);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 2);
	size_t file_len;

	must(text != NULL);
	memcpy(text, bytes, len);
	text[len] = text[len + 1] = '\0';
	file_len = strlen(text);
	if (memmem(bytes, len, "include", 7) == NULL) {
		try(text, file_len, text + file_len + 1);
		try(good, strlen(good), "");
	}
	free(text);
	return 0;
}
