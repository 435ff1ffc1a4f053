/*
 * floor.c - the least that any server must spend on a call; for bench/run
 *
 * One thread, epoll, one read and one write for a batch of requests.  Of HTTP/2
 * it knows the length, type and stream of a frame: each DATA frame that ends a
 * request is answered with the same bytes, in which the stream alone differs.
 * So what it costs is the kernel's; it must never serve anything else.
 *
 *	floor PORT	serves 127.0.0.1:PORT until it is killed
 */
#include <config.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PREFACE 24
#define FRAME_HEAD 9
#define EVENTS 256
#define DESCRIPTORS 16384

enum { FRAME_DATA = 0x0, FRAME_SETTINGS = 0x4 };
enum { FLAG_END_STREAM = 0x1, FLAG_ACK = 0x1 };

/* One a descriptor. */
static struct connection {
	size_t skip;   /* bytes of the frame before that are still to come */
	size_t n_head; /* bytes of the next frame's head that are here */
	uint8_t head[FRAME_HEAD];
} connections[DESCRIPTORS];

/* SETTINGS with the widest window a stream can have, the same by WINDOW_UPDATE
 * for the connection (2^31-1 less the 65,535 that it has). */
static const char greeting[] = "\0\0\6\4\0\0\0\0\0"
			       "\0\4\177\377\377\377"
			       "\0\0\4\10\0\0\0\0\0"
			       "\177\377\0\0";

static const char settings_ack[] = "\0\0\0\4\1\0\0\0\0";

/* HEADERS :status 200, content-type; DATA with HelloReply; HEADERS. */
static const char answer[] = "\0\0\24\1\4\0\0\0\0"
			     "\210\17\20\20application/grpc"
			     "\0\0\22\0\0\0\0\0\0"
			     "\0\0\0\0\15\12\13Hello world"
			     "\0\0\17\1\5\0\0\0\0"
			     "\0\13grpc-status\1\60";
static const size_t answer_streams[] = { 5, 34, 61 }; /* its number's places */

static uint8_t in[256 * 1024];
static uint8_t out[4 * 1024 * 1024];
static size_t n_out;

static uint8_t *
put(const void *bytes, size_t len)
{
	uint8_t *at = out + n_out;

	if (len > sizeof(out) - n_out)
		errx(1, "more requests in one read than there is room for");
	memcpy(at, bytes, len);
	n_out += len;
	return at;
}

static void
take_frame(const uint8_t *head)
{
	uint8_t type = head[3], flags = head[4], *at;

	if (type == FRAME_SETTINGS && !(flags & FLAG_ACK))
		put(settings_ack, sizeof(settings_ack) - 1);
	if (type != FRAME_DATA || !(flags & FLAG_END_STREAM))
		return;
	at = put(answer, sizeof(answer) - 1);
	for (size_t i = 0; i < 3; i++)
		memcpy(at + answer_streams[i], head + 5, 4);
}

static void
take(struct connection *c, const uint8_t *bytes, size_t len)
{
	size_t n;

	while (len > 0) {
		n = c->skip ? c->skip : FRAME_HEAD - c->n_head;
		n = n < len ? n : len;
		if (c->skip) {
			c->skip -= n;
		} else {
			memcpy(c->head + c->n_head, bytes, n);
			c->n_head += n;
		}
		bytes += n;
		len -= n;
		if (c->n_head < FRAME_HEAD)
			continue;
		take_frame(c->head);
		c->skip = (size_t)c->head[0] << 16 | (size_t)c->head[1] << 8 |
			  c->head[2];
		c->n_head = 0;
	}
}

static void
serve(int fd)
{
	ssize_t n = read(fd, in, sizeof(in));

	if (n <= 0) {
		close(fd);
		return;
	}
	n_out = 0;
	take(&connections[fd], in, (size_t)n);
	for (size_t done = 0; done < n_out; done += (size_t)n) {
		n = write(fd, out + done, n_out - done);
		if (n == -1)
			return; /* the client is gone: read will say so */
	}
}

static void
welcome(int epoll, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), one = 1;
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (fd == -1)
		err(1, "accept4");
	if (fd >= DESCRIPTORS)
		errx(1, "more connections than there is room for");
	connections[fd] = (struct connection){ .skip = PREFACE };
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (write(fd, greeting, sizeof(greeting) - 1) == -1 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == -1)
		err(1, "greeting");
}

static int
listen_on(uint16_t port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd == -1)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 4096) == -1)
		err(1, "port %u", port);
	return fd;
}

int
main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int listener, epoll, n;

	if (argc != 2)
		errx(1, "usage: floor PORT");
	listener = listen_on((uint16_t)atoi(argv[1]));
	epoll = epoll_create1(EPOLL_CLOEXEC);
	events[0].events = EPOLLIN;
	events[0].data.fd = listener;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, events) == -1)
		err(1, "epoll_ctl");
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				welcome(epoll, listener);
			else
				serve(events[i].data.fd);
		}
	}
}
