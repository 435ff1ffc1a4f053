/*
 * grpcd.c - the command line
 *
 * Runs in whoever calls grpcd.  It says what went wrong on standard error, in
 * lines that begin with "grpcd: ", and hands worker_main and checker_main to
 * the master, which knows neither.
 */
#include <config.h>

#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "config/config.h"
#include "master/master.h"
#include "proc/title.h"
#include "worker/worker.h"

static const struct option_row {
	char letter;
	const char *argument; /* NULL: it takes none */
	const char *help;
} option_rows[] = {
	{ '?', NULL, "this help" },
	{ 'h', NULL, "this help" },
	{ 'v', NULL, "print the version" },
	{ 'V', NULL, "print the version and how it was built" },
	{ 't', NULL, "test the configuration, change nothing" },
	{ 'T', NULL, "test the configuration and print what is in effect" },
	{ 'q', NULL, "say nothing but errors while testing" },
	{ 'c', "FILE", "read this configuration (" DEFAULT_CONF ")" },
	{ 'p', "PREFIX", "paths are relative to this (" DEFAULT_PREFIX ")" },
	{ 'g', "DIRECTIVES", "directives that override those of the file" },
	{ 's', "WORD",
	    "tell the running server: stop, quit, reload, reopen; or "
	    "ask for its status" },
};

/* Long ones belong to -s alone. */
enum { OPTION_DRY_RUN = 256, OPTION_JSON, OPTION_WATCH };

static const struct long_row {
	int value;
	const char *name;
	const char *help;
} long_rows[] = {
	{ OPTION_DRY_RUN, "dry-run",
	    "-s reload: only say what it would change" },
	{ OPTION_JSON, "json", "-s status: for programs" },
	{ OPTION_WATCH, "watch", "-s status: again each second" },
};

#define N_OPTIONS (sizeof(option_rows) / sizeof(option_rows[0]))
#define N_LONG (sizeof(long_rows) / sizeof(long_rows[0]))

enum action { ACTION_RUN, ACTION_TEST, ACTION_DUMP, ACTION_COMMAND };

struct command_line {
	enum action action;
	struct command command; /* of -s; quiet is of -t too */
	struct config_source source;
};

static void
print_help(void)
{
	char option[32];

	puts("Usage: grpcd [OPTION]...\n"
	     "Serves gRPC as its configuration says.\n");
	for (size_t i = 0; i < N_OPTIONS; i++) {
		snprintf(option, sizeof(option), "-%c %s",
		    option_rows[i].letter,
		    option_rows[i].argument != NULL ? option_rows[i].argument
						    : "");
		printf("  %-14s %s\n", option, option_rows[i].help);
	}
	for (size_t i = 0; i < N_LONG; i++)
		printf("  --%-12s %s\n", long_rows[i].name, long_rows[i].help);
	puts("\nSee grpcd(8) and grpcd.conf(5).");
}

static void
print_build(void)
{
	puts("grpcd " PACKAGE_VERSION);
	puts("compiler: " __VERSION__);
	puts("configuration: " DEFAULT_CONF);
	puts("prefix: " DEFAULT_PREFIX);
	puts("configure arguments: " CONFIGURE_ARGUMENTS);
}

/* Ends the process: what was asked for stands on standard output, all of it. */
_Noreturn static void
leave_printed(void)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		log_fatal("cannot write to standard output");
	exit(EXIT_SUCCESS);
}

_Noreturn static void
leave_with_hint(void)
{
	fputs("Try 'grpcd -h' for the options.\n", stderr);
	exit(EXIT_FAILURE);
}

/* The string of getopt, from the table: ":?hvVtTqc:p:g:s:". */
static const char *
option_letters(void)
{
	static char letters[2 + 2 * N_OPTIONS] = ":";
	size_t n = 1;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		letters[n++] = option_rows[i].letter;
		if (option_rows[i].argument != NULL)
			letters[n++] = ':';
	}
	return letters;
}

/* The table of getopt_long. */
static const struct option *
long_options(void)
{
	static struct option options[N_LONG + 1];

	for (size_t i = 0; i < N_LONG; i++) {
		options[i].name = long_rows[i].name;
		options[i].val = long_rows[i].value;
	}
	return options;
}

