/*
 * worker.c - the life of a worker, from fork to exit
 *
 * Sockets first, while it may still bind; then privileges go; then whatever
 * belongs to services runs.  It accepts only once the master has said GO, which
 * is when all workers of its generation are ready.
 */
#include <config.h>

#include "worker/worker.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/keyring.h"
#include "base/log.h"
#include "config/config.h"
#include "grpc/registry.h"
#include "grpc/server.h"
#include "http2/session.h"
#include "net/net.h"
#include "proc/channel.h"
#include "proc/process.h"
#include "proc/title.h"
#include "stats/stats.h"
#include "worker/client.h"
#include "worker/modules.h"
#include "worker/private.h"

/* Row: from; bits: to. */
static const uint8_t worker_may[WORKER_STATES] = {
	[WORKER_STARTING] = 1u << WORKER_READY,
	[WORKER_READY] = 1u << WORKER_SERVING | 1u << WORKER_LEAVING,
	[WORKER_SERVING] = 1u << WORKER_WARNING | 1u << WORKER_LEAVING,
	[WORKER_WARNING] = 1u << WORKER_DRAINING | 1u << WORKER_LEAVING,
	[WORKER_DRAINING] = 1u << WORKER_ENDING | 1u << WORKER_LEAVING,
	[WORKER_ENDING] = 1u << WORKER_LEAVING,
};

void
worker_set_state(struct worker *w, enum worker_state to)
{
	struct stats_row *row = w->heritage->stats;

	ENSURE(worker_may[w->state] & 1u << to);
	w->state = to;
	__atomic_store_n(&row->state_ends_us, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&row->state, (uint32_t)to, __ATOMIC_RELAXED);
}

int64_t
worker_now(struct worker *w)
{
	if (!w->turn_timed) {
		w->turn_timed = true;
		w->now_us = clock_now_us();
		http2_set_time(w->http2, w->now_us);
		grpc_set_time(w->grpc, w->now_us);
	}
	return w->now_us;
}

/* Pins this process; a CPU that has gone away meanwhile is not fatal. */
static void
pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == -1)
		log_warn("cannot be pinned to CPU %d: %s", cpu,
		    strerror(errno));
}

static void
introduce(const struct heritage *h)
{
	log_use(h->log, h->config->main.error_log, h->config->main.log_level);
	log_role("worker %u", h->slot);
	srandom((unsigned)getpid());
	if (h->cpu >= 0)
		title_set("grpcd: worker process %u (cpu %d)", h->slot, h->cpu);
	else
		title_set("grpcd: worker process %u", h->slot);
}

/* Logs all errors, and returns the first for the master. */
static const char *
first_error(const struct config_messages *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		log_error("%s", errors->text[i]);
	return errors->n > 0 ? errors->text[0] : "no memory";
}

static const char *
load_services(struct worker *w, struct config_messages *errors)
{
	w->modules = modules_load(w->config, w->heritage->modules, -1, errors);
	if (!w->modules)
		return first_error(errors);
	w->registry = registry_new(w->config, modules_sources(w->modules),
	    modules_count(w->modules), errors);
	return w->registry ? NULL : first_error(errors);
}

static void
on_libevent_log(int severity, const char *text)
{
	log_limited(severity >= EVENT_LOG_WARN ? LOG_LEVEL_WARN
					       : LOG_LEVEL_DEBUG,
	    "libevent: %s", text);
}

static void
on_libevent_fatal(int error)
{
	log_alert("libevent gives up (error %d)", error);
	abort();
}

/*
 * A base of our own, made after fork.  The environment has no say: with
 * EVENT_EPOLL_USE_CHANGELIST a shared listening socket that is closed would
 * stay in the epoll set, and spin.
 */
static struct event_base *
make_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	event_set_log_callback(on_libevent_log);
	event_set_fatal_callback(on_libevent_fatal);
	if (config &&
	    event_config_set_flag(config,
		EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV) == 0)
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

