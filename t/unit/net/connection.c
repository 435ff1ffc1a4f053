/*
 * connection.c - connections against real sockets, with an owner that echoes
 *
 * Server and clients live in this one process: turns of the event loop are
 * taken until a condition holds.
 */
#include <config.h>

#include "net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "stats/stats.h"
#include "stats/tally.h"
#include "tap.h"

#define LIMIT_US (20 * CLOCK_SECOND)

/* What the server is, and what its owners have seen. */
static struct fixture {
	struct event_base *base;
	struct config config;
	struct config_listener listener;
	struct stats *stats;
	struct stats_row *row;
	struct net *net;
	struct sockaddr_in address;
	int opened, closed, dues;
	bool refuse;
} f;

/*
 * Echoes.  'q' has it say it is done, 'x' breaks the protocol, 'b' and a
 * decimal number sends so many bytes.
 */
struct echo {
	struct connection *connection;
	struct buffer out;
	bool done, greeted;
	int64_t due_us;
};

static int64_t
echo_now(void *arg)
{
	(void)arg;
	return clock_now_us();
}

static void *
echo_opened(void *arg, struct connection *connection, size_t listener,
    const struct sockaddr *peer, socklen_t len)
{
	struct echo *e = calloc(1, sizeof(*e));

	(void)arg, (void)listener, (void)peer, (void)len;
	e->connection = connection;
	e->due_us = CLOCK_NEVER;
	f.opened++;
	return e;
}

static bool
echo_ready(void *owner)
{
	return owner && !f.refuse;
}

static bool
echo_input(void *owner, const uint8_t *bytes, size_t len)
{
	struct echo *e = owner;
	size_t n;

	e->greeted = true;
	if (len > 1 && bytes[0] == 'b') {
		n = strtoul((const char *)bytes + 1, NULL, 10);
		memset(buffer_reserve(&e->out, n), 'z', n);
		buffer_added(&e->out, n);
		return true;
	}
	if (bytes[0] == 't')
		e->due_us = clock_now_us() + 1000;
	e->done |= bytes[0] == 'q';
	return buffer_append(&e->out, bytes, len) && bytes[0] != 'x';
}

static bool
echo_output(void *owner, struct buffer *out, size_t enough)
{
	struct echo *e = owner;
	size_t n = buffer_length(&e->out);

	if (n > enough)
		n = enough;
	if (!buffer_append(out, buffer_bytes(&e->out), n))
		return false;
	buffer_consume(&e->out, n);
	return true;
}

static bool
echo_done(const void *owner)
{
	const struct echo *e = owner;

	return e->done && buffer_length(&e->out) == 0;
}

static bool
echo_greeted(const void *owner)
{
	return ((const struct echo *)owner)->greeted;
}

static const char *
echo_name(const void *owner)
{
	(void)owner;
	return "the client";
}

static int64_t
echo_due_at(const void *owner)
{
	return ((const struct echo *)owner)->due_us;
}

static void
echo_due(void *owner)
{
	struct echo *e = owner;

	f.dues++;
	e->due_us = CLOCK_NEVER;
	buffer_append(&e->out, "due", 3);
}

static void
echo_closed(void *owner)
{
	struct echo *e = owner;

	buffer_release(&e->out);
	free(e);
	f.closed++;
}

static bool
echo_refuse(void *arg, const char *why, struct buffer *out)
{
	(void)arg;
	return buffer_append(out, why, strlen(why));
}

static const struct net_handler echo_handler = {
	.now = echo_now,
	.opened = echo_opened,
	.ready = echo_ready,
	.input = echo_input,
	.output = echo_output,
	.done = echo_done,
	.greeted = echo_greeted,
	.name = echo_name,
	.due_at = echo_due_at,
	.due = echo_due,
	.closed = echo_closed,
	.refuse = echo_refuse,
};

static int
listen_somewhere(void)
{
	socklen_t len = sizeof(f.address);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	f.address = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bind(s, (struct sockaddr *)&f.address, sizeof(f.address));
	listen(s, 100);
	getsockname(s, (struct sockaddr *)&f.address, &len);
	return s;
}

static void
start_net(void)
{
	const struct net_means means = { f.base, &f.config, f.stats, f.row };

	f.net = net_new(&means, &echo_handler, NULL);
}

/* As other workers see them. */
static size_t
seats_taken(void)
{
	const struct tally tally = stats_tally(f.stats, f.row);
	size_t n = 0;

	for (size_t i = 0; i < TALLY_CELLS; i++)
		n += tally.own->cells[i] != 0;
	return n;
}