/* '?' is both an option of ours and getopt's answer to an unknown one. */
static void
option_unknown(char **argv)
{
	const char *word = argv[optind - 1];

	if (optopt == '?' || strcmp(word, "-?") == 0) {
		print_help();
		leave_printed();
	}
	if (strncmp(word, "--", 2) == 0)
		log_error("unknown option %s", word);
	else
		log_error("unknown option -%c in \"%s\"", optopt, word);
	leave_with_hint();
}

static void
option_take(struct command_line *line, int letter)
{
	switch (letter) {
	case 'h':
		print_help();
		leave_printed();
	case 'v':
		puts("grpcd " PACKAGE_VERSION);
		leave_printed();
	case 'V':
		print_build();
		leave_printed();
	case 't':
		if (line->action == ACTION_RUN)
			line->action = ACTION_TEST;
		break;
	case 'T':
		line->action = ACTION_DUMP;
		break;
	case 'q':
		line->command.quiet = true;
		break;
	case 'c':
		line->source.file = optarg;
		break;
	case 'p':
		line->source.prefix = optarg;
		break;
	case 'g':
		line->source.overrides = optarg;
		break;
	case 's':
		line->action = ACTION_COMMAND;
		line->command.word = optarg;
		break;
	case OPTION_DRY_RUN:
		line->command.dry_run = true;
		break;
	case OPTION_JSON:
		line->command.json = true;
		break;
	case OPTION_WATCH:
		line->command.watch = true;
		break;
	}
}

static void
parse_command_line(struct command_line *line, int argc, char **argv)
{
	const struct option *longs = long_options();
	const char *letters = option_letters();
	int letter;

	opterr = 0;
	for (;;) {
		optopt = 0;
		letter = getopt_long(argc, argv, letters, longs, NULL);
		if (letter == -1)
			break;
		if (letter == ':') {
			log_error("option -%c wants an argument", optopt);
			leave_with_hint();
		}
		if (letter == '?')
			option_unknown(argv);
		else
			option_take(line, letter);
	}
	if ((line->command.json || line->command.watch ||
		line->command.dry_run) &&
	    line->action != ACTION_COMMAND) {
		log_error("--json, --watch and --dry-run go with -s");
		leave_with_hint();
	}
	if (optind < argc) {
		log_error("unexpected argument \"%s\"", argv[optind]);
		leave_with_hint();
	}
}

/*
 * A daemon leaves the directory that a relative path counts from.  "./" in
 * front goes: a Unix socket is known by its path, which must be the same for
 * whoever asks.
 */
static const char *
make_absolute(const char *path)
{
	char here[PATH_MAX], *absolute;

	if (path[0] == '/')
		return path;
	if (strcmp(path, ".") == 0)
		path = "";
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (getcwd(here, sizeof(here)) == NULL ||
	    asprintf(&absolute, "%s%s%s", here, *path == '\0' ? "" : "/",
		path) == -1)
		log_fatal("cannot tell where %s is: no current directory",
		    path);
	return absolute;
}

static void
log_messages(struct config_messages *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		log_error("%s", errors->text[i]);
	config_messages_free(errors);
}

/* -t and -T */
static int
test(const struct command_line *line, const struct master_options *options,
    struct config *config)
{
	struct config_messages errors = { 0 };
	bool good = master_test(options, config, &errors);

	log_messages(&errors);
	if (good && !line->command.quiet)
		log_notice("configuration file %s is ok", config->file);
	if (good && line->action == ACTION_DUMP)
		config_dump(config, stdout);
	config_free(&config);
	if (good)
		leave_printed();
	return EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	static struct command_line line = { .source.file = DEFAULT_CONF,
		.source.prefix = DEFAULT_PREFIX };
	struct master_options options = { .worker_main = worker_main,
		.checker_main = checker_main };
	struct config_messages errors = { 0 };
	struct config *config;

	title_init(argc, argv);
	parse_command_line(&line, argc, argv);
	line.source.file = make_absolute(line.source.file);
	line.source.prefix = make_absolute(line.source.prefix);
	if (line.action == ACTION_COMMAND)
		return master_command(&line.command, &line.source);
	config = config_load(&line.source, &errors);
	log_messages(&errors);
	if (config == NULL)
		return EXIT_FAILURE;
	options.source = line.source;
	if (line.action == ACTION_RUN)
		return master_run(&options, config);
	return test(&line, &options, config);
}
