/*
 * child.c - a worker as the master sees it
 *
 * Runs in the master.  One function changes the state; what a worker says, its
 * deadlines and its end all come here.
 */
#include <config.h>

#include "master/child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "master/generation.h"
#include "master/logs.h"
#include "master/slots.h"
#include "master/spawn.h"
#include "master/state.h"
#include "proc/channel.h"
#include "proc/heritage.h"
#include "stats/stats.h"

/* nginx's: TERM after 50 ms, again after twice as long, then KILL. */
#define STOP_FIRST_MS 50
#define STOP_LAST_MS 1000

/* From the end of the channel to the end of the process. */
#define EXIT_US (5 * CLOCK_SECOND)

/* From ABRT to KILL: a core dump takes its time. */
#define ABORT_US (5 * CLOCK_SECOND)

/* How much longer than its own limits a worker may drain. */
#define DRAIN_SLACK_US CLOCK_SECOND

/* Row: from; bits: to. */
static const unsigned may_become[CHILD_STATES] = {
	[CHILD_NONE] = 1u << CHILD_BINDING | 1u << CHILD_STARTING,
	[CHILD_BINDING] =
	    1u << CHILD_STARTING | 1u << CHILD_STOPPING | 1u << CHILD_NONE,
	[CHILD_STARTING] =
	    1u << CHILD_READY | 1u << CHILD_STOPPING | 1u << CHILD_NONE,
	[CHILD_READY] =
	    1u << CHILD_SERVING | 1u << CHILD_STOPPING | 1u << CHILD_NONE,
	[CHILD_SERVING] =
	    1u << CHILD_DRAINING | 1u << CHILD_STOPPING | 1u << CHILD_NONE,
	[CHILD_DRAINING] = 1u << CHILD_STOPPING | 1u << CHILD_NONE,
	[CHILD_STOPPING] = 1u << CHILD_NONE,
};

void
child_set_state(struct child *c, enum child_state to)
{
	ENSURE(may_become[c->state] & 1u << to);
	c->state = to;
}

void
child_init(struct child *c, struct generation *g, unsigned slot, int cpu)
{
	*c = (struct child){ .generation = g,
		.slot = slot,
		.cpu = cpu,
		.state = CHILD_NONE,
		.channel = -1,
		.due_us = CLOCK_NEVER };
}

bool
child_start(struct master *m, struct child *c)
{
	const struct config *config = c->generation->config;
	int64_t now = clock_now_us();

	c->why[0] = '\0';
	if (!spawn_worker(m, c))
		return false;
	child_set_state(c, slots_complete(&m->slots, c->slot, config)
			       ? CHILD_STARTING
			       : CHILD_BINDING);
	c->started_us = now;
	c->due_us = now + config->main.start_timeout * CLOCK_MS;
	return true;
}

void
child_tell(struct child *c, enum message_kind kind, int64_t number, int fd)
{
	if (c->channel == -1 ||
	    channel_send(c->channel, kind, number, fd, NULL) == 0 ||
	    errno == EPIPE || errno == ECONNRESET)
		return;
	log_error("worker %u (pid %d) cannot be told %s: %s; it is killed",
	    c->slot, (int)c->pid, message_name(kind), strerror(errno));
	kill(c->pid, SIGKILL);
}

void
child_go(struct child *c)
{
	child_set_state(c, CHILD_SERVING);
	c->due_us = CLOCK_NEVER;
	log_info("worker %u (pid %d) of generation %u serves", c->slot,
	    (int)c->pid, c->generation->number);
	child_tell(c, MESSAGE_GO, 0, -1);
}

static void
child_drains(struct child *c)
{
	child_set_state(c, CHILD_DRAINING);
	c->due_us = clock_now_us() + DRAIN_SLACK_US +
		    config_drain_ms(&c->generation->config->main) * CLOCK_MS;
}

static void
child_drain(struct child *c, bool leaving)
{
	child_drains(c);
	child_tell(c, MESSAGE_DRAIN, leaving, -1);
}

void
child_retire(struct child *c, bool leaving)
{
	if (c->state == CHILD_SERVING)
		child_drain(c, leaving);
	else if (c->state != CHILD_DRAINING)
		child_stop(c);
}

void
child_hurry(struct child *c)
{
	const struct config_main *main = &c->generation->config->main;
	int64_t due_us = clock_now_us() + DRAIN_SLACK_US +
			 main->lingering_timeout * CLOCK_MS;

	if (c->state != CHILD_DRAINING)
		return;
	if (due_us < c->due_us)
		c->due_us = due_us;
	child_tell(c, MESSAGE_HURRY, 0, -1);
}

void
child_stop(struct child *c)
{
	if (c->state == CHILD_STOPPING)
		return;
	c->due_us = CLOCK_NEVER;
	if (c->state == CHILD_NONE)
		return;
	child_set_state(c, CHILD_STOPPING);
	c->signal_ms = STOP_FIRST_MS;
	c->due_us = clock_now_us() + c->signal_ms * CLOCK_MS;
	child_tell(c, MESSAGE_STOP, 0, -1);
}

const char *
child_place(const struct child *c, char out[CHILD_PLACE])
{
	const char *method = c->stats->method;

	snprintf(out, CHILD_PLACE, "%s%.*s", method[0] == '\0' ? "" : ", in ",
	    (int)sizeof(c->stats->method), method);
	return out;
}

