/*
 * ticker.c - a stream that a timer drives
 *
 * Shows how to answer later: the call is kept, and its events do the rest.
 */
#include "ticker.grpcd.h"

#include <time.h>

/* What one call is about; its memory goes with the call. */
struct watch {
	int64_t interval_ms;
	uint64_t number, count;
};

static struct {
	int64_t min_interval_ms;
} conf;

static const struct grpcd_directive directives[] = {
	GRPCD_TIME("min_interval", &conf.min_interval_ms, "100ms", 1, 3600000,
	    "Shortest interval that a client may ask for."),
	GRPCD_DIRECTIVES_END,
};

static int64_t
unix_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static enum grpcd_flow
send_tick(struct grpcd_call *call, bool last)
{
	struct watch *watch = grpcd_data(call);
	Examples__Tick tick = EXAMPLES__TICK__INIT;

	tick.number = ++watch->number;
	tick.unix_ms = unix_ms();
	tick.last = last;
	return examples_ticker_watch_write(call, &tick);
}

/* A client that does not read gets no ticks, until it does. */
static void
on_timer(struct grpcd_call *call)
{
	const struct watch *watch = grpcd_data(call);
	bool last = watch->number + 1 == watch->count;
	enum grpcd_flow flow = send_tick(call, last);

	if (last)
		grpcd_finish(call);
	else if (flow == GRPCD_GO)
		grpcd_after(call, watch->interval_ms);
}

static void
on_writable(struct grpcd_call *call)
{
	const struct watch *watch = grpcd_data(call);

	grpcd_after(call, watch->interval_ms);
}

/* The server stops: better a last tick now than an error in a while. */
static void
on_drain(struct grpcd_call *call, int64_t ms_left)
{
	(void)ms_left;
	send_tick(call, true);
	grpcd_finish(call);
}

static const struct grpcd_events events = {
	.timer = on_timer,
	.writable = on_writable,
	.drain = on_drain,
};

static void
watch(struct grpcd_call *call, const Examples__WatchRequest *request)
{
	struct watch *watch = grpcd_alloc(call, sizeof(*watch));

	if (request->interval_ms < conf.min_interval_ms) {
		grpcd_fail(call, GRPCD_INVALID_ARGUMENT,
		    "interval_ms must be %lld or more",
		    (long long)conf.min_interval_ms);
		return;
	}
	watch->interval_ms = request->interval_ms;
	watch->count = request->count;
	grpcd_keep(call, &events, watch);
	grpcd_after(call, 0);
}

static const struct examples_ticker_ops ops = { .watch = watch };

static const struct grpcd_service ticker = {
	EXAMPLES_TICKER(&ops),
	.directives = directives,
};

GRPCD_MODULE(&ticker)
