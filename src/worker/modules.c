/*
 * modules.c - loads modules with dlopen, through the descriptors of their files
 */
#include <config.h>

#include "worker/modules.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "grpc/registry.h"
#include "proc/heritage.h"
#include "services/builtin.h"

struct modules {
	struct registry_source *sources;
	size_t n;
	void **handles; /* by index of config->modules */
	size_t n_handles;
};

/* dlerror without the name that dlopen was given, which tells nobody much. */
static const char *
why_not(const char *opened)
{
	const char *text = dlerror();
	size_t len = strlen(opened);

	if (!text)
		return "unknown reason";
	if (strncmp(text, opened, len) == 0 &&
	    strncmp(text + len, ": ", 2) == 0)
		return text + len + 2;
	return text;
}

static bool
load(struct modules *m, const struct config_section *section, int file,
    struct config_messages *errors)
{
	struct registry_source *source = &m->sources[m->n];
	char path[64];
	void *handle;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		config_message(errors, section->file, section->line,
		    "module \"%s\" cannot be loaded: %s", section->name,
		    why_not(path));
		return false;
	}
	m->handles[m->n_handles++] = handle;
	source->module = dlsym(handle, "grpcd_module");
	if (!source->module) {
		config_message(errors, section->file, section->line,
		    "\"%s\" is no module of grpcd: it has no symbol"
		    " grpcd_module (see GRPCD_MODULE in grpcd.h)",
		    section->name);
		return false;
	}
	source->name = section->name;
	source->file = section->file;
	source->line = section->line;
	m->n++;
	return true;
}

static size_t
count_builtin(void)
{
	size_t n = 0;

	while (builtin_modules[n])
		n++;
	return n;
}

static struct modules *
make(size_t n_sources, size_t n_handles)
{
	struct modules *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->sources = calloc(n_sources + 1, sizeof(*m->sources));
	m->handles = calloc(n_handles + 1, sizeof(*m->handles));
	if (!m->sources || !m->handles)
		modules_free(&m);
	return m;
}

struct modules *
modules_load(const struct config *config, const int *files, int answer,
    struct config_messages *errors)
{
	size_t n_builtin = count_builtin();
	struct modules *m =
	    make(n_builtin + config->n_modules, config->n_modules);
	bool good = true;

	if (!m) {
		config_message(errors, config->file, 1, "no memory");
		return NULL;
	}
	for (; m->n < n_builtin; m->n++)
		m->sources[m->n] = (struct registry_source){
			.module = builtin_modules[m->n],
			.name = "built-in",
		};
	for (size_t i = 0; i < config->n_modules; i++) {
		const struct config_section *section = &config->modules[i];

		if (answer != -1)
			dprintf(answer, CHECKER_AT "%s:%d: module \"%s\"\n",
			    section->file, section->line, section->name);
		good &= load(m, section, files[i], errors);
	}
	if (!good)
		modules_free(&m);
	return m;
}

void
modules_free(struct modules **modules)
{
	struct modules *m = *modules;

	*modules = NULL;
	if (!m)
		return;
	for (size_t i = 0; m->handles && i < m->n_handles; i++)
		dlclose(m->handles[i]);
	free(m->handles);
	free(m->sources);
	free(m);
}

const struct registry_source *
modules_sources(const struct modules *modules)
{
	return modules->sources;
}

size_t
modules_count(const struct modules *modules)
{
	return modules->n;
}
