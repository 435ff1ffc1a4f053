/*
 * value.c - the types of values: how each is read, checked and written
 *
 * Runs wherever a config is read: master, checker, worker.
 */
#include <config.h>

#include "config/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/syslogd.h"
#include "base/text.h"
#include "config/list.h"
#include "config/machine.h"
#include "config/memory.h"
#include "config/tls.h"

struct type {
	const char *name;
	const char *wanted; /* what a text of another type is not */
	/* Of numbers only, to int64_t and back. */
	bool (*parse)(const char *text, int64_t *ret);
	const char *(*format)(int64_t number, char out[TEXT_MAX]);
	/* As value_set and value_text. */
	const char *(*set)(const struct value_input *in, void *target);
	const char *(*text)(const struct type *type, const void *source,
	    struct memory *memory);
};

static const struct type *type_of(const struct directive *directive);

/* Numbers */

static const char *
set_number(const struct value_input *in, void *target)
{
	const struct directive *d = in->directive;
	int64_t number;

	if (!type_of(d)->parse(in->text, &number))
		return value_why_not(in);
	if (number < d->min || number > d->max)
		return memory_printf(in->memory,
		    "\"%s\" is out of range: it may be %s", in->text,
		    value_range(d, in->memory));
	*(int64_t *)target = number;
	return NULL;
}

static const char *
text_number(const struct type *type, const void *source, struct memory *memory)
{
	char text[TEXT_MAX];

	return memory_printf(memory, "%s",
	    type->format(*(const int64_t *)source, text));
}

static const char *
format_int(int64_t number, char out[TEXT_MAX])
{
	snprintf(out, TEXT_MAX, "%" PRId64, number);
	return out;
}

static const char *
set_count(const struct value_input *in, void *target)
{
	if (strcmp(in->text, "auto") != 0)
		return set_number(in, target);
	*(int64_t *)target = 0;
	return NULL;
}

static const char *
format_count(int64_t number, char out[TEXT_MAX])
{
	return number == 0 ? "auto" : format_int(number, out);
}

static bool
parse_mode(const char *text, int64_t *ret)
{
	size_t len = strlen(text);

	if (len == 0 || len > 5 || strspn(text, "01234567") < len)
		return false;
	*ret = strtol(text, NULL, 8);
	return true;
}

static const char *
format_mode(int64_t mode, char out[TEXT_MAX])
{
	snprintf(out, TEXT_MAX, "%04" PRIo64, mode);
	return out;
}

/* Words */

static const char *
set_bool(const struct value_input *in, void *target)
{
	bool on = strcmp(in->text, "on") == 0;

	if (!on && strcmp(in->text, "off") != 0)
		return value_why_not(in);
	*(bool *)target = on;
	return NULL;
}

static const char *
text_bool(const struct type *type, const void *source, struct memory *memory)
{
	(void)type;
	(void)memory;
	return *(const bool *)source ? "on" : "off";
}

static const char *
set_level(const struct value_input *in, void *target)
{
	size_t n = 0;
	const char *nearest;

	for (; log_level_words[n] != NULL; n++) {
		if (strcmp(in->text, log_level_words[n]) == 0) {
			*(enum log_level *)target = (enum log_level)n;
			return NULL;
		}
	}
	nearest = text_nearest(in->text, log_level_words, n);
	if (nearest == NULL)
		return value_why_not(in);
	return memory_printf(in->memory, "\"%s\" is no level: did you mean %s?",
	    in->text, nearest);
}

static const char *
text_level(const struct type *type, const void *source, struct memory *memory)
{
	(void)type;
	(void)memory;
	return log_level_words[*(const enum log_level *)source];
}

/* Texts */

const char *
value_absolute(const struct value_input *in, const char *path)
{
	/* So that one place has one name. */
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	return *path == '/'
		   ? memory_printf(in->memory, "%s", path)
		   : memory_printf(in->memory, "%s/%s", in->prefix, path);
}

static const char *
set_string(const struct value_input *in, void *target)
{
	*(const char **)target =
	    memory_copy(in->memory, in->text, strlen(in->text));
	return NULL;
}

static const char *
set_path(const struct value_input *in, void *target)
{
	if (*in->text == '\0')
		return value_why_not(in);
	*(const char **)target = value_absolute(in, in->text);
	return NULL;
}

static const char *
set_log(const struct value_input *in, void *target)
{
	struct syslogd syslogd;
	const char *why;

	if (strcmp(in->text, "stderr") == 0)
		return set_string(in, target);
	if (!syslogd_is_meant(in->text))
		return set_path(in, target);
	why = syslogd_parse(in->text, &syslogd);
	if (why != NULL)
		return memory_printf(in->memory, "\"%s\": %s", in->text, why);
	return set_string(in, target);
}

static const char *
set_control(const struct value_input *in, void *target)
{
	if (strcmp(in->text, "auto") == 0 || strcmp(in->text, "off") == 0)
		return set_string(in, target);
	return set_path(in, target);
}

static const char *
text_string(const struct type *type, const void *source, struct memory *memory)
{
	(void)type;
	return value_quote(*(const char *const *)source, memory);
}

static const char *
set_address(const struct value_input *in, void *target)
{
	struct config_address address = { .text = in->text };
	const char *why;

	if (strncmp(in->text, "unix:", 5) == 0 && in->text[5] != '\0')
		address.text = memory_printf(in->memory, "unix:%s",
		    value_absolute(in, in->text + 5));
	why = address_parse(address.text, &address.address);
	if (why != NULL)
		return memory_printf(in->memory, "%s", why);
	address.text =
	    memory_copy(in->memory, address.text, strlen(address.text));
	*(struct config_address *)target = address;
	return NULL;
}

