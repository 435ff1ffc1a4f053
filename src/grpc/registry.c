/*
 * registry.c - services that are served, and their methods by path
 *
 * Made in the checker and in workers; nothing here runs code of a service.
 */
#include <config.h>

#include "grpc/registry.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "grpc/allow.h"
#include "grpc/handle.h"
#include "grpc/offers.h"
#include "grpc/served.h"

struct registry {
	struct served *services;
	size_t n_services;
	struct registry_method *methods;
	size_t n_methods;
	struct limits *limits; /* by method, then by listener */
	struct gates *gates;
	struct registry_method *
	    *table; /* by hash; the next where it is taken */
	size_t mask;
	struct registry_method *last; /* that was found; it will be again */
	struct allows *allows;
};

static inline uint64_t
mix(uint64_t h, const char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

/*
 * Eight bytes at a time, the last eight overlapping: the names are the
 * operator's, not a client's, so no more is needed.
 */
static size_t
hash(const char *text, size_t len)
{
	uint64_t h = len;

	if (len < sizeof(h))
		return len;
	for (size_t i = 0; i + sizeof(h) < len; i += sizeof(h))
		h = mix(h, text + i);
	return (size_t)mix(h, text + len - sizeof(h));
}

/*
 * Finding
 */

/* Where the method of that path is in the table, or would be. */
static struct registry_method **
place_of(struct registry *r, const char *path, size_t len)
{
	size_t i = hash(path, len) & r->mask;
	struct registry_method *m;

	for (; (m = r->table[i]) != NULL; i = (i + 1) & r->mask)
		if (m->path_len == len && memcmp(m->path, path, len) == 0)
			break;
	return &r->table[i];
}

struct registry_method *
registry_find(struct registry *r, const char *path, size_t len)
{
	struct registry_method *m = r->last;

	if (m && m->path_len == len && memcmp(m->path, path, len) == 0)
		return m;
	m = *place_of(r, path, len);
	if (m)
		r->last = m;
	return m;
}

bool
registry_has_service(const struct registry *r, const char *path, size_t len)
{
	const char *slash;

	if (len == 0 || path[0] != '/')
		return false;
	slash = memchr(path + 1, '/', len - 1);
	if (!slash)
		return false;
	len = (size_t)(slash - path - 1);
	for (size_t i = 0; i < r->n_services; i++) {
		const char *name = r->services[i].section->name;

		if (strlen(name) == len && memcmp(name, path + 1, len) == 0)
			return true;
	}
	return false;
}

size_t
registry_count(const struct registry *r)
{
	return r->n_services;
}

const struct grpcd_service *
registry_service(const struct registry *r, size_t i)
{
	return r->services[i].service;
}

const struct config_section *
registry_section(const struct registry *r, size_t i)
{
	return r->services[i].section;
}

size_t
registry_allow_count(const struct registry *r)
{
	return allows_count(r->allows);
}

void
registry_warn(const struct registry *r)
{
	allows_warn(r->allows);
}

const char *
registry_title(const struct registry *r, size_t i)
{
	return r->services[i].title;
}

bool
registry_reaches(const struct registry *r, size_t i, size_t listener)
{
	return !r->services[i].reach || r->services[i].reach[listener];
}

/*
 * Making
 */

static bool
no_memory(const struct config *config, struct config_messages *errors)
{
	config_message(errors, config->file, 1, "no memory");
	return false;
}

static bool
entitle(struct served *s, const struct registry_source *source,
    const struct config *config, struct config_messages *errors)
{
	bool module = source->file != NULL;
	int len = asprintf(&s->title, "service \"%s\"%s%s%s", s->section->name,
	    module ? " of module \"" : "", module ? source->name : "",
	    module ? "\"" : "");

	if (len >= 0)
		return true;
	s->title = NULL;
	return no_memory(config, errors);
}

static bool
find_services(struct registry *r, const struct config *config,
    const struct offers *offers, struct config_messages *errors)
{
	bool good = true;

	r->services = calloc(config->n_services + 1, sizeof(*r->services));
	if (!r->services)
		return no_memory(config, errors);
	for (size_t i = 0; i < config->n_services; i++) {
		const struct config_section *section = &config->services[i];
		struct served *s = &r->services[r->n_services];
		const struct registry_source *source;
		const char *near;

		s->section = section;
		s->service = offers_find(offers, section->name, &source);
		if (s->service) {
			r->n_services++;
			good &= entitle(s, source, config, errors) &&
				served_parse(s, r->allows, config, errors);
			continue;
		}
		near = offers_nearest(offers, section->name);
		config_message(errors, section->file, section->line,
		    "no module offers the service \"%s\"%s%s%s", section->name,
		    near ? ": did you mean \"" : "", near ? near : "",
		    near ? "\"?" : "");
		good = false;
	}
	return good;
}

static bool
fill_method(struct registry_method *m, const struct served *s,
    const struct grpcd_method *method)
{
	int len;

	m->method = method;
	m->service = s->service;
	m->reach = s->reach;
	m->allow = s->allow;
	len = asprintf(&m->path, "/%s/%s", s->section->name, method->name);
	if (len < 0) {
		m->path = NULL;
		return false;
	}
	m->path_len = (size_t)len;
	return true;
}

static bool
make_tables(struct registry *r)
{
	size_t n = 0, room = 8;

	for (size_t i = 0; i < r->n_services; i++)
		n += r->services[i].service->descriptor->n_methods;
	while (room < n * 2)
		room *= 2;
	r->mask = room - 1;
	r->table = calloc(room, sizeof(*r->table));
	r->methods = calloc(n + 1, sizeof(*r->methods));
	return r->table && r->methods;
}

static bool
find_methods(struct registry *r, const struct config *config,
    struct config_messages *errors)
{
	if (!make_tables(r))
		return no_memory(config, errors);
	for (size_t i = 0; i < r->n_services; i++) {
		const struct served *s = &r->services[i];
		const struct grpcd_descriptor *d = s->service->descriptor;

		for (size_t j = 0; j < d->n_methods; j++) {
			struct registry_method *m = &r->methods[r->n_methods];

			r->n_methods++;
			if (!fill_method(m, s, &d->methods[j]))
				return no_memory(config, errors);
			*place_of(r, m->path, m->path_len) = m;
		}
	}
	return true;
}

static const char *
nearest_path(const struct registry *r, const char *path)
{
	const char **paths = calloc(r->n_methods + 1, sizeof(*paths));
	const char *nearest;

	if (!paths)
		return NULL;
	for (size_t i = 0; i < r->n_methods; i++)
		paths[i] = r->methods[i].path;
	nearest = text_nearest(path, paths, r->n_methods);
	free(paths);
	return nearest;
}

/* Whom a method section lets call. */
static bool
allow_method(struct registry *r, struct registry_method *m,
    const struct config_method *own, struct config_messages *errors)
{
	const struct allow about = {
		.what = "method", .name = own->path, .reach = m->reach
	};

	return allows_add(r->allows, &about, &own->d.allow, errors, &m->allow);
}

/* What a method section sets has an effect on its method. */
static bool
suits(const struct registry_method *m, const struct config_method *own,
    struct config_messages *errors)
{
	if (m->method->client_streams || m->method->server_streams ||
	    !config_gives(&own->limits, CONFIG_LIMIT_max_stream_age) ||
	    own->limits.max_stream_age == 0)
		return true;
	config_message(errors, own->file, own->line,
	    "method \"%s\": max_stream_age has no effect, since it streams "
	    "neither way",
	    own->path);
	return false;
}

/* Each method section has its method. */
static bool
set_methods(struct registry *r, const struct config *config,
    struct config_messages *errors)
{
	bool good = true;

	for (size_t i = 0; i < config->n_methods; i++) {
		const struct config_method *own = &config->methods[i];
		struct registry_method *m =
		    *place_of(r, own->path, strlen(own->path));
		const char *near;

		if (m) {
			good &= allow_method(r, m, own, errors);
			good &= suits(m, own, errors);
			continue;
		}
		near = nearest_path(r, own->path);
		config_message(errors, own->file, own->line,
		    "no service that is served has the method \"%s\"%s%s%s",
		    own->path, near ? ": did you mean \"" : "",
		    near ? near : "", near ? "\"?" : "");
		good = false;
	}
	return good;
}

/* The limits of a method's own section, or else of its service's. */
static const struct config_limits *
own_limits(const struct config *config, const struct registry_method *m)
{
	for (size_t i = 0; i < config->n_methods; i++)
		if (strcmp(config->methods[i].path, m->path) == 0)
			return &config->methods[i].limits;
	return config_service_limits(config, m->path);
}

static bool
limit_methods(struct registry *r, const struct config *config,
    struct config_messages *errors)
{
	struct limits *l;

	r->limits = calloc(r->n_methods * config->n_listeners + 1, sizeof(*l));
	r->gates = gates_new(config);
	if (!r->limits || !r->gates)
		return no_memory(config, errors);
	l = r->limits;
	for (size_t i = 0; i < r->n_methods; i++) {
		struct registry_method *m = &r->methods[i];
		struct limits_sources from = {
			.method = own_limits(config, m),
			.service = config_service_limits(config, m->path),
			.streams = m->method->client_streams ||
				   m->method->server_streams,
		};

		m->limits = l;
		for (size_t j = 0; j < config->n_listeners; j++) {
			from.listener = &config->listeners[j].limits;
			gates_choose(r->gates, &from, l->gates);
			limits_set(l, &from);
			l++;
		}
	}
	return true;
}

struct registry *
registry_new(const struct config *config, const struct registry_source *sources,
    size_t n_sources, struct config_messages *errors)
{
	struct offers offers = { sources, n_sources };
	struct registry *r = calloc(1, sizeof(*r));

	if (!r) {
		no_memory(config, errors);
		return NULL;
	}
	r->allows = allows_new(config);
	if (!r->allows) {
		no_memory(config, errors);
		registry_free(&r);
		return NULL;
	}
	if (!offers_check(&offers, errors) ||
	    !find_services(r, config, &offers, errors) ||
	    !find_methods(r, config, errors) ||
	    !set_methods(r, config, errors) ||
	    !limit_methods(r, config, errors))
		registry_free(&r);
	for (size_t i = 0; r && i < r->n_methods; i++)
		r->methods[i].guarded =
		    r->methods[i].reach || r->methods[i].allow;
	return r;
}

void
registry_free(struct registry **registry)
{
	struct registry *r = *registry;

	*registry = NULL;
	if (!r)
		return;
	handle_forget();
	for (size_t i = 0; i < r->n_methods; i++)
		free(r->methods[i].path);
	free(r->methods);
	free(r->limits);
	gates_free(&r->gates);
	free(r->table);
	for (size_t i = 0; i < r->n_services; i++)
		served_release(&r->services[i]);
	free(r->services);
	allows_free(&r->allows);
	free(r);
}
