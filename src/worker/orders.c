/*
 * orders.c - what the master says to this worker, and the signals it obeys
 *
 * Runs in workers.  The master speaks over the channel; its end means that the
 * master is gone, and then a worker drains and leaves.  TERM and QUIT are
 * obeyed when sent to a worker itself, and USR1 is passed on to the master, who
 * alone may open logs; what a terminal sends to the whole group (INT, HUP) is
 * the master's to act on.
 */
#include <config.h>

#include "worker/private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "config/config.h"
#include "net/net.h"
#include "proc/channel.h"

static void
go(struct worker *w)
{
	if (w->state != WORKER_READY)
		return;
	worker_set_state(w, WORKER_SERVING);
	if (!sockets_accept(w))
		log_fatal("cannot accept connections: no memory");
}

/* The new log takes the place of the old one, whoever has its descriptor. */
static void
take_log(const struct worker *w, int fd)
{
	const struct config_main *main = &w->config->main;

	if (fd == -1 || dup3(fd, w->heritage->log, O_CLOEXEC) == -1) {
		log_error("cannot take the new log: %s", strerror(errno));
		return;
	}
	log_use(w->heritage->log, main->error_log, main->log_level);
}

/* Accepts for a slot whose worker is missing; takes the descriptor over. */
static void
adopt(struct worker *w, int64_t number, int fd)
{
	size_t listener = CHANNEL_LISTENER(number);
	int socket;

	ENSURE(listener < w->config->n_listeners);
	if (w->state > WORKER_WARNING)
		return;
	socket = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (socket == -1 ||
	    !net_accept(w->net, CHANNEL_SLOT(number), listener, socket))
		log_error("cannot accept for worker %u meanwhile: %s",
		    CHANNEL_SLOT(number), strerror(errno));
}

static void
obey(struct worker *w, const struct message *m, int fd)
{
	switch (m->kind) {
	case MESSAGE_LOG:
		take_log(w, fd);
		break;
	case MESSAGE_ADOPT:
		adopt(w, m->number, fd);
		break;
	case MESSAGE_RELEASE:
		net_release(w->net, (unsigned)m->number);
		break;
	case MESSAGE_GO:
		go(w);
		break;
	case MESSAGE_DRAIN:
		worker_drain(w, m->number == 1);
		break;
	case MESSAGE_HURRY:
		worker_hurry(w);
		break;
	case MESSAGE_STOP:
		worker_stop(w);
		break;
	default:
		log_alert("the master said %s, which is not its to say",
		    message_name(m->kind));
	}
}

static void
on_order(evutil_socket_t socket, short what, void *arg)
{
	struct worker *w = arg;
	struct message m;
	int fd, got;

	(void)what;
	CHECK(w, WORKER_MAGIC);
	worker_now(w);
	while ((got = channel_receive(socket, &m, &fd)) == 1) {
		obey(w, &m, fd);
		if (fd != -1)
			close(fd);
	}
	if (got == -1 && errno == EAGAIN)
		return;
	event_del(&w->orders);
	if (w->state < WORKER_WARNING)
		log_warn("the master is gone; drains and leaves");
	worker_drain(w, true);
}

/* A master that is gone, or does not listen, is told nothing. */
static void
tell(const struct worker *w, enum message_kind kind)
{
	if (channel_send(w->heritage->channel, kind, 0, -1, NULL) == -1)
		log_info("cannot tell the master %s: %s", message_name(kind),
		    strerror(errno));
}

static void
on_signal(evutil_socket_t socket, short what, void *arg)
{
	struct worker *w = arg;
	struct signalfd_siginfo info;

	(void)what;
	CHECK(w, WORKER_MAGIC);
	worker_now(w);
	while (read(socket, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		log_info("got %s", strsignal((int)info.ssi_signo));
		tell(w, info.ssi_signo == SIGUSR1 ? MESSAGE_REOPEN
						  : MESSAGE_LEAVING);
		if (info.ssi_signo == SIGQUIT)
			worker_drain(w, false);
		else if (info.ssi_signo == SIGTERM)
			worker_stop(w);
	}
}

static int
open_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGUSR2, SIGWINCH,
		SIGPIPE, SIGALRM };
	sigset_t set;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_SETMASK, &set, NULL) == -1)
		return -1;
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

const char *
orders_listen(struct worker *w)
{
	int signals = open_signals();

	if (signals == -1)
		return strerror(errno);
	event_assign(&w->orders, w->base, w->heritage->channel,
	    EV_READ | EV_PERSIST, on_order, w);
	event_assign(&w->signals, w->base, signals, EV_READ | EV_PERSIST,
	    on_signal, w);
	if (event_add(&w->orders, NULL) == -1 ||
	    event_add(&w->signals, NULL) == -1)
		return "no memory";
	return NULL;
}
