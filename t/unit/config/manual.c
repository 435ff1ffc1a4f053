/*
 * manual.c - the manual and the sample say what directives.def says
 */
#include <config.h>

#include "sandbox.h"

#define ROWS_MAX 200

/* A row of config_print_directives. */
struct row {
	const char *context, *name, *type, *fallback, *range;
};

static struct row rows[ROWS_MAX];
static size_t n_rows;

/* A file of the source tree; for the life of the test. */
static char *
read_source(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[512], *text = NULL;
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top == NULL ? "." : top, name);
	f = fopen(path, "r");
	if (f == NULL || getdelim(&text, &size, '\0', f) == -1) {
		printf("Bail out! cannot read %s\n", path);
		exit(1);
	}
	fclose(f);
	return text;
}

static char *
read_rows(void)
{
	char *table = NULL, *next;
	size_t size;
	FILE *f = open_memstream(&table, &size);

	config_print_directives(f);
	fclose(f);
	next = table;
	for (char *line; (line = strsep(&next, "\n")) && *line != '\0';) {
		struct row *row = &rows[n_rows++];

		row->context = strsep(&line, "\t");
		row->name = strsep(&line, "\t");
		row->type = strsep(&line, "\t");
		row->fallback = strsep(&line, "\t");
		row->range = strsep(&line, "\t");
	}
	return table;
}

static const struct row *
find_row(const char *name)
{
	for (size_t i = 0; i < n_rows; i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

/* The lines that a directive's entry in the manual begins with. */
static void
write_entry(const struct row *row, char *out, size_t size)
{
	int len =
	    snprintf(out, size, ".It Ic %s = Ar %s\n", row->name, row->type);

	out += len;
	size -= (size_t)len;
	if (strcmp(row->fallback, "(required)") == 0)
		snprintf(out, size, "Must be given.\n");
	else if (*row->fallback == '\0')
		snprintf(out, size, "No default.\n");
	else if (*row->fallback == '/' && row->fallback[1] != '\0')
		snprintf(out, size, "Default set by the build.\n");
	else if (*row->range == '\0')
		snprintf(out, size, "Default\n.Li %s .\n", row->fallback);
	else
		snprintf(out, size, "Default\n.Li %s ,\nrange %s.\n",
		    row->fallback, row->range);
}

static const char *
chapter_of(const struct row *row)
{
	if (strcmp(row->context, "main") == 0)
		return "\n.Sh THE TOP OF THE FILE\n";
	if (strcmp(row->context, "listener") == 0)
		return "\n.Sh LISTENERS\n";
	if (strcmp(row->context, "tls") == 0)
		return "\n.Sh TLS\n";
	if (strcmp(row->context, "method") == 0)
		return "\n.Sh SERVICES AND MODULES\n";
	return "\n.Sh LIMITS\n";
}

static void
test_manual(void)
{
	char *manual = read_source("man/grpcd.conf.5");
	size_t n_entries = 0;

	for (size_t i = 0; i < n_rows; i++) {
		const char *chapter = strstr(manual, chapter_of(&rows[i]));
		const char *end = strstr(chapter + 1, "\n.Sh ");
		const char *entry;
		char expected[500];

		write_entry(&rows[i], expected, sizeof(expected));
		entry = strstr(chapter, expected);
		if (!ok(entry != NULL && entry < end, "the manual has %s",
			rows[i].name))
			printf("# in its chapter:\n# %s", expected);
	}
	for (const char *at = manual; (at = strstr(at, "\n.It Ic ")); at++) {
		const char *equals = strstr(at, " = ");

		/* What has no value is no directive, but a service. */
		n_entries += equals && equals < strchr(at + 1, '\n');
	}
	is_int(n_rows, n_entries, "and nothing else");
	free(manual);
}

/* "  # name = value": what is commented out in the sample is the default. */
static void
test_line(const char *line, size_t *n_tested)
{
	char name[50], value[50] = "", *comment;
	const struct row *row;

	if (sscanf(line, " # %49[a-z_] = %49s", name, value) < 1)
		return;
	if (strchr(line, '=') == NULL || strchr(line, '{') != NULL)
		return;
	row = find_row(name);
	if (row == NULL || *row->fallback == '\0' ||
	    strcmp(row->fallback, "(required)") == 0)
		return;
	comment = strchr(value, '#');
	if (comment != NULL)
		*comment = '\0';
	is_text(row->fallback, value, "the sample has the default of %s", name);
	(*n_tested)++;
}

static void
test_sample(void)
{
	char *sample = read_source("conf/grpcd.conf"), *next = sample;
	struct config *config = sandbox_good(sample, NULL);
	size_t n_tested = 0;

	is_int(1, config->n_listeners, "the sample has a listener");
	is_int(1, config->n_services, "and a service");
	is_text("127.0.0.1:50051", config->listeners[0].d.address.text,
	    "which all users can start");
	for (char *line; (line = strsep(&next, "\n"));)
		test_line(line, &n_tested);
	ok(n_tested > 5, "%zu defaults are commented out", n_tested);
	config_free(&config);
	free(sample);
}

int
main(void)
{
	char *table = read_rows();

	ok(n_rows > 20 && n_rows < ROWS_MAX, "%zu directives", n_rows);
	test_manual();
	test_sample();
	free(table);
	return done();
}
