/*
 * listeners.c - what the listeners of a config ask of the slots' sockets
 *
 * Runs in the master, when the workers of a config are ready: all else a worker
 * has done as it made the sockets.
 */
#include <config.h>

#include "master/listeners.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "sock/listening.h"

/* The order of listen(2) is that of the indices in a group of SO_REUSEPORT. */
static bool
slot_begin(struct slot_socket *socket, const struct config *config,
    const struct config_listener *l, struct config_messages *errors)
{
	const struct address *a = &l->d.address.address;
	struct listening_options options = {
		.backlog = (int)l->d.backlog,
		.user_timeout_ms = (int)config_user_timeout_ms(config, l),
	};

	if (socket->listens)
		return true;
	if (listening_adjust(socket->fd, a, &options) == -1) {
		config_message(errors, l->file, l->line,
		    "cannot listen on %s: %s", l->d.address.text,
		    strerror(errno));
		return false;
	}
	socket->listens = true;
	return true;
}

bool
listeners_begin(struct slots *slots, unsigned n_slots,
    const struct config *config, struct config_messages *errors)
{
	for (unsigned slot = 0; slot < n_slots; slot++) {
		for (size_t i = 0; i < config->n_listeners; i++) {
			const struct config_listener *l = &config->listeners[i];
			struct slot_socket *socket =
			    slots_find(slots, slot, &l->d.address.address);

			if (!slot_begin(socket, config, l, errors))
				return false;
		}
	}
	return true;
}

static const struct config_listener *
listener_at(const struct config *config, const struct address *a)
{
	for (size_t i = 0; i < config->n_listeners; i++)
		if (address_equal(&config->listeners[i].d.address.address, a))
			return &config->listeners[i];
	return NULL;
}

/* An owner that is given no more goes back to who starts grpcd. */
static struct listening_options
options_of(const struct config_listener_directives *before,
    const struct config_listener_directives *now)
{
	struct listening_options options = { .backlog = (int)now->backlog,
		.mode = (mode_t)now->mode,
		.owner = (uid_t)-1,
		.group = (gid_t)-1 };

	if (now->owner.set)
		options.owner = now->owner.uid;
	else if (before->owner.set)
		options.owner = geteuid();
	if (now->owner_group.set)
		options.group = now->owner_group.gid;
	else if (before->owner_group.set)
		options.group = getegid();
	return options;
}

static bool
differ(const struct config_listener_directives *before,
    const struct config_listener_directives *now)
{
	return before->backlog != now->backlog || before->mode != now->mode ||
	       before->owner.set != now->owner.set ||
	       before->owner.uid != now->owner.uid ||
	       before->owner_group.set != now->owner_group.set ||
	       before->owner_group.gid != now->owner_group.gid;
}

void
listeners_adjust(struct slots *slots, unsigned n_slots,
    const struct config *before, const struct config *now)
{
	for (size_t i = 0; i < now->n_listeners; i++) {
		const struct config_listener *l = &now->listeners[i], *was;
		const struct address *a = &l->d.address.address;
		int64_t timeout_ms = config_user_timeout_ms(now, l);
		struct listening_options options;

		was = listener_at(before, a);
		if (was == NULL ||
		    (!differ(&was->d, &l->d) &&
			config_user_timeout_ms(before, was) == timeout_ms))
			continue;
		options = options_of(&was->d, &l->d);
		options.user_timeout_ms = (int)timeout_ms;
		for (unsigned slot = 0; slot < n_slots; slot++) {
			if (listening_adjust(slots_find(slots, slot, a)->fd, a,
				&options) == 0)
				continue;
			log_error("%s:%d: cannot change listener \"%s\": %s",
			    l->file, l->line, l->name, strerror(errno));
			break;
		}
	}
}
