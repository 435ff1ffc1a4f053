/*
 * state.h - the states of a worker, as its row of the counters tells them
 */
#ifndef PROC_STATE_H
#define PROC_STATE_H

#include <stdint.h>

enum worker_state {
#define STATE(name, word) WORKER_##name,
#include "proc/state.def"
	WORKER_STATES
};

/* "serving"; "unknown" for what is no state. */
const char *state_word(uint32_t state);

#endif
