/*
 * machine.c - values that this machine must know: users, groups and CPUs
 *
 * Runs in the master, which reads them; looks up, changes nothing.
 */
#include <config.h>

#include "config/machine.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "base/cpus.h"
#include "config/memory.h"

/* Of a look-up that found nobody: why. */
static const char *
why_nobody(const struct value_input *in, int error)
{
	const char *what = value_type_name(in->directive);

	switch (error) {
	case 0:
	case ENOENT: /* This and the next are "not found" in getpwnam(3). */
	case ESRCH:
	case EBADF:
	case EPERM:
		return memory_printf(in->memory, "there is no %s \"%s\"", what,
		    in->text);
	default:
		return memory_printf(in->memory,
		    "cannot look up the %s \"%s\": %s", what, in->text,
		    strerror(error));
	}
}

const char *
machine_set_user(const struct value_input *in, void *target)
{
	struct config_user *user = target;
	const struct passwd *found;

	if (*in->text == '\0') {
		*user = (struct config_user){ .name = "" };
		return NULL;
	}
	errno = 0;
	found = getpwnam(in->text);
	if (found == NULL)
		return why_nobody(in, errno);
	*user = (struct config_user){
		.set = true,
		.uid = found->pw_uid,
		.gid = found->pw_gid,
		.name = memory_copy(in->memory, in->text, strlen(in->text)),
	};
	return NULL;
}

const char *
machine_set_group(const struct value_input *in, void *target)
{
	struct config_group *group = target;
	const struct group *found;

	if (*in->text == '\0') {
		*group = (struct config_group){ .name = "" };
		return NULL;
	}
	errno = 0;
	found = getgrnam(in->text);
	if (found == NULL)
		return why_nobody(in, errno);
	*group = (struct config_group){
		.set = true,
		.gid = found->gr_gid,
		.name = memory_copy(in->memory, in->text, strlen(in->text)),
	};
	return NULL;
}

/* "0,2-3" */
static const char *
list_of(const cpu_set_t *set, struct memory *memory)
{
	const char *list = "";

	for (size_t first = 0; first < CPU_SETSIZE; first++) {
		const char *comma = *list == '\0' ? "" : ",";
		size_t last = first;

		if (!CPU_ISSET(first, set))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
			last++;
		list = memory_printf(memory,
		    last == first ? "%s%s%zu" : "%s%s%zu-%zu", list, comma,
		    first, last);
		first = last;
	}
	return list;
}

static const char *
check_allowed(const struct value_input *in, const cpu_set_t *set)
{
	cpu_set_t allowed, denied;

	if (!cpus_allowed(&allowed))
		return memory_printf(in->memory,
		    "cannot tell which CPUs this process may use: %s",
		    strerror(errno));
	CPU_XOR(&denied, set, &allowed);
	CPU_AND(&denied, &denied, set);
	if (CPU_COUNT(&denied) == 0)
		return NULL;
	return memory_printf(in->memory,
	    "\"%s\" names CPU %s, but this process may use %s only", in->text,
	    list_of(&denied, in->memory), list_of(&allowed, in->memory));
}

const char *
machine_set_cpus(const struct value_input *in, void *target)
{
	struct config_cpus cpus = { .kind = CONFIG_CPUS_LIST };
	const char *why;

	if (strcmp(in->text, "auto") == 0)
		cpus.kind = CONFIG_CPUS_AUTO;
	else if (strcmp(in->text, "off") == 0)
		cpus.kind = CONFIG_CPUS_OFF;
	else if (!cpus_parse(in->text, &cpus.set))
		return value_why_not(in);
	else if ((why = check_allowed(in, &cpus.set)) != NULL)
		return why;
	cpus.text = memory_copy(in->memory, in->text, strlen(in->text));
	*(struct config_cpus *)target = cpus;
	return NULL;
}
