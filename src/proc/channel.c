/*
 * channel.c - the pair of sockets between the master and a worker
 *
 * Runs in both.  The master believes nothing that a worker sends: what has not
 * the form of a message is refused, and its descriptors are closed.
 */
#include <config.h>

#include "proc/channel.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "sock/pass.h"

#define MESSAGE_MAGIC UINT32_C(0x67725043)

static const char *const names[MESSAGE_KINDS] = {
#define MESSAGE(name, from, meaning) #name,
#include "proc/messages.def"
};

const char *
message_name(uint32_t kind)
{
	return kind < MESSAGE_KINDS ? names[kind] : "unknown";
}

int
channel_pair(int ret_fds[2])
{
	return pass_pair(ret_fds);
}

int
channel_send(int channel, enum message_kind kind, int64_t number, int fd,
    const char *text)
{
	struct message message = {
		.magic = MESSAGE_MAGIC, .kind = kind, .number = number
	};

	if (text != NULL)
		snprintf(message.text, sizeof(message.text), "%s", text);
	return pass_send(channel, &message, sizeof(message), &fd, fd != -1);
}

static bool
is_message(const struct message *message, ssize_t len, size_t n_fds)
{
	return len == sizeof(*message) && n_fds <= 1 &&
	       message->magic == MESSAGE_MAGIC &&
	       message->kind < MESSAGE_KINDS &&
	       memchr(message->text, '\0', sizeof(message->text)) != NULL;
}

int
channel_receive(int channel, struct message *ret_message, int *ret_fd)
{
	struct message message;
	int fds[PASS_FDS];
	size_t n_fds = 0;
	ssize_t len;

	len = pass_receive(channel, &message, sizeof(message), fds, &n_fds);
	if (len == -1 && errno == EMSGSIZE)
		errno = EPROTO;
	if (len <= 0)
		return (int)len;
	if (!is_message(&message, len, n_fds)) {
		while (n_fds > 0)
			close(fds[--n_fds]);
		errno = EPROTO;
		return -1;
	}
	*ret_message = message;
	*ret_fd = n_fds == 1 ? fds[0] : -1;
	return 1;
}
