/*
 * cpus.c - lists, slots and quotas, the latter in a /proc and /sys made here
 */
#include <config.h>

#include "base/cpus.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static char root[] = "/tmp/grpcd-cpus-XXXXXX";

/* Writes a file under root, and the directories that it needs. */
static void
put(const char *path, const char *text)
{
	char full[512];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *c = full + strlen(root) + 1; *c != '\0'; c++) {
		if (*c == '/') {
			*c = '\0';
			mkdir(full, 0700);
			*c = '/';
		}
	}
	file = fopen(full, "w");
	if (file == NULL) {
		perror(full);
		exit(99);
	}
	fputs(text, file);
	fclose(file);
}

static void
forget(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s/proc %s/sys", root, root);
	if (system(command) != 0)
		exit(99);
}

static void
test_quota_v2(void)
{
	is_int(0, cpus_quota(root), "no /proc, no quota");
	put("/proc/self/cgroup", "0::/a/b\n");
	is_int(0, cpus_quota(root), "no cgroup mounted");
	put("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
	is_int(0, cpus_quota(root), "a quota of max");
	put("/sys/fs/cgroup/a/b/cpu.max", "250000 100000\n");
	is_int(3, cpus_quota(root), "2.5 CPUs are rounded up");
	put("/sys/fs/cgroup/a/cpu.max", "200000 100000\n");
	is_int(2, cpus_quota(root), "the level above grants less");
	put("/sys/fs/cgroup/cpu.max", "1000 100000\n");
	is_int(1, cpus_quota(root), "and the root of the mount least");
	put("/proc/self/cgroup", "0::/../elsewhere\n");
	is_int(1, cpus_quota(root), "a group outside of the namespace");
	put("/proc/self/cgroup", "0::/\n");
	is_int(1, cpus_quota(root), "a group that is the root");
	put("/sys/fs/cgroup/cpu.max", "rubbish\n");
	is_int(0, cpus_quota(root), "rubbish is no quota");
	put("/sys/fs/cgroup/cpu.max", "100000 0\n");
	is_int(0, cpus_quota(root), "nor is a period of 0");
	put("/proc/self/cgroup", "rubbish\n::\n");
	is_int(0, cpus_quota(root), "rubbish in the list of groups");
	forget();
}

static void
test_quota_v1(void)
{
	put("/proc/self/cgroup",
	    "9:cpuset:/x\n4:cpuacct,cpu:/docker/1\n0::/\n");
	put("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "-1\n");
	put("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_period_us", "100000\n");
	is_int(0, cpus_quota(root), "version 1: -1 is no quota");
	put("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "400000\n");
	is_int(4, cpus_quota(root), "version 1: 4 CPUs");
	put("/proc/self/cgroup", "4:cpu:/host/path/1\n");
	put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n");
	put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
	is_int(2, cpus_quota(root), "version 1: the root of a container");
	forget();
}

static void
test_parse(void)
{
	static const struct {
		const char *text;
		int count; /* 0: refused */
	} examples[] = {
		{ "0", 1 },
		{ "0,2-3", 3 },
		{ "1,1,1-2", 2 },
		{ "1023", 1 },
		{ "0-1023", 1024 },
		{ "1024", 0 },
		{ "99999999999999999999", 0 },
		{ "", 0 },
		{ ",", 0 },
		{ "0,", 0 },
		{ ",0", 0 },
		{ "3-2", 0 },
		{ "1-", 0 },
		{ "-1", 0 },
		{ "1-2-3", 0 },
		{ "1 2", 0 },
		{ "a", 0 },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		cpu_set_t set;
		bool parsed = cpus_parse(examples[i].text, &set);

		is_int(examples[i].count, parsed ? CPU_COUNT(&set) : 0,
		    "CPUs of \"%s\"", examples[i].text);
	}
}

static void
test_slots(void)
{
	static const int expected[] = { 1, 4, 5, 1, 4, 5, 1 };
	cpu_set_t set;

	cpus_parse("1,4-5", &set);
	for (unsigned slot = 0; slot < 7; slot++)
		is_int(expected[slot], cpus_of_slot(&set, slot),
		    "CPU of slot %u", slot);
	CPU_ZERO(&set);
	is_int(-1, cpus_of_slot(&set, 0), "no CPU of an empty set");
}

static void
test_here(void)
{
	cpu_set_t set;

	ok(cpus_allowed(&set) && CPU_COUNT(&set) > 0, "some CPU is allowed");
	ok(cpus_usable() >= 1 && cpus_usable() <= CPU_COUNT(&set),
	    "and the usable are among these");
}

int
main(void)
{
	if (mkdtemp(root) == NULL) {
		perror(root);
		return 99;
	}
	test_quota_v2();
	test_quota_v1();
	test_parse();
	test_slots();
	test_here();
	rmdir(root);
	return done();
}
