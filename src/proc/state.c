/*
 * state.c - the words for the states of a worker
 */
#include <config.h>

#include "proc/state.h"

const char *
state_word(uint32_t state)
{
	static const char *const words[] = {
#define STATE(name, word) word,
#include "proc/state.def"
	};

	return state < WORKER_STATES ? words[state] : "unknown";
}