void
child_abort(struct child *c)
{
	char limit[TEXT_MAX], place[CHILD_PLACE];

	child_set_state(c, CHILD_STOPPING);
	snprintf(c->why, sizeof(c->why),
	    "had no heartbeat within worker_timeout (%s)%s",
	    text_format_time(c->generation->config->main.worker_timeout, limit),
	    child_place(c, place));
	log_error("worker %u (pid %d) %s; it is aborted", c->slot, (int)c->pid,
	    c->why);
	c->signal_ms = STOP_LAST_MS;
	c->due_us = clock_now_us() + ABORT_US;
	kill(c->pid, SIGABRT);
}

/* Kills a worker that has failed to become ready, or to leave. */
static void
child_kill(struct child *c)
{
	if (c->state != CHILD_STOPPING)
		child_set_state(c, CHILD_STOPPING);
	if (c->signal_ms < STOP_LAST_MS)
		c->signal_ms = STOP_LAST_MS;
	c->due_us = clock_now_us() + c->signal_ms * CLOCK_MS;
	kill(c->pid, SIGKILL);
}

/* Takes the socket of a listener; false if the slot wants none. */
static bool
child_adopt(struct master *m, struct child *c, int64_t number, int fd)
{
	const struct config *config = c->generation->config;
	struct slot_socket socket = { .fd = fd };

	if (c->state != CHILD_BINDING || fd == -1 || number < 0 ||
	    (uint64_t)number >= config->n_listeners)
		return false;
	socket.address = config->listeners[number].d.address.address;
	socket.listens = !spawn_binds_only(m, &socket.address);
	if (slots_find(&m->slots, c->slot, &socket.address) != NULL ||
	    !slots_add(&m->slots, c->slot, &socket))
		return false;
	if (slots_complete(&m->slots, c->slot, config))
		child_set_state(c, CHILD_STARTING);
	return true;
}

static void
child_listening(struct master *m, struct child *c, int64_t number, int fd)
{
	if (child_adopt(m, c, number, fd))
		return;
	if (fd != -1)
		close(fd);
	if (c->state != CHILD_STOPPING)
		log_error("worker %u (pid %d) sent a socket that nobody asked "
			  "for",
		    c->slot, (int)c->pid);
}

/* Somebody has sent it a signal: the slot is free when it has gone. */
static void
child_leaves(struct child *c)
{
	if (c->state != CHILD_SERVING)
		return;
	log_warn("worker %u (pid %d) was told to leave, but not by the master",
	    c->slot, (int)c->pid);
	child_drains(c);
}

static void
child_message(struct master *m, struct child *c, const struct message *message,
    int fd)
{
	switch (message->kind) {
	case MESSAGE_LISTENING:
		child_listening(m, c, message->number, fd);
		return;
	case MESSAGE_READY:
		if (c->state != CHILD_STARTING)
			break;
		child_set_state(c, CHILD_READY);
		c->due_us = CLOCK_NEVER;
		if (c->generation->state == GENERATION_SERVING)
			child_go(c);
		return;
	case MESSAGE_REOPEN:
		log_notice("worker %u (pid %d) asks for the logs to be opened "
			   "again",
		    c->slot, (int)c->pid);
		logs_request(m);
		return;
	case MESSAGE_LEAVING:
		child_leaves(c);
		return;
	case MESSAGE_FAILED:
		snprintf(c->why, sizeof(c->why), "cannot start: %.*s",
		    MESSAGE_TEXT, message->text);
		return;
	default:
		break;
	}
	if (c->state != CHILD_STOPPING)
		log_error("worker %u (pid %d) sent %s out of turn", c->slot,
		    (int)c->pid, message_name(message->kind));
}

static void
child_hang_up(struct child *c)
{
	int64_t due = clock_now_us() + EXIT_US;

	close(c->channel);
	c->channel = -1;
	if (c->due_us > due)
		c->due_us = due;
}

void
child_receive(struct master *m, struct child *c)
{
	struct message message;
	int fd, n;

	while (c->channel != -1) {
		n = channel_receive(c->channel, &message, &fd);
		if (n == 1) {
			child_message(m, c, &message, fd);
			continue;
		}
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1 && errno == EPROTO) {
			log_error("worker %u (pid %d) sent no message of ours",
			    c->slot, (int)c->pid);
			continue;
		}
		child_hang_up(c);
	}
}

/* The time is over in which it should have become ready, or left. */
static void
child_late(struct child *c)
{
	char limit[TEXT_MAX], place[CHILD_PLACE];

	if (c->channel == -1)
		snprintf(c->why, sizeof(c->why),
		    "closed its channel but did not leave");
	else
		snprintf(c->why, sizeof(c->why),
		    "was not ready within start_timeout (%s)%s",
		    text_format_time(c->generation->config->main.start_timeout,
			limit),
		    child_place(c, place));
	child_kill(c);
}

/* It did not leave when it was told to. */
static void
child_escalate(struct child *c)
{
	c->signal_ms *= 2;
	if (c->signal_ms <= STOP_LAST_MS) {
		c->due_us = clock_now_us() + c->signal_ms * CLOCK_MS;
		kill(c->pid, SIGTERM);
		return;
	}
	log_warn("worker %u (pid %d) does not stop; it is killed", c->slot,
	    (int)c->pid);
	child_kill(c);
}

void
child_due(struct master *m, struct child *c)
{
	if (c->state == CHILD_NONE) {
		child_start_again(m, c);
	} else if (c->state == CHILD_STOPPING) {
		child_escalate(c);
	} else if (c->state == CHILD_DRAINING) {
		log_error("worker %u (pid %d) does not finish draining",
		    c->slot, (int)c->pid);
		child_stop(c);
	} else {
		child_late(c);
	}
}
