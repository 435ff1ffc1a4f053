/*
 * status.h - what the server is doing, for people and for programs
 *
 * Private to the master.
 */
#ifndef MASTER_STATUS_H
#define MASTER_STATUS_H

#include <stdio.h>

struct master;

/* A table worth reading. */
void status_print(const struct master *m, FILE *out);

/*
 * One object on one line: {"generation":N,"master":PID,"uptime_s":N,
 * "config":"FILE","workers":[{"slot":N,"pid":N,"cpu":N,"generation":N,
 * "state":"serving","connections":N,"connections_refused":N,"calls_open":N,
 * "calls_total":N,"restarts":N}, ...],"expiries":[{"listener":"NAME",
 * "directive":"certificate","file":"FILE","expires_s":N}, ...]}; cpu is -1
 * where a worker is not pinned, expires_s is in seconds since 1970.
 */
void status_print_json(const struct master *m, FILE *out);

#endif
