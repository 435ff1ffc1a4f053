/*
 * child_end.c - a worker has ended: what is told of it, and who comes next
 *
 * Runs in the master.
 */
#include <config.h>

#include "master/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "master/generation.h"
#include "master/state.h"
#include "stats/stats.h"

/* A worker that lived less was in trouble from the start. */
#define SHORT_LIFE_US (10 * CLOCK_SECOND)
#define RESPAWN_FIRST_MS 1000
#define RESPAWN_LAST_MS 30000

/*
 * Puts a start on the calendar, and says so.  Not all workers that die of one
 * cause come back at one time: each waits for a random part more than half.
 */
static void
child_start_in(struct child *c)
{
	int64_t ms = c->respawn_ms / 2;

	ms += random() * (c->respawn_ms - ms) / RAND_MAX;
	c->due_us = clock_now_us() + ms * CLOCK_MS;
	c->respawn_ms *= 2;
	if (c->respawn_ms < RESPAWN_FIRST_MS)
		c->respawn_ms = RESPAWN_FIRST_MS;
	if (c->respawn_ms > RESPAWN_LAST_MS)
		c->respawn_ms = RESPAWN_LAST_MS;
	if (ms > 0)
		log_notice("worker %u is started again in %.1f s", c->slot,
		    (double)ms / 1000);
}

void
child_start_again(struct master *m, struct child *c)
{
	c->due_us = CLOCK_NEVER;
	if (child_start(m, c)) {
		m->slots.slots[c->slot].restarts++;
		return;
	}
	log_error("worker %u %s", c->slot, c->why);
	child_start_in(c);
}

/* "was killed by signal 11 (Segmentation fault)" */
static void
describe_end(int status, char *out, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(out, size, "was killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(out, size, "exited with status %d",
		    WEXITSTATUS(status));
}

/* How bad is this end?  That of a start that failed is told with the start. */
static enum log_level
level_of_end(const struct child *c, int status)
{
	if (!c->generation->served)
		return LOG_LEVEL_DEBUG;
	if (c->state == CHILD_STOPPING && c->why[0] == '\0')
		return LOG_LEVEL_INFO;
	if (c->state == CHILD_DRAINING && status == 0)
		return LOG_LEVEL_INFO;
	if (status == 0) /* somebody has sent it a signal to leave */
		return LOG_LEVEL_WARN;
	return c->why[0] == '\0' ? LOG_LEVEL_ALERT : LOG_LEVEL_ERROR;
}

static void
child_log_end(const struct child *c, int status, int64_t lived_us)
{
	char how[64], lived[TEXT_MAX], place[CHILD_PLACE];
	bool by_itself = c->state != CHILD_STOPPING && c->why[0] == '\0';

	describe_end(status, how, sizeof(how));
	log_write(level_of_end(c, status),
	    "worker %u (pid %d) of generation %u %s after %s%s%s%s", c->slot,
	    (int)c->pid, c->generation->number, how,
	    text_format_time(lived_us / CLOCK_MS, lived),
	    by_itself && status != 0 ? child_place(c, place) : "",
	    c->why[0] != '\0' ? ": it " : "", c->why);
}

void
child_ended(struct master *m, struct child *c, int status)
{
	int64_t lived_us = clock_now_us() - c->started_us;
	char how[64], place[CHILD_PLACE];
	bool served;

	child_receive(m, c); /* its last words */
	if (c->channel != -1)
		close(c->channel);
	c->channel = -1;
	child_log_end(c, status, lived_us);
	describe_end(status, how, sizeof(how));
	if (c->why[0] == '\0')
		snprintf(c->why, sizeof(c->why), "%s before it served%s", how,
		    child_place(c, place));
	stats_give(m->stats, c->slot, c->stats);
	c->stats = NULL;
	c->pid = 0;
	served = c->state >= CHILD_SERVING;
	child_set_state(c, CHILD_NONE);
	c->due_us = CLOCK_NEVER;
	if (c->generation->state != GENERATION_SERVING)
		return;
	if (served && lived_us >= SHORT_LIFE_US)
		c->respawn_ms = 0;
	child_start_in(c);
}
