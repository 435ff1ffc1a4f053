/*
 * transport.c - plain TCP and Unix sockets
 *
 * Runs in workers.  One system call a function, none more.
 */
#include <config.h>

#include "net/transport.h"

#include <sys/socket.h>
#include <unistd.h>

ssize_t
transport_read(struct transport *t, uint8_t *to, size_t room)
{
	return recv(t->socket, to, room, 0);
}

ssize_t
transport_write(struct transport *t, const uint8_t *bytes, size_t len)
{
	return send(t->socket, bytes, len, MSG_NOSIGNAL);
}

void
transport_shut(struct transport *t)
{
	/* ENOTCONN: the peer has gone already; the close says the same. */
	(void)shutdown(t->socket, SHUT_WR);
}

void
transport_close(struct transport *t)
{
	close(t->socket);
	t->socket = -1;
}
