/*
 * control.c - the socket at which the master answers its operator
 *
 * Runs in the master.  Who may connect is the file system's to say.  Clients
 * are few, bounded in number, in bytes and in time, and none can make the
 * master wait: what does not fit into a socket goes out when there is room.
 */
#include <config.h>

#include "master/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/requests.h"
#include "master/state.h"
#include "sock/listening.h"

/* How long a client may take to send its line, and to read its answer. */
#define PATIENCE_US (10 * CLOCK_SECOND)

#define BACKLOG 128

/* A socket of ours at the path, -1 with an error. */
static int
listen_at(const char *path, struct config_messages *errors)
{
	static const struct listening_options options = { .backlog = BACKLOG,
		.mode = 0600,
		.owner = (uid_t)-1,
		.group = (gid_t)-1 };
	struct address address;
	const char *why;
	int s = -1;

	why = address_of_path(path, &address);
	if (why != NULL) {
		config_message(errors, NULL, 0, "control_socket: %s", why);
		return -1;
	}
	if (listening_probe(&address, true, 0, 0) == LISTENING_BUSY)
		errno = EADDRINUSE;
	else
		s = listening_open(&address, &options);
	if (s == -1)
		config_message(errors, NULL, 0,
		    "control_socket %s cannot be opened: %s", path,
		    strerror(errno));
	return s;
}

void
control_hide(struct control *c)
{
	struct address address;

	if (c->socket == -1)
		return;
	close(c->socket);
	c->socket = -1;
	if (address_of_path(c->path, &address) == NULL)
		listening_remove(&address);
	free((char *)(uintptr_t)c->path);
	c->path = NULL;
}

bool
control_open(struct control *c, const char *path,
    struct config_messages *errors)
{
	bool off = strcmp(path, "off") == 0;
	char *copy;
	int s;

	if (c->path != NULL && strcmp(c->path, path) == 0) {
		if (access(path, F_OK) == 0)
			return true;
		control_hide(c); /* somebody has removed its file */
	}
	if (!off) {
		s = listen_at(path, errors);
		copy = s == -1 ? NULL : strdup(path);
		if (copy == NULL)
			return false;
	}
	control_hide(c);
	if (!off) {
		c->socket = s;
		c->path = copy;
	}
	return true;
}

static void
client_free(struct control_client **client)
{
	struct control_client *c = *client;

	*client = NULL;
	close(c->fd);
	free(c->answer);
	free(c);
}

void
control_close(struct control *c)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i] != NULL)
			client_free(&c->clients[i]);
	control_hide(c);
}

size_t
control_prepare(const struct control *c, struct pollfd *fds)
{
	size_t n = 0;

	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		const struct control_client *client = c->clients[i];

		if (client == NULL)
			continue;
		fds[n].fd = client->fd;
		fds[n].events = 0; /* a hang-up is told in any case */
		if (client->state == CLIENT_ASKS)
			fds[n].events = POLLIN;
		else if (client->state == CLIENT_IS_TOLD)
			fds[n].events = POLLOUT;
		n++;
	}
	if (c->socket != -1 && n < CONTROL_CLIENTS) {
		fds[n].fd = c->socket;
		fds[n++].events = POLLIN;
	}
	return n;
}

int64_t
control_due_us(const struct control *c)
{
	int64_t due = CLOCK_NEVER;

	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i] != NULL && c->clients[i]->due_us < due)
			due = c->clients[i]->due_us;
	return due;
}

/* Sends what the socket takes; false if the client is done, or gone. */
static bool
client_send(struct control_client *c)
{
	ssize_t n = send(c->fd, c->answer + c->n_sent, c->len - c->n_sent,
	    MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	c->n_sent += (size_t)n;
	return c->n_sent < c->len;
}

/* Has the client's answer go out; false if it has, or nobody is there. */
static bool
client_tell(struct control_client *c)
{
	c->state = CLIENT_IS_TOLD;
	c->due_us = clock_now_us() + PATIENCE_US;
	return client_send(c);
}

/* Does what the client asks for; false if it is done. */
static bool
client_ask(struct master *m, struct control_client *c)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool answered;

	if (out == NULL)
		return false;
	c->state = CLIENT_WAITS;
	c->due_us = CLOCK_NEVER;
	answered = request_take(m, c, out);
	if (fclose(out) == EOF || !answered) {
		free(text);
		return !answered;
	}
	c->answer = text;
	c->len = len;
	return client_tell(c);
}

/* Takes what a client sends, up to its line; false if it is done. */
static bool
client_read(struct master *m, struct control_client *c)
{
	size_t room = sizeof(c->request) - c->n_request;
	ssize_t n = recv(c->fd, c->request + c->n_request, room, MSG_DONTWAIT);
	char *end;

	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	c->n_request += (size_t)n;
	end = memchr(c->request, '\n', c->n_request);
	if (end == NULL && c->n_request == sizeof(c->request)) {
		/* Its rest is read all the same: close() would reset it. */
		c->too_long = true;
		c->n_request = 0;
	}
	if (end == NULL)
		return true;
	*end = '\0';
	if (c->too_long)
		c->request[0] = '\0';
	return client_ask(m, c);
}

static bool
client_step(struct master *m, struct control_client *c, short revents)
{
	if (clock_now_us() >= c->due_us)
		return false;
	if (revents == 0)
		return true;
	if (c->state == CLIENT_ASKS)
		return client_read(m, c);
	if (c->state == CLIENT_IS_TOLD)
		return client_send(c);
	return (revents & (POLLHUP | POLLERR)) == 0;
}

static void
take_client(struct control *c)
{
	size_t i = 0;
	int fd;

	while (i < CONTROL_CLIENTS && c->clients[i] != NULL)
		i++;
	if (i == CONTROL_CLIENTS)
		return;
	fd = accept4(c->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			log_limited(LOG_LEVEL_ERROR, "control socket: %s",
			    strerror(errno));
		return;
	}
	c->clients[i] = calloc(1, sizeof(*c->clients[i]));
	if (c->clients[i] == NULL) {
		close(fd);
		return;
	}
	c->clients[i]->fd = fd;
	c->clients[i]->due_us = clock_now_us() + PATIENCE_US;
}

static struct control_client **
client_of_fd(struct control *c, int fd)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i] != NULL && c->clients[i]->fd == fd)
			return &c->clients[i];
	return NULL;
}

void
control_step(struct master *m, const struct pollfd *fds, size_t n)
{
	struct control *c = &m->control;

	for (size_t i = 0; i < n; i++) {
		struct control_client **client = client_of_fd(c, fds[i].fd);

		if (client != NULL && !client_step(m, *client, fds[i].revents))
			client_free(client);
		else if (fds[i].fd == c->socket && fds[i].revents != 0)
			take_client(c);
	}
}

void
control_tell(struct control *c, enum control_event event, unsigned attempt,
    const char *text)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = c->clients[i];

		if (client == NULL || client->state != CLIENT_WAITS ||
		    client->event != event || client->attempt > attempt)
			continue;
		client->answer = strdup(text);
		client->len = client->answer != NULL ? strlen(text) : 0;
		/*
		 * Who is done is freed by control_step, since the one who asks
		 * may be at work right now.
		 */
		if (!client_tell(client))
			client->due_us = 0;
	}
}