static void
start(void)
{
	memset(&f, 0, sizeof(f));
	f.config.main.preface_timeout = 10000;
	f.config.main.send_timeout = 10000;
	f.config.main.lingering_timeout = 10000;
	f.config.limits.max_connections = 100;
	f.listener = (struct config_listener){ .name = "public",
		.limits = f.config.limits };
	f.config.listeners = &f.listener;
	f.config.n_listeners = 1;
	f.stats = stats_new(1, 1);
	f.row = stats_take(f.stats, 0);
	f.base = event_base_new();
	start_net();
	net_accept(f.net, 0, 0, listen_somewhere());
}

/* Ends the server; everything must have been told and counted. */
static void
finish(const char *name)
{
	net_free(&f.net);
	event_base_free(f.base);
	is_int(f.opened, f.closed, "%s: every owner was told of its end", name);
	is_int(0, f.row->connections, "%s: no connection is counted", name);
	is_int(0, seats_taken(), "%s: no seat is taken", name);
	stats_free(&f.stats);
}

static int
call_server(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(s, (struct sockaddr *)&f.address, sizeof(f.address)) == -1)
		perror("connect");
	fcntl(s, F_SETFL, O_NONBLOCK);
	return s;
}

static void
turn(void)
{
	event_base_loop(f.base, EVLOOP_NONBLOCK);
}

/* Takes turns until the condition holds, or the limit has passed. */
#define UNTIL(condition)                                      \
	do {                                                  \
		int64_t end_ = clock_now_us() + LIMIT_US;     \
		while (!(condition) && clock_now_us() < end_) \
			turn();                               \
	} while (0)

/* Reads what is there: bytes so far in all; -1 after a reset, -2 at the end. */
static long
read_some(int s, char *to, size_t room, size_t *total)
{
	char scratch[65536];
	ssize_t n = recv(s, to ? to : scratch, to ? room : sizeof(scratch), 0);

	if (n > 0)
		*total += (size_t)n;
	if (n == 0)
		return -2;
	return n == -1 && errno != EAGAIN ? -1 : (long)*total;
}

static void
expect_text(int s, const char *text, const char *name)
{
	char got[256] = "";
	size_t n = 0;

	UNTIL(n >= strlen(text) ||
	      read_some(s, got + n, sizeof(got) - n - 1, &n) < 0);
	is_text(text, got, "%s", name);
}

static void
expect_end(int s, const char *name)
{
	size_t n = 0;
	long state = 0;

	UNTIL((state = read_some(s, NULL, 0, &n)) < 0);
	is_int(-2, state, "%s", name);
}

static void
test_echo(void)
{
	int s;

	start();
	s = call_server();
	send(s, "hello", 5, 0);
	expect_text(s, "hello", "bytes come back");
	is_int(5, f.row->bytes_received, "bytes received are counted");
	is_int(5, f.row->bytes_sent, "bytes sent are counted");
	is_int(1, f.row->connections, "an open connection is counted");
	close(s);
	UNTIL(net_count(f.net) == 0);
	is_int(0, net_count(f.net), "a client's end closes");
	finish("echo");
}

static void
test_client_that_does_not_read(void)
{
	const size_t big = 32 << 20;
	size_t got = 0;
	ssize_t n = 0;
	char chunk[65536];
	size_t pushed = 0;
	int s;

	start();
	s = call_server();
	send(s, "b33554432", 9, 0);
	UNTIL(f.row->bytes_sent > 0);
	for (int i = 0; i < 100; i++)
		turn();
	memset(chunk, 'y', sizeof(chunk));
	for (int i = 0; i < 2000; i++) {
		n = send(s, chunk, sizeof(chunk), 0);
		pushed += n > 0 ? (size_t)n : 0;
		turn();
	}
	ok(n == -1 && errno == EAGAIN, "a rest to send stops the reading");
	ok(f.row->bytes_received < 4 << 20, "before much of it was read");
	UNTIL(got >= big + pushed || read_some(s, NULL, 0, &got) < 0);
	is_int(big + pushed, got, "all arrives when the client reads");
	close(s);
	finish("slow reader");
}

static void
test_close_resets_nothing(void)
{
	char chunk[1000] = "";
	size_t n = 0;
	long state = 0;
	char got[64] = "";
	int s;

	start();
	s = call_server();
	send(s, "quit", 4, 0);
	UNTIL(f.closed == 1);
	for (int i = 0; i < 50; i++) {
		send(s, chunk, sizeof(chunk), MSG_NOSIGNAL);
		turn();
	}
	UNTIL((state = read_some(s, got + n, sizeof(got) - 1 - n, &n)) < 0);
	is_text("quit", got, "the last bytes arrive");
	is_int(-2, state, "then the end, and no reset");
	close(s);
	UNTIL(net_count(f.net) == 0);
	is_int(0, net_count(f.net), "lingering ends with the client");
	finish("close");
}

static void
test_broken_protocol(void)
{
	int s;

	start();
	s = call_server();
	send(s, "xyz", 3, 0);
	expect_text(s, "xyz", "what is left is sent after an error");
	expect_end(s, "then the connection ends");
	close(s);
	finish("broken protocol");
}

