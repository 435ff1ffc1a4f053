/*
 * cpus.c - which CPUs this process may use, and which worker gets which
 *
 * Runs in the master.  Reads /proc and /sys, changes nothing.
 */
#include <config.h>

#include "base/cpus.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool
cpus_allowed(cpu_set_t *ret_set)
{
	return sched_getaffinity(0, sizeof(*ret_set), ret_set) == 0;
}

/* The first line of a file without its end; false if it cannot be read. */
__attribute__((format(printf, 3, 4))) static bool
read_line(char *out, int size, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	FILE *file;
	bool read;
	int len;

	va_start(args, fmt);
	len = vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(path))
		return false;
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	read = fgets(out, size, file) != NULL;
	fclose(file);
	if (read)
		out[strcspn(out, "\n")] = '\0';
	return read;
}

/* quota microseconds in each period, in CPUs rounded up; 0: no limit. */
static int
quota_cpus(const char *quota, const char *period)
{
	int64_t q, p, cpus;

	if (!text_parse_int(quota, &q) || !text_parse_int(period, &p))
		return 0; /* "max" */
	if (q <= 0 || p <= 0)
		return 0; /* version 1 writes -1 for none */
	cpus = q / p + (q % p != 0);
	return cpus > INT_MAX ? 0 : (int)cpus;
}

/* cgroup version 2: "QUOTA PERIOD" or "max PERIOD" in cpu.max. */
static int
quota_of_v2(const char *directory)
{
	char line[128], *space;

	if (!read_line(line, sizeof(line), "%s/cpu.max", directory))
		return 0;
	space = strchr(line, ' ');
	if (space == NULL)
		return 0;
	*space = '\0';
	return quota_cpus(line, space + 1);
}

static int
quota_of_v1(const char *directory)
{
	char quota[64], period[64];

	if (!read_line(quota, sizeof(quota), "%s/cpu.cfs_quota_us",
		directory) ||
	    !read_line(period, sizeof(period), "%s/cpu.cfs_period_us",
		directory))
		return 0;
	return quota_cpus(quota, period);
}

/* The smaller limit, where 0 is none. */
static int
quota_smaller(int a, int b)
{
	if (a == 0 || b == 0)
		return a + b;
	return a < b ? a : b;
}

/*
 * The least quota from the group up to the root of its mount.  A level that is
 * not there is passed over: a container without a cgroup namespace is told the
 * host's path and sees only its own end of it, at the mount's root.
 */
static int
quota_up(const char *mount, const char *group, int (*quota_of)(const char *))
{
	char directory[PATH_MAX];
	int quota = 0, len;
	char *slash;

	if (strstr(group, "/..") != NULL) /* outside of our namespace */
		group = "/";
	len = snprintf(directory, sizeof(directory), "%s%s", mount, group);
	if (len < 0 || (size_t)len >= sizeof(directory))
		return 0;
	for (;;) {
		quota = quota_smaller(quota, quota_of(directory));
		slash = strrchr(directory, '/');
		if (slash == NULL ||
		    (size_t)(slash - directory) < strlen(mount))
			return quota;
		*slash = '\0';
	}
}

/* True if name stands in a list such as "cpu,cpuacct". */
static bool
list_has(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *c = list; c != NULL; c = strchr(c, ',')) {
		c += *c == ',';
		if (strncmp(c, name, len) == 0 &&
		    (c[len] == ',' || c[len] == '\0'))
			return true;
	}
	return false;
}

/* A line of /proc/self/cgroup, ID:CONTROLLERS:PATH; see cgroups(7). */
static int
quota_of_line(const char *root, char *line)
{
	char mount[PATH_MAX];
	char *controllers = strchr(line, ':'), *group;

	line[strcspn(line, "\n")] = '\0';
	if (controllers == NULL)
		return 0;
	controllers++;
	group = strchr(controllers, ':');
	if (group == NULL)
		return 0;
	*group++ = '\0';
	if (strlen(root) > sizeof(mount) - sizeof("/sys/fs/cgroup/cpu"))
		return 0;
	if (*controllers == '\0') {
		snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup", root);
		return quota_up(mount, group, quota_of_v2);
	}
	if (!list_has(controllers, "cpu"))
		return 0;
	snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup/cpu", root);
	return quota_up(mount, group, quota_of_v1);
}

int
cpus_quota(const char *root)
{
	char path[PATH_MAX], line[PATH_MAX];
	int quota = 0, len;
	FILE *file;

	len = snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	if (len < 0 || (size_t)len >= sizeof(path))
		return 0;
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		quota = quota_smaller(quota, quota_of_line(root, line));
	fclose(file);
	return quota;
}

int
cpus_usable(void)
{
	cpu_set_t set;
	int allowed = cpus_allowed(&set) ? CPU_COUNT(&set) : 1;

	return quota_smaller(allowed, cpus_quota(""));
}

/* Reads a CPU's number; what follows it, NULL if there is none. */
static const char *
parse_cpu(const char *text, unsigned *ret_cpu)
{
	const char *c = text;
	unsigned cpu = 0;

	for (; *c >= '0' && *c <= '9' && cpu < CPU_SETSIZE; c++)
		cpu = cpu * 10 + (unsigned)(*c - '0');
	*ret_cpu = cpu;
	return c == text || cpu >= CPU_SETSIZE ? NULL : c;
}

bool
cpus_parse(const char *text, cpu_set_t *ret_set)
{
	const char *c = text;
	unsigned first, last;
	cpu_set_t set;

	CPU_ZERO(&set);
	do {
		c = parse_cpu(c, &first);
		last = first;
		if (c != NULL && *c == '-')
			c = parse_cpu(c + 1, &last);
		if (c == NULL || last < first || (*c != ',' && *c != '\0'))
			return false;
		for (unsigned cpu = first; cpu <= last; cpu++)
			CPU_SET(cpu, &set);
	} while (*c++ == ',');
	*ret_set = set;
	return true;
}

int
cpus_of_slot(const cpu_set_t *set, unsigned slot)
{
	unsigned n = (unsigned)CPU_COUNT(set);

	if (n == 0)
		return -1;
	slot %= n;
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, set) && slot-- == 0)
			return (int)cpu;
	}
	return -1;
}
