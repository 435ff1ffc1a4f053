/*
 * pulse.h - whether the workers still turn their loops
 */
#ifndef MASTER_PULSE_H
#define MASTER_PULSE_H

#include <stdbool.h>
#include <stdint.h>

struct config;
struct master;

/* How often a worker of this config has to beat, in ms; 0: as it comes. */
int64_t pulse_ms(const struct config *config);

/* Ends the workers that have not beaten for worker_timeout. */
void pulse_check(struct master *m);

/* When pulse_check has something to do, or CLOCK_NEVER. */
int64_t pulse_due_us(const struct master *m);

/* Have all workers that are in their loops beaten within that time? */
bool pulse_is_fresh(const struct master *m, int64_t within_us);

#endif