static void
test_timeouts(void)
{
	int s;

	start();
	f.config.main.preface_timeout = 20;
	s = call_server();
	expect_end(s, "a client that says nothing is cut off");
	close(s);
	f.config.main.preface_timeout = 10000;
	f.config.main.lingering_timeout = 20;
	s = call_server();
	send(s, "q", 1, 0);
	UNTIL(f.opened == 2 && net_count(f.net) == 0);
	is_int(0, net_count(f.net), "lingering has its limit");
	close(s);
	f.config.main.send_timeout = 20;
	s = call_server();
	send(s, "b33554432", 9, 0);
	UNTIL(f.opened == 3 && net_count(f.net) == 0);
	is_int(0, net_count(f.net), "so has a client that reads nothing");
	close(s);
	finish("timeouts");
}

static void
test_due(void)
{
	int s;

	start();
	s = call_server();
	send(s, "t", 1, 0);
	expect_text(s, "tdue", "an owner is told when its time has come");
	is_int(1, f.dues, "once");
	close(s);
	finish("due");
}

static void
test_owner_that_is_not_ready(void)
{
	int s;

	start();
	f.refuse = true;
	s = call_server();
	expect_end(s, "an owner without memory is cut off");
	close(s);
	is_int(1, f.opened, "having been told of its client");
	finish("not ready");
}

static void
test_max_connections(void)
{
	int first, second;

	start();
	f.config.limits.max_connections = 1;
	first = call_server();
	UNTIL(f.opened == 1);
	second = call_server();
	send(second, "hello", 5, 0);
	expect_text(second, "2 connections exceed max_connections 1",
	    "one more than max_connections is told so");
	expect_end(second, "and closed, without a reset");
	is_int(1, f.row->connections_refused, "it is counted");
	is_int(1, f.row->connections, "as no connection");
	is_int(2, net_count(f.net), "although it is there");
	is_int(1, f.opened, "and has no owner");
	close(second);
	UNTIL(net_count(f.net) == 1);
	close(first);
	UNTIL(net_count(f.net) == 0);
	first = call_server();
	send(first, "a", 1, 0);
	expect_text(first, "a", "there is room again");
	close(first);
	finish("max_connections");
}

/* A crowd that stays: each is told, as far as there is room for that. */
static void
test_a_crowd(void)
{
	int first, crowd[100];
	size_t n_told = 0;

	start();
	f.config.limits.max_connections = 1;
	first = call_server();
	UNTIL(f.opened == 1);
	for (int i = 0; i < 100; i++)
		crowd[i] = call_server();
	UNTIL(f.row->connections_refused == 100);
	is_int(65, net_count(f.net), "no more than 64 stay to be told");
	for (int i = 0; i < 100; i++) {
		char text[64];

		n_told += recv(crowd[i], text, sizeof(text), 0) > 0;
		close(crowd[i]);
	}
	is_int(64, n_told, "they were");
	send(first, "a", 1, 0);
	expect_text(first, "a", "nobody else notices");
	close(first);
	UNTIL(net_count(f.net) == 0);
	finish("a crowd");
}

static void
test_no_descriptors(void)
{
	struct rlimit was, low;
	int first, second;

	start();
	first = call_server();
	UNTIL(f.opened == 1);
	second = call_server();
	getrlimit(RLIMIT_NOFILE, &was);
	low = was;
	low.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &low);
	UNTIL(f.row->accept_pauses > 0);
	is_int(1, f.row->accept_pauses, "no descriptors: accepting pauses");
	setrlimit(RLIMIT_NOFILE, &was);
	close(first);
	send(second, "late", 4, 0);
	expect_text(second, "late", "who waited is served afterwards");
	is_int(1, f.row->accept_pauses, "it did not spin meanwhile");
	close(second);
	finish("descriptors");
}

static void
test_stop_accepting(void)
{
	int waiting[10];

	start();
	for (int i = 0; i < 10; i++)
		waiting[i] = call_server();
	net_stop_accepting(f.net, true);
	net_flush(f.net);
	is_int(10, f.opened, "those who wait are taken before accepting ends");
	for (int i = 0; i < 10; i++) {
		send(waiting[i], "w", 1, 0);
		expect_text(waiting[i], "w", "and served");
		close(waiting[i]);
	}
	finish("stop accepting");
}

int
main(void)
{
	log_use(2, "stderr", LOG_LEVEL_ALERT);
	test_echo();
	test_client_that_does_not_read();
	test_close_resets_nothing();
	test_broken_protocol();
	test_timeouts();
	test_due();
	test_owner_that_is_not_ready();
	test_max_connections();
	test_a_crowd();
	test_no_descriptors();
	test_stop_accepting();
	return done();
}
