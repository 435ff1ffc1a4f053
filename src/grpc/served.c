/*
 * served.c - a service that is served: what its section of the config says
 *
 * Runs in the checker and in workers.  The section holds the service's own
 * directives and some of the server's, which it cannot have itself.
 */
#include <config.h>

#include "grpc/served.h"

#include <stdlib.h>

#include "config/config.h"
#include "config/section.h"
#include "grpc/allow.h"
#include "grpc/reach.h"
#include "grpcd.h"

static const enum section_type section_types[] = {
	[GRPCD_TYPE_STRING] = SECTION_STRING,
	[GRPCD_TYPE_PATH] = SECTION_PATH,
	[GRPCD_TYPE_BOOL] = SECTION_BOOL,
	[GRPCD_TYPE_INT] = SECTION_INT,
	[GRPCD_TYPE_SIZE] = SECTION_SIZE,
	[GRPCD_TYPE_TIME] = SECTION_TIME,
};

/*
 * The service's own table of directives, as config/section.h wants it, with
 * room for two more.
 */
static struct section_directive *
translate(const struct grpcd_directive *d, size_t *ret_n)
{
	struct section_directive *all;
	size_t n = 0;

	while (d && d[n].type != GRPCD_TYPE_END)
		n++;
	all = calloc(n + 2, sizeof(*all));
	for (size_t i = 0; all && i < n; i++)
		all[i] = (struct section_directive){ .name = d[i].name,
			.type = section_types[d[i].type],
			.value = d[i].value,
			.fallback = d[i].fallback,
			.min = d[i].min,
			.max = d[i].max };
	*ret_n = n;
	return all;
}

static bool
add_allow(struct served *s, struct allows *allows,
    const struct config_strings *patterns, struct config_messages *errors)
{
	const struct allow about = {
		.what = "service", .name = s->section->name, .reach = s->reach
	};

	return allows_add(allows, &about, patterns, errors, &s->allow);
}

bool
served_parse(struct served *s, struct allows *allows,
    const struct config *config, struct config_messages *errors)
{
	struct config_strings allow = { .v = NULL };
	const char *listeners = "";
	size_t n;
	struct section_directive *directives =
	    translate(s->service->directives, &n);
	bool good;

	if (!directives) {
		config_message(errors, config->file, 1, "no memory");
		return false;
	}
	directives[n++] = (struct section_directive){ .name = "listeners",
		.type = SECTION_STRING,
		.value = &listeners,
		.fallback = "" };
	directives[n++] = (struct section_directive){ .name = "allow",
		.type = SECTION_STRINGS,
		.value = &allow,
		.fallback = "" };
	good =
	    section_parse(s->section, directives, n, config->prefix, errors) &&
	    reach_parse(listeners, config, s->section, errors, &s->reach) &&
	    add_allow(s, allows, &allow, errors);
	free(directives);
	return good;
}

void
served_release(struct served *s)
{
	free(s->title);
	s->title = NULL;
	free(s->reach);
	s->reach = NULL;
}
