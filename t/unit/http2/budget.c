/*
 * budget.c - a bucket empties, fills with time, and never overflows
 */
#include <config.h>

#include "http2/budget.h"

#include "base/clock.h"
#include "tap.h"

static void
test_taking(void)
{
	struct budget b;
	int i, taken = 0;

	budget_init(&b, 5, 2, 0);
	for (i = 0; i < 10; i++)
		taken += budget_take(&b, 1, 0);
	is_int(5, taken, "the burst can be taken at once, and no more");
	ok(!budget_take(&b, 1, CLOCK_SECOND / 2 - 1),
	    "nothing before its time");
	budget_init(&b, 5, 2, 0);
	ok(budget_take(&b, 5, 0), "several at once");
	ok(budget_take(&b, 1, CLOCK_SECOND / 2), "one comes after its time");
	ok(!budget_take(&b, 1, CLOCK_SECOND / 2), "one");
	budget_init(&b, 5, 2, 0);
	ok(!budget_take(&b, 6, 0), "more than there are cannot be taken");
	ok(budget_take(&b, 5, 0), "and none of them is");
}

static void
test_filling(void)
{
	struct budget b;
	int i, taken = 0;

	budget_init(&b, 2, 33, 0);
	ok(budget_take(&b, 2, 0), "the first two");
	for (i = 1; i <= 1000; i++)
		taken += budget_take(&b, 1, i * CLOCK_MS);
	is_int(33, taken, "often asked, a rate loses nothing");
	ok(budget_take(&b, 0, 10 * CLOCK_SECOND), "after a long time");
	ok(!budget_take(&b, 3, 10 * CLOCK_SECOND), "there is the burst only");
	budget_init(&b, 5, 2, CLOCK_SECOND);
	ok(budget_take(&b, 5, 0), "a clock that goes back takes nothing away");
	ok(!budget_take(&b, 1, CLOCK_SECOND), "and gives nothing");
}

static void
test_giving(void)
{
	struct budget b;

	budget_init(&b, 5, 1, 0);
	ok(budget_take(&b, 4, 0), "four of five");
	budget_give(&b, 2);
	ok(budget_take(&b, 3, 0), "two given back can be taken");
	budget_give(&b, INT64_MAX);
	ok(!budget_take(&b, 6, 0), "what has no room is lost");
}

static void
test_largest(void)
{
	struct budget b;

	budget_init(&b, BUDGET_MAX, BUDGET_MAX, 0);
	ok(budget_take(&b, BUDGET_MAX, INT64_MAX), "the largest burst");
	budget_init(&b, BUDGET_MAX, 1, 0);
	ok(budget_take(&b, BUDGET_MAX, 0), "taken whole");
	ok(budget_take(&b, BUDGET_MAX, INT64_MAX), "fills in a long time");
}

int
main(void)
{
	test_taking();
	test_filling();
	test_giving();
	test_largest();
	return done();
}
