/*
 * tickets.c - the keys of TLS's session tickets, turned now and then
 *
 * Runs in the master, which makes them once for all generations, so that a
 * session outlives a reload; it uses none of them.
 */
#include <config.h>

#include "master/tickets.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/keyring.h"
#include "base/log.h"
#include "master/generation.h"
#include "master/state.h"

int64_t
tickets_due_us(const struct master *m)
{
	if (m->serving == NULL)
		return CLOCK_NEVER;
	return m->tickets_us +
	       m->serving->config->main.tls_ticket_rotation * CLOCK_MS;
}

void
tickets_step(struct master *m)
{
	int64_t now = clock_now_us();

	if (now < tickets_due_us(m))
		return;
	m->tickets_us = now;
	if (!keyring_turn(m->tickets))
		log_error("the keys of TLS sessions stay as they are: %s",
		    strerror(errno));
}
