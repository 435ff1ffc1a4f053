/*
 * connection.c - the life of one client's connection
 *
 * Runs in workers.  Reads go through the worker's one read buffer straight to
 * the owner; what the owner wants to say is gathered in the one write buffer
 * and sent at once.  Only what the kernel does not take is kept here, and while
 * sending waits for room nothing is read: a client that does not read its
 * answers cannot make us hold more of them.
 *
 *	HANDSHAKE -> OPEN -> CLOSING -> LINGERING -> CLOSED
 *
 * A handshake is TLS's: plain connections begin with OPEN.
 *
 * A close never resets what the client has yet to read: writing is shut down,
 * then its bytes are discarded until its end or lingering_timeout, since
 * close() with unread bytes makes the kernel send RST (RFC 1122, 4.2.2.13).
 */
#include <config.h>

#include "net/private.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/tls.h"
#include "net/tls_server.h"
#include "stats/stats.h"

/* Full write buffers sent in a row before others have their turn. */
#define SEND_ROUNDS 4

/* What handshakes may take of a turn of the loop, so that calls go on. */
#define HANDSHAKES_US 500

static const uint8_t connection_may[CONNECTION_STATES] = {
	[CONNECTION_HANDSHAKE] =
	    1u << CONNECTION_OPEN | 1u << CONNECTION_CLOSING |
	    1u << CONNECTION_LINGERING | 1u << CONNECTION_CLOSED,
	[CONNECTION_OPEN] = 1u << CONNECTION_CLOSING |
			    1u << CONNECTION_LINGERING |
			    1u << CONNECTION_CLOSED,
	[CONNECTION_CLOSING] =
	    1u << CONNECTION_LINGERING | 1u << CONNECTION_CLOSED,
	[CONNECTION_LINGERING] = 1u << CONNECTION_CLOSED,
};

static void
set_state(struct connection *c, enum connection_state to)
{
	ENSURE(connection_may[c->state] & 1u << to);
	if (c->state == CONNECTION_HANDSHAKE)
		c->net->n_handshakes--;
	c->state = to;
}

static int64_t
now_us(const struct connection *c)
{
	return c->net->handler->now(c->net->arg);
}

static void
set_deadline(struct connection *c, int64_t timeout_ms)
{
	c->deadline_us = now_us(c) + timeout_ms * CLOCK_MS;
}

static void on_readable(evutil_socket_t socket, short what, void *arg);
static void on_writable(evutil_socket_t socket, short what, void *arg);

/* One event serves both ways; a change costs an epoll_ctl or two. */
static void
await(struct connection *c, enum connection_wait what)
{
	if (what == c->awaits)
		return;
	if (c->awaits != AWAIT_NOTHING)
		event_del(&c->io);
	c->awaits = what;
	if (what == AWAIT_NOTHING)
		return;
	if (what == AWAIT_INPUT)
		event_assign(&c->io, c->net->base, c->socket,
		    EV_READ | EV_PERSIST, on_readable, c);
	else
		event_assign(&c->io, c->net->base, c->socket,
		    EV_WRITE | EV_PERSIST, on_writable, c);
	event_add(&c->io, NULL);
}

/* Sending waits for the client to read. */
static bool
is_stuck(const struct connection *c)
{
	return c->awaits == AWAIT_ROOM;
}

/* Reads, unless it is stuck, and in the end what is thrown away. */
static void
await_input(struct connection *c)
{
	if (is_stuck(c))
		return;
	await(c, c->state == CONNECTION_CLOSING ? AWAIT_NOTHING : AWAIT_INPUT);
}

/*
 * Sets the timer for the first of deadline and the owner's due.  A timer that
 * is set to an earlier time is left: it finds nothing to do and comes back.
 */
