/*
 * modules.c - the files of the modules, opened once a generation
 *
 * Runs in the master, which never loads what it opens here.
 */
#include <config.h>

#include "master/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where a module of that name is looked for: the part before the name. */
static const char *
directory(const struct config *config, const char *name)
{
	if (name[0] == '/')
		return "";
	return strchr(name, '/') ? config->prefix : config->main.module_dir;
}

/* -1 with an error. */
static int
module_open(const struct config *config, const struct config_section *module,
    struct config_messages *errors)
{
	char path[PATH_MAX];
	const char *in = directory(config, module->name);
	int len, fd;

	len = snprintf(path, sizeof(path), "%s%s%s", in, *in ? "/" : "",
	    module->name);
	if ((size_t)len >= sizeof(path)) {
		config_message(errors, module->file, module->line,
		    "module \"%s\": the path is too long", module->name);
		return -1;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		config_message(errors, module->file, module->line,
		    "module \"%s\": cannot open %s: %s", module->name, path,
		    strerror(errno));
	return fd;
}

int *
modules_open(const struct config *config, struct config_messages *errors)
{
	/* One more, since calloc of nothing may be NULL. */
	int *modules = calloc(config->n_modules + 1, sizeof(*modules));
	bool good = true;

	if (modules == NULL) {
		config_message(errors, NULL, 0, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < config->n_modules; i++) {
		modules[i] = module_open(config, &config->modules[i], errors);
		good = good && modules[i] != -1;
	}
	if (!good)
		modules_close(config, &modules);
	return modules;
}

void
modules_close(const struct config *config, int **modules)
{
	if (*modules == NULL)
		return;
	for (size_t i = 0; i < config->n_modules; i++)
		if ((*modules)[i] != -1)
			close((*modules)[i]);
	free(*modules);
	*modules = NULL;
}
