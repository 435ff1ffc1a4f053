/*
 * channel.h - the pair of sockets between the master and a worker
 *
 * Fixed-size messages, listed in messages.def.  The end of the channel means
 * that the other side is gone.
 */
#ifndef PROC_CHANNEL_H
#define PROC_CHANNEL_H

#include <stdint.h>

enum message_kind {
#define MESSAGE(name, from, meaning) MESSAGE_##name,
#include "proc/messages.def"
	MESSAGE_KINDS
};

#define MESSAGE_TEXT 448

/*
 * The number of ADOPT: accept on the socket of a slot that has no worker now,
 * as if it were your own of that listener, until RELEASE.
 */
#define CHANNEL_ADOPT(slot, listener) \
	((int64_t)(slot) << 32 | (int64_t)(listener))
#define CHANNEL_SLOT(number) ((unsigned)((number) >> 32))
#define CHANNEL_LISTENER(number) ((size_t)((number)&0xffffffff))

struct message {
	uint32_t magic; /* set by channel_send, checked on arrival */
	uint32_t kind;  /* enum message_kind */
	int64_t number;
	char text[MESSAGE_TEXT];
};

/* "LISTENING", for the log. */
const char *message_name(uint32_t kind);

/* A pair: [0] for the master, [1] for the worker.  0 or -1 with errno. */
int channel_pair(int ret_fds[2]);

/*
 * Sends; fd is -1 or a descriptor that goes with it and stays ours.  text may
 * be NULL and is cut to fit.  0 or -1 with errno (EAGAIN: the peer is slow).
 */
int channel_send(int channel, enum message_kind kind, int64_t number, int fd,
    const char *text);

/*
 * Receives one message and its descriptor (-1 if none; the caller's).  1 if
 * there was one, 0 at the end, -1 with errno (EAGAIN, or EPROTO for what is no
 * message).
 */
int channel_receive(int channel, struct message *ret_message, int *ret_fd);

#endif