/* False with what is wrong with certificates in errors. */
static bool
make_net(struct worker *w, struct config_messages *errors)
{
	const struct net_means means = {
		.base = w->base,
		.config = w->config,
		.stats = w->heritage->all_stats,
		.row = w->heritage->stats,
	};

	w->net = net_new(&means, &client_handler, w);
	if (!w->net || !net_secure(w->net, w->heritage->tickets, errors))
		return false;
	config_forget_secrets(w->config);
	keyring_protect(w->heritage->tickets);
	return true;
}

static const char *
make_engine(struct worker *w, struct config_messages *errors)
{
	struct stats_row *row = w->heritage->stats;

	w->base = make_base();
	w->http2 = http2_new(grpc_handler(), row);
	w->grpc = grpc_new(w->registry, &timers_host, w, row);
	if (!w->base || !w->http2 || !w->grpc || !make_net(w, errors))
		return first_error(errors);
	return NULL;
}

static const char *
start_services(struct worker *w, struct config_messages *errors)
{
	for (; w->n_started < registry_count(w->registry); w->n_started++)
		if (!grpc_start(w->grpc, w->n_started, errors))
			return first_error(errors);
	return NULL;
}

/* Everything up to READY.  NULL, or why this worker cannot start. */
static const char *
start(struct worker *w, struct config_messages *errors)
{
	const char *why;

	pin(w->heritage->cpu);
	if ((why = process_prepare(w->config)) != NULL)
		return why;
	if ((why = sockets_open(w)) != NULL)
		return why;
	if ((why = heritage_drop_privileges(w->config)) != NULL)
		return why;
	if ((why = process_confine(w->config)) != NULL)
		return why;
	if ((why = load_services(w, errors)) != NULL)
		return why;
	if ((why = make_engine(w, errors)) != NULL)
		return why;
	worker_now(w);
	drain_init(w);
	if ((why = orders_listen(w)) != NULL)
		return why;
	return start_services(w, errors);
}

static void
on_pulse(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	worker_now(arg);
}

/* Has an idle worker turn often enough for whoever watches its heartbeat. */
static void
start_pulse(struct worker *w)
{
	int64_t ms = w->heritage->pulse_ms;
	struct timeval every = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	event_assign(&w->pulse, w->base, -1, EV_PERSIST, on_pulse, w);
	if (ms > 0)
		event_add(&w->pulse, &every);
}

/* The time of the turn: whoever watches it finds a loop that hangs. */
static void
beat(struct worker *w)
{
	__atomic_store_n(&w->heritage->stats->heartbeat_us, worker_now(w),
	    __ATOMIC_RELAXED);
}

static void
loop(struct worker *w)
{
	start_pulse(w);
	while (w->state != WORKER_LEAVING) {
		w->turn_timed = false;
		if (event_base_loop(w->base, EVLOOP_ONCE) == -1)
			log_fatal("event loop: %s", strerror(errno));
		beat(w);
		worker_check_drained(w);
	}
}

/* Undoes start, as far as it came. */
static void
finish(struct worker *w)
{
	net_free(&w->net);
	while (w->n_started > 0)
		grpc_stop(w->grpc, --w->n_started);
	grpc_free(&w->grpc);
	http2_free(&w->http2);
	freelist_fini(&w->clients);
	freelist_fini(&w->timers);
	if (w->base)
		event_base_free(w->base);
	registry_free(&w->registry);
	modules_free(&w->modules);
	sockets_close(w);
	w->magic = 0;
}

int
worker_main(const struct heritage *heritage)
{
	struct worker w = { .magic = WORKER_MAGIC,
		.heritage = heritage,
		.config = heritage->config };
	struct config_messages errors = { NULL, 0 };
	const char *why;
	int status = 0;

	introduce(heritage);
	clients_init(&w);
	timers_init(&w);
	why = start(&w, &errors);
	if (why) {
		channel_send(heritage->channel, MESSAGE_FAILED, 0, -1, why);
		status = WORKER_UNFIT;
	} else {
		worker_set_state(&w, WORKER_READY);
		w.turn_timed = false;
		beat(&w);
		channel_send(heritage->channel, MESSAGE_READY, 0, -1, NULL);
		loop(&w);
	}
	config_messages_free(&errors);
	finish(&w);
	return status;
}
