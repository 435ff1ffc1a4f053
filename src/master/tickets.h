/*
 * tickets.h - the keys of TLS's session tickets, turned now and then
 */
#ifndef MASTER_TICKETS_H
#define MASTER_TICKETS_H

#include <stdint.h>

struct master;

/* Turns the keys if tls_ticket_rotation has passed. */
void tickets_step(struct master *m);

/* When it has something to do, or CLOCK_NEVER. */
int64_t tickets_due_us(const struct master *m);

#endif
