/*
 * budget.h - how often a client may do what costs us and brings no call forward
 *
 * A bucket of `burst` tokens that fills at `rate` a second.
 */
#ifndef HTTP2_BUDGET_H
#define HTTP2_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
	int64_t tokens_us; /* tokens, in microseconds of filling */
	int64_t filled_us; /* when it was last filled */
};

void budget_init(struct budget *b, int64_t burst, int64_t rate, int64_t now_us);

/* Takes one token; false if there is none. */
bool budget_take(struct budget *b, int64_t burst, int64_t rate, int64_t now_us);

#endif
