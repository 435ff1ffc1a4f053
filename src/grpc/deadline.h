/*
 * deadline.h - the times of a call: its deadline, its age, grpcd_after()
 *
 * One timer of the host serves the earliest of them.  A deadline gets it only
 * when the batch of input is over in which the call began: most calls have
 * ended by then.  It holds for a large answer that the client does not read,
 * too: a window that stays shut would keep its memory for ever.
 */
#ifndef GRPC_DEADLINE_H
#define GRPC_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "grpc/call.h"

struct grpc;

/* Sets the deadline of a new call, to be armed by deadline_settle. */
void deadline_set(struct call *c, int64_t when_us);

/* The same of the age of a stream, with a deadline or without. */
void deadline_age(struct call *c, int64_t when_us);

/* Arms the deadlines that were set since the last time. */
void deadline_settle(struct grpc *g);

/* Sets the service's own time, CLOCK_NEVER: none; false without memory. */
bool deadline_after(struct call *c, int64_t when_us);

/* The call has its answer: of its times only the deadline may still matter. */
void deadline_leave(struct call *c);

static inline void
deadline_answered(struct call *c)
{
	if (c->unarmed.le_prev || c->timer)
		deadline_leave(c);
}

/* Gives back what a call has for its times. */
void deadline_release(struct call *c);

static inline void
deadline_clear(struct call *c)
{
	if (c->unarmed.le_prev || c->timer)
		deadline_release(c);
}

#endif