static void
schedule(struct connection *c)
{
	int64_t at = c->deadline_us, due, now;
	struct timeval wait;

	if (c->owner && c->ready) {
		due = c->net->handler->due_at(c->owner);
		if (due < at)
			at = due;
	}
	if (at >= c->timer_us)
		return;
	c->timer_us = at;
	now = now_us(c);
	at = at > now ? at - now : 0;
	wait.tv_sec = at / CLOCK_SECOND;
	wait.tv_usec = at % CLOCK_SECOND;
	event_add(&c->timer, &wait);
}

static void
forget_owner(struct connection *c)
{
	void *owner = c->owner;

	c->owner = NULL;
	if (owner)
		c->net->handler->closed(owner);
}

void
connection_cut(struct connection *c)
{
	struct net *net = c->net;

	set_state(c, CONNECTION_CLOSED);
	if (c->woken)
		TAILQ_REMOVE(&net->woken, c, woken_link);
	await(c, AWAIT_NOTHING);
	event_del(&c->timer);
	/* It may have something to say of the client, and ask who that is. */
	forget_owner(c);
	c->transport.ops->free(&c->transport);
	close(c->socket);
	buffer_release(&c->pending);
	LIST_REMOVE(c, link);
	net->n_open--;
	net->n_refused -= c->refused;
	if (!c->refused)
		STATS_SUB(net->row, connections, 1);
	seats_give(&net->seats, c->listener, &c->seat);
	c->magic = 0;
	freelist_give(&net->connections, c);
	acceptors_resume(net);
}

/* Gives bytes to the kernel; ret_sent: how many it took.  False: it is over. */
static bool
send_bytes(struct connection *c, struct span raw, size_t *ret_sent)
{
	ssize_t n = send(c->socket, raw.bytes, raw.len, MSG_NOSIGNAL);

	if (n == -1 && errno != EAGAIN && errno != EINTR)
		return false;
	*ret_sent = n == -1 ? 0 : (size_t)n;
	STATS_ADD(c->net->row, bytes_sent, *ret_sent);
	return true;
}

static void
linger(struct connection *c)
{
	struct span last;
	size_t sent;

	set_state(c, CONNECTION_LINGERING);
	forget_owner(c);
	/* Nobody waits for a last word that the kernel has no room for. */
	if (c->transport.ops->end(&c->transport, &last) && last.len > 0)
		(void)send_bytes(c, last, &sent);
	/* ENOTCONN: the peer has gone already; the close says the same. */
	(void)shutdown(c->socket, SHUT_WR);
	set_deadline(c, c->net->config->main.lingering_timeout);
	await(c, AWAIT_INPUT);
	schedule(c);
}

/*
 * Gives the client time to read, but for a handshake, which has its own time
 * for all of it.
 */
static void
set_send_deadline(struct connection *c)
{
	if (c->state != CONNECTION_HANDSHAKE)
		set_deadline(c, c->net->config->main.send_timeout);
}

/*
 * Waits for the kernel to have room, with a limit.  It calls a socket writable
 * when a third of its buffer is free, so this may take until the client reads.
 */
static void
wait_for_room(struct connection *c)
{
	set_send_deadline(c);
	await(c, AWAIT_ROOM);
}

static void
stop_waiting(struct connection *c)
{
	await(c, AWAIT_NOTHING);
	if (c->greeted)
		c->deadline_us = CLOCK_NEVER;
	else if (c->state != CONNECTION_HANDSHAKE)
		set_deadline(c, c->net->config->main.preface_timeout);
}

/*
 * What is to be sent next: what the owner has to say, once the transport is
 * ready for it, and what the transport itself has.  False: without memory.
 */
static bool
gather(struct connection *c, struct span *ret_raw)
{
	struct net *net = c->net;
	struct transport *t = &c->transport;

	buffer_clear(&net->out);
	if (c->ready && t->ops->ready(t) &&
	    !net->handler->output(c->owner, &net->out, NET_WRITE))
		return false;
	return t->ops->encode(t,
	    (struct span){ buffer_bytes(&net->out), buffer_length(&net->out) },
	    ret_raw);
}

