/*
 * budget.c - a token bucket, counted in millionths of a token
 *
 * Runs in workers.  A rate a second is as many millionths a microsecond, so
 * that nothing is lost to rounding however often it is asked.
 */
#include <config.h>

#include "http2/budget.h"

#include "base/check.h"

#define MILLIONTHS INT64_C(1000000)

void
budget_init(struct budget *b, int64_t burst, int64_t rate, int64_t now_us)
{
	ENSURE(burst > 0 && burst <= BUDGET_MAX);
	ENSURE(rate > 0 && rate <= BUDGET_MAX);
	*b = (struct budget){
		.burst = (int32_t)burst,
		.rate = (int32_t)rate,
		.millionths = burst * MILLIONTHS,
		.filled_us = now_us,
	};
}

static void
budget_fill(struct budget *b, int64_t now_us)
{
	int64_t room = b->burst * MILLIONTHS - b->millionths;
	int64_t elapsed_us = now_us - b->filled_us;

	if (elapsed_us <= 0)
		return;
	b->filled_us = now_us;
	if (elapsed_us > room / b->rate)
		b->millionths += room;
	else
		b->millionths += elapsed_us * b->rate;
}

bool
budget_take(struct budget *b, int64_t n, int64_t now_us)
{
	budget_fill(b, now_us);
	if (n > b->millionths / MILLIONTHS)
		return false;
	b->millionths -= n * MILLIONTHS;
	return true;
}

void
budget_give(struct budget *b, int64_t n)
{
	int64_t room = b->burst * MILLIONTHS - b->millionths;

	if (n > room / MILLIONTHS)
		b->millionths += room;
	else
		b->millionths += n * MILLIONTHS;
}
