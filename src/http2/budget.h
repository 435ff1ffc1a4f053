/*
 * budget.h - how often a client may do what costs us and brings no call forward
 *
 * A bucket that holds up to `burst` tokens and fills at `rate` a second.
 */
#ifndef HTTP2_BUDGET_H
#define HTTP2_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* Both at most this, so that a full bucket is a number of millionths. */
#define BUDGET_MAX INT64_C(1000000000)

struct budget {
	int32_t burst, rate;
	int64_t millionths; /* of a token, in the bucket */
	int64_t filled_us;  /* when it was last filled */
};

/* A full bucket. */
void budget_init(struct budget *b, int64_t burst, int64_t rate, int64_t now_us);

/* Takes n tokens; false, and none taken, if there are not as many. */
bool budget_take(struct budget *b, int64_t n, int64_t now_us);

/* Puts n tokens back; what has no room is lost. */
void budget_give(struct budget *b, int64_t n);

#endif