/*
 * Sends what there is, until there is no more, the kernel takes no more, or it
 * is others' turn.  False: the connection is over.
 */
static bool
pump(struct connection *c)
{
	struct span raw;
	size_t sent;

	if (is_stuck(c))
		return true;
	for (int round = 0; round < SEND_ROUNDS; round++) {
		if (!gather(c, &raw))
			return false;
		if (raw.len == 0)
			return true;
		if (!send_bytes(c, raw, &sent) ||
		    !buffer_append(&c->pending, raw.bytes + sent,
			raw.len - sent))
			return false;
		if (sent < raw.len)
			break;
		if (raw.len < NET_WRITE)
			return true;
	}
	wait_for_room(c);
	return true;
}

/* Sends of the rest what the kernel takes.  False: the connection is over. */
static bool
send_pending(struct connection *c)
{
	struct span rest = { buffer_bytes(&c->pending),
		buffer_length(&c->pending) };
	size_t sent;

	if (rest.len == 0)
		return true;
	if (!send_bytes(c, rest, &sent))
		return false;
	buffer_consume(&c->pending, sent);
	if (sent > 0)
		set_send_deadline(c);
	if (buffer_length(&c->pending) == 0)
		buffer_release(&c->pending);
	return true;
}

/* All that may have become possible or due: sends, closes, sets the timer. */
static void
see_to(struct connection *c)
{
	bool over;

	if (!pump(c)) {
		connection_cut(c);
		return;
	}
	over = c->state == CONNECTION_CLOSING ||
	       (c->ready && c->net->handler->done(c->owner));
	if (over && !is_stuck(c)) {
		linger(c);
		return;
	}
	await_input(c);
	schedule(c);
}

void
connection_wake(struct connection *c)
{
	CHECK(c, CONNECTION_MAGIC);
	if (c->woken || c->state > CONNECTION_CLOSING)
		return;
	c->woken = true;
	TAILQ_INSERT_TAIL(&c->net->woken, c, woken_link);
}

uint64_t
connection_network(const struct connection *c)
{
	CHECK(c, CONNECTION_MAGIC);
	return c->seat.network;
}

bool
connection_is_stuck(const struct connection *c)
{
	CHECK(c, CONNECTION_MAGIC);
	return is_stuck(c);
}

struct identity *
connection_identity(const struct connection *c)
{
	CHECK(c, CONNECTION_MAGIC);
	return c->transport.ops->identity(&c->transport);
}

void
net_flush(struct net *net)
{
	struct connection *c;

	while ((c = TAILQ_FIRST(&net->woken)) != NULL) {
		CHECK(c, CONNECTION_MAGIC);
		TAILQ_REMOVE(&net->woken, c, woken_link);
		c->woken = false;
		see_to(c);
	}
}

/* Sends what is left, and closes. */
static void
begin_closing(struct connection *c)
{
	set_state(c, CONNECTION_CLOSING);
	set_deadline(c, c->net->config->main.send_timeout);
	await_input(c);
}

static void
take_plain(struct connection *c, struct span plain)
{
	const struct net_handler *handler = c->net->handler;

	if (!handler->input(c->owner, plain.bytes, plain.len)) {
		begin_closing(c);
	} else if (!c->greeted && handler->greeted(c->owner)) {
		c->greeted = true;
		c->deadline_us = CLOCK_NEVER;
	}
}

/* What the client has to say comes now, the preface first. */
static bool
begin_talk(struct connection *c)
{
	set_deadline(c, c->net->config->main.preface_timeout);
	c->ready = c->net->handler->ready(c->owner);
	if (!c->ready)
		log_limited(LOG_LEVEL_ERROR,
		    "connection refused: no memory for its session");
	return c->ready;
}

static bool
end_handshake(struct connection *c)
{
	set_state(c, CONNECTION_OPEN);
	STATS_ADD(c->net->row, tls_handshakes, 1);
	return begin_talk(c);
}

