/*
 * transport.h - bytes to and from one client's socket
 *
 * The seam between a connection and what lies under its bytes: connection.c
 * reads, writes and shuts down through these functions alone.
 */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct transport {
	int socket;
};

/* Bytes read, 0 at the peer's end, -1 with errno (EAGAIN: nothing there). */
ssize_t transport_read(struct transport *t, uint8_t *to, size_t room);

/* Bytes taken, -1 with errno (EAGAIN: no room). */
ssize_t transport_write(struct transport *t, const uint8_t *bytes, size_t len);

/* Tells the peer that nothing more will come. */
void transport_shut(struct transport *t);

/* Closes the socket; unread bytes make the kernel send RST. */
void transport_close(struct transport *t);

#endif