static const char *
text_address(const struct type *type, const void *source, struct memory *memory)
{
	const struct config_address *address = source;

	(void)type;
	return value_quote(address->text, memory);
}

static const char *
text_user(const struct type *type, const void *source, struct memory *memory)
{
	(void)type;
	return value_quote(((const struct config_user *)source)->name, memory);
}

static const char *
text_group(const struct type *type, const void *source, struct memory *memory)
{
	(void)type;
	return value_quote(((const struct config_group *)source)->name, memory);
}

static const char *
text_cpus(const struct type *type, const void *source, struct memory *memory)
{
	(void)type;
	return value_quote(((const struct config_cpus *)source)->text, memory);
}

static const char *
text_strings(const struct type *type, const void *source, struct memory *memory)
{
	(void)type;
	return list_text_strings(source, memory);
}

static const char *
text_files(const struct type *type, const void *source, struct memory *memory)
{
	(void)type;
	return list_text_files(source, memory);
}

static const char *
text_protocols(const struct type *type, const void *source,
    struct memory *memory)
{
	(void)type;
	(void)memory;
	return tls_text_protocols(*(const enum config_protocols *)source);
}

static const char *
text_verify(const struct type *type, const void *source, struct memory *memory)
{
	(void)type;
	(void)memory;
	return tls_text_verify(*(const enum config_verify *)source);
}

/* clang-format off */
static const struct type types[] = {
	[VALUE_STRING] = { "string", "a string", NULL, NULL,
	    set_string, text_string },
	[VALUE_PATH] = { "path", "a path", NULL, NULL,
	    set_path, text_string },
	[VALUE_LOG] = { "log", "stderr, syslog or a path", NULL, NULL,
	    set_log, text_string },
	[VALUE_CONTROL] = { "control", "auto, off or a path", NULL, NULL,
	    set_control, text_string },
	[VALUE_ADDRESS] = { "address", "an address", NULL, NULL,
	    set_address, text_address },
	[VALUE_USER] = { "user", "a user", NULL, NULL,
	    machine_set_user, text_user },
	[VALUE_GROUP] = { "group", "a group", NULL, NULL,
	    machine_set_group, text_group },
	[VALUE_MODE] = { "mode", "a mode in octal such as 0660",
	    parse_mode, format_mode, set_number, text_number },
	[VALUE_CPULIST] = { "cpus",
	    "auto, off or a list of CPUs such as \"0,2-3\"", NULL, NULL,
	    machine_set_cpus, text_cpus },
	[VALUE_COUNT] = { "count", "a number",
	    text_parse_int, format_count, set_count, text_number },
	[VALUE_INT] = { "number", "a number",
	    text_parse_int, format_int, set_number, text_number },
	[VALUE_SIZE] = { "size", "a size such as 512, 64k or 4m",
	    text_parse_size, text_format_size, set_number, text_number },
	[VALUE_TIME] = { "time", "a time such as 500ms, 30s or 2h",
	    text_parse_time, text_format_time, set_number, text_number },
	[VALUE_BOOL] = { "switch", "on or off", NULL, NULL,
	    set_bool, text_bool },
	[VALUE_LEVEL] = { "level",
	    "one of debug, info, notice, warn, error, alert", NULL, NULL,
	    set_level, text_level },
	[VALUE_STRINGS] = { "strings", "a list such as { \"a\", \"b\" }",
	    NULL, NULL, list_set_strings, text_strings },
	[VALUE_FILES] = { "files", "a list such as { \"a\", \"b\" }",
	    NULL, NULL, list_set_files, text_files },
	[VALUE_SECRETS] = { "files", "a list such as { \"a\", \"b\" }",
	    NULL, NULL, list_set_secrets, text_files },
	[VALUE_PROTOCOLS] = { "protocols",
	    "TLSv1.2, TLSv1.3 or \"TLSv1.2 TLSv1.3\"", NULL, NULL,
	    tls_set_protocols, text_protocols },
	[VALUE_VERIFY] = { "check", "none, request or require", NULL, NULL,
	    tls_set_verify, text_verify },
};
/* clang-format on */

static const struct type *
type_of(const struct directive *directive)
{
	return &types[directive->type];
}

const char *
value_set(const struct value_input *in, void *target)
{
	return type_of(in->directive)->set(in, target);
}

const char *
value_why_not(const struct value_input *in)
{
	const char *range = value_range(in->directive, in->memory);
	const char *wanted = type_of(in->directive)->wanted;

	if (*range == '\0')
		return memory_printf(in->memory, "\"%s\" is not %s", in->text,
		    wanted);
	return memory_printf(in->memory, "\"%s\" is not %s (%s)", in->text,
	    wanted, range);
}

const char *
value_text(const struct directive *directive, const void *source,
    struct memory *memory)
{
	const struct type *type = type_of(directive);

	return type->text(type, source, memory);
}

const char *
value_type_name(const struct directive *directive)
{
	return type_of(directive)->name;
}

const char *
value_range(const struct directive *directive, struct memory *memory)
{
	const struct type *type = type_of(directive);
	char min[TEXT_MAX], max[TEXT_MAX];

	if (type->format == NULL)
		return "";
	return memory_printf(memory, "%s%s to %s",
	    directive->type == VALUE_COUNT ? "auto, or " : "",
	    type->format(directive->min, min),
	    type->format(directive->max, max));
}

const char *
value_quote(const char *text, struct memory *memory)
{
	char *quoted = memory_alloc(memory, 4 * strlen(text) + 3);
	char *to = quoted;

	*to++ = '"';
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f) {
			to += sprintf(to, "\\x%02x", (unsigned char)*text);
			continue;
		}
		if (*text == '"' || *text == '\\' || *text == '$')
			*to++ = '\\';
		*to++ = *text;
	}
	*to++ = '"';
	return quoted;
}