static void
take_input(struct connection *c, struct span raw)
{
	struct transport *t = &c->transport;
	enum transport_result result;
	struct span plain;

	STATS_ADD(c->net->row, bytes_received, raw.len);
	result = t->ops->decode(t, raw, &plain);
	if (c->state == CONNECTION_HANDSHAKE && t->ops->ready(t) &&
	    !end_handshake(c)) {
		connection_cut(c);
		return;
	}
	if (plain.len > 0 && c->ready)
		take_plain(c, plain);
	if (result == TRANSPORT_BROKEN)
		log_limited(LOG_LEVEL_INFO, "connection of %s ended: %s",
		    c->net->handler->name(c->owner), t->ops->why(t));
	if (result != TRANSPORT_GOOD && c->state <= CONNECTION_OPEN)
		begin_closing(c);
	connection_wake(c);
}

/* The client's end, or a reset. */
static void
take_end(struct connection *c)
{
	const char *wrong =
	    c->owner ? c->transport.ops->cut(&c->transport) : NULL;

	if (wrong && c->state == CONNECTION_HANDSHAKE)
		log_limited(LOG_LEVEL_INFO, "connection of %s ended: %s",
		    c->net->handler->name(c->owner), wrong);
	else if (wrong)
		log_limited(LOG_LEVEL_DEBUG, "connection of %s ended: %s",
		    c->net->handler->name(c->owner), wrong);
	connection_cut(c);
}

/* One step of a handshake, timed. */
static void
step_handshake(struct connection *c, struct span raw)
{
	struct net *net = c->net;
	int64_t start = clock_now_us();

	take_input(c, raw);
	net->handshakes_us += clock_now_us() - start;
}

/*
 * A step of a handshake takes as long as a hundred calls.  Once some of them
 * have used up the share of all in this turn, what others sent stays in the
 * kernel: epoll names their sockets again in the next turn, in turn (epoll is
 * level-triggered here, and moves to the end of its list what it has named).
 */
static bool
has_turn(const struct connection *c)
{
	struct net *net = c->net;
	int64_t now = now_us(c);

	if (c->state != CONNECTION_HANDSHAKE)
		return true;
	if (net->turn_us != now) {
		net->turn_us = now;
		net->handshakes_us = 0;
	}
	return net->handshakes_us < HANDSHAKES_US;
}

