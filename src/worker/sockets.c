/*
 * sockets.c - the listening sockets of this worker's slot
 *
 * Runs in a worker, before privileges are dropped: bind after setuid fails with
 * EADDRINUSE against a group of SO_REUSEPORT that root began (socket(7): the
 * effective users must be the same).
 */
#include <config.h>

#include "worker/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "net/net.h"
#include "proc/channel.h"
#include "sock/listening.h"

/* Says what failed with a listener; the text stays until the next. */
static const char *
complain(const struct config_listener *l, const char *what)
{
	static char text[512];

	snprintf(text, sizeof(text), "%s:%d: listener \"%s\": %s %s: %s",
	    l->file, l->line, l->name, what, l->d.address.text,
	    strerror(errno));
	return text;
}

static struct listening_options
options_of(const struct config *config, const struct config_listener *l)
{
	return (struct listening_options){
		.backlog = (int)l->d.backlog,
		.mode = (mode_t)l->d.mode,
		.owner = l->d.owner.set ? l->d.owner.uid : (uid_t)-1,
		.group =
		    l->d.owner_group.set ? l->d.owner_group.gid : (gid_t)-1,
		.user_timeout_ms = (int)config_user_timeout_ms(config, l),
	};
}

/* Makes a socket that the slot lacks; the master keeps a duplicate. */
static const char *
make_socket(struct worker *w, size_t i)
{
	const struct config_listener *l = &w->config->listeners[i];
	struct listening_options options = options_of(w->config, l);

	if (w->heritage->sockets[i] == HERITAGE_BIND)
		options.backlog = 0; /* the master lets it listen */
	w->sockets[i] = listening_open(&l->d.address.address, &options);
	if (w->sockets[i] == -1)
		return complain(l, "cannot listen on");
	if (channel_send(w->heritage->channel, MESSAGE_LISTENING, (int64_t)i,
		w->sockets[i], NULL) == -1)
		return complain(l, "cannot hand over the socket of");
	return NULL;
}

const char *
sockets_open(struct worker *w)
{
	size_t n = w->config->n_listeners;
	const char *why = NULL;

	w->sockets = calloc(n, sizeof(int));
	if (!w->sockets)
		return "no memory";
	for (size_t i = 0; i < n; i++)
		w->sockets[i] = w->heritage->sockets[i];
	for (size_t i = 0; i < n && !why; i++)
		if (w->sockets[i] < 0)
			why = make_socket(w, i);
	return why;
}

bool
sockets_accept(struct worker *w)
{
	for (size_t i = 0; i < w->config->n_listeners; i++) {
		if (!net_accept(w->net, w->heritage->slot, i, w->sockets[i]))
			return false;
		w->sockets[i] = -1;
	}
	return true;
}

void
sockets_close(struct worker *w)
{
	for (size_t i = 0; w->sockets && i < w->config->n_listeners; i++)
		if (w->sockets[i] >= 0)
			close(w->sockets[i]);
	free(w->sockets);
	w->sockets = NULL;
}
