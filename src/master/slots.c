/*
 * slots.c - the places of the workers, and the sockets that stay in them
 *
 * Runs in the master.  It never accepts on these sockets: it keeps them open.
 */
#include <config.h>

#include "master/slots.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "sock/listening.h"

/* Where the slot's socket of that address is kept. */
static struct slot *
home_of(struct slots *s, unsigned slot, const struct address *a)
{
	ENSURE(slot < SLOTS_MAX);
	return address_is_unix(a) ? &s->shared : &s->slots[slot];
}

struct slot_socket *
slots_find(struct slots *s, unsigned slot, const struct address *a)
{
	struct slot *home = home_of(s, slot, a);

	for (size_t i = 0; i < home->n_sockets; i++)
		if (address_equal(&home->sockets[i].address, a))
			return &home->sockets[i];
	return NULL;
}

bool
slots_add(struct slots *s, unsigned slot, const struct slot_socket *socket)
{
	struct slot *home = home_of(s, slot, &socket->address);
	struct slot_socket *more;

	more = realloc(home->sockets, (home->n_sockets + 1) * sizeof(*more));
	if (more == NULL)
		return false;
	home->sockets = more;
	more[home->n_sockets++] = *socket;
	return true;
}

bool
slots_know(struct slots *s, const struct address *a)
{
	for (unsigned slot = 0; slot < SLOTS_MAX; slot++)
		if (slots_find(s, slot, a) != NULL)
			return true;
	return false;
}

bool
slots_complete(struct slots *s, unsigned slot, const struct config *config)
{
	for (size_t i = 0; i < config->n_listeners; i++)
		if (slots_find(s, slot,
			&config->listeners[i].d.address.address) == NULL)
			return false;
	return true;
}

static void
slot_trim(struct slot *home, unsigned slot, slots_needed_fn *needed,
    const void *arg)
{
	struct slot_socket *socket;
	size_t kept = 0;

	for (size_t i = 0; i < home->n_sockets; i++) {
		socket = &home->sockets[i];
		if (needed != NULL && needed(arg, slot, &socket->address)) {
			home->sockets[kept++] = *socket;
			continue;
		}
		if (address_is_unix(&socket->address))
			listening_remove(&socket->address);
		close(socket->fd);
	}
	home->n_sockets = kept;
	if (kept == 0) {
		free(home->sockets);
		home->sockets = NULL;
	}
}

void
slots_trim(struct slots *s, slots_needed_fn *needed, const void *arg)
{
	slot_trim(&s->shared, 0, needed, arg);
	for (unsigned slot = 0; slot < SLOTS_MAX; slot++)
		slot_trim(&s->slots[slot], slot, needed, arg);
}