static void
on_readable(evutil_socket_t socket, short what, void *arg)
{
	struct connection *c = arg;
	struct net *net;
	ssize_t n;

	(void)socket, (void)what;
	CHECK(c, CONNECTION_MAGIC);
	net = c->net;
	if (!has_turn(c))
		return;
	n = recv(c->socket, net->in, sizeof(net->in), 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		take_end(c);
	else if (c->state == CONNECTION_HANDSHAKE)
		step_handshake(c, (struct span){ net->in, (size_t)n });
	else if (c->state == CONNECTION_OPEN)
		take_input(c, (struct span){ net->in, (size_t)n });
	net_flush(net);
}

static void
on_writable(evutil_socket_t socket, short what, void *arg)
{
	struct connection *c = arg;
	struct net *net;

	(void)socket, (void)what;
	CHECK(c, CONNECTION_MAGIC);
	net = c->net;
	net->handler->now(net->arg);
	if (!send_pending(c)) {
		connection_cut(c);
	} else if (buffer_length(&c->pending) == 0) {
		stop_waiting(c);
		connection_wake(c);
	}
	net_flush(net);
}

/* Why a deadline passed, for the log. */
static void
log_expiry(const struct connection *c)
{
	const struct config_main *m = &c->net->config->main;

	if (c->state == CONNECTION_HANDSHAKE)
		log_limited(LOG_LEVEL_INFO,
		    "connection of %s cut off: no TLS handshake within %lld ms"
		    " (tls_handshake_timeout)",
		    c->net->handler->name(c->owner),
		    (long long)c->listener->tls.d.tls_handshake_timeout);
	else if (is_stuck(c))
		log_limited(LOG_LEVEL_WARN,
		    "connection of %s cut off: it read nothing for %lld ms"
		    " (send_timeout)",
		    c->net->handler->name(c->owner),
		    (long long)m->send_timeout);
	else if (c->state == CONNECTION_OPEN)
		log_limited(LOG_LEVEL_INFO,
		    "connection of %s cut off: no HTTP/2 preface within %lld ms"
		    " (preface_timeout)",
		    c->net->handler->name(c->owner),
		    (long long)m->preface_timeout);
}

static void
on_timer(evutil_socket_t socket, short what, void *arg)
{
	struct connection *c = arg;
	struct net *net;
	int64_t now;

	(void)socket, (void)what;
	CHECK(c, CONNECTION_MAGIC);
	net = c->net;
	now = now_us(c);
	c->timer_us = CLOCK_NEVER;
	if (now >= c->deadline_us) {
		log_expiry(c);
		connection_cut(c);
	} else {
		if (c->owner && c->ready &&
		    now >= net->handler->due_at(c->owner)) {
			net->handler->due(c->owner);
			connection_wake(c);
		}
		schedule(c);
	}
	net_flush(net);
}

/* Begins with TLS or without; false without memory. */
static bool
open_transport(struct connection *c, const struct tls_server *server)
{
	if (!server) {
		c->transport.ops = &transport_plain;
		c->state = CONNECTION_OPEN;
		return true;
	}
	if (!tls_open(c->net->tls, tls_server_context(server), &c->transport))
		return false;
	c->state = CONNECTION_HANDSHAKE;
	c->net->n_handshakes++;
	set_deadline(c, c->listener->tls.d.tls_handshake_timeout);
	return true;
}

/* What every connection begins with, but its transport. */
static void
set_up(struct connection *c, struct net *net, const struct arrival *arrival)
{
	c->magic = CONNECTION_MAGIC;
	c->net = net;
	c->listener = &net->config->listeners[arrival->listener];
	c->socket = arrival->socket;
	c->seat = arrival->seat;
	c->timer_us = CLOCK_NEVER;
	event_assign(&c->timer, net->base, -1, 0, on_timer, c);
	LIST_INSERT_HEAD(&net->open, c, link);
	net->n_open++;
}

bool
connection_open(struct net *net, const struct arrival *arrival)
{
	const struct tls_server *server =
	    net->servers ? net->servers[arrival->listener] : NULL;
	struct connection *c = freelist_take(&net->connections);

	if (!c)
		return false;
	c->net = net;
	c->listener = &net->config->listeners[arrival->listener];
	if (!open_transport(c, server)) {
		freelist_give(&net->connections, c);
		return false;
	}
	set_up(c, net, arrival);
	STATS_ADD(net->row, connections, 1);
	STATS_ADD(net->row, connections_accepted, 1);
	c->owner = net->handler->opened(net->arg, c, arrival->listener,
	    (const struct sockaddr *)&arrival->peer, arrival->peer_len);
	if (!c->owner)
		log_limited(LOG_LEVEL_ERROR,
		    "connection refused: no memory for its client");
	if (!c->owner || (c->state == CONNECTION_OPEN && !begin_talk(c)))
		connection_cut(c);
	else
		connection_wake(c);
	return true;
}

void
connection_refuse(struct net *net, const struct arrival *arrival,
    struct span words)
{
	struct connection *c = freelist_take(&net->connections);
	size_t sent;

	if (!c) {
		close(arrival->socket);
		return;
	}
	set_up(c, net, arrival);
	c->transport.ops = &transport_plain;
	c->state = CONNECTION_OPEN;
	c->refused = true;
	net->n_refused++;
	if (send_bytes(c, words, &sent))
		linger(c);
	else
		connection_cut(c);
}
