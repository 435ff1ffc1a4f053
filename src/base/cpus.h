/*
 * cpus.h - which CPUs this process may use, and which worker gets which
 */
#ifndef BASE_CPUS_H
#define BASE_CPUS_H

#include <sched.h>
#include <stdbool.h>

/* The CPUs that sched_getaffinity allows; false with errno. */
bool cpus_allowed(cpu_set_t *ret_set);

/*
 * The number of CPUs that the cgroup's cpu.max (version 2, every level up to
 * the root; version 1's cfs_quota_us) grants, rounded up; 0 where there is no
 * limit.  root is "" but in tests, which bring a /proc and a /sys of their own.
 */
int cpus_quota(const char *root);

/* How many workers `auto` means: the allowed CPUs, at most the quota. */
int cpus_usable(void);

/* Parses "0,2-3"; false if it is no such list or is empty. */
bool cpus_parse(const char *text, cpu_set_t *ret_set);

/*
 * The CPU of worker number `slot`: the slot'th of the set, from the first
 * again when there are more workers than CPUs.  -1 for an empty set.
 */
int cpus_of_slot(const cpu_set_t *set, unsigned slot);

#endif
