/*
 * listeners.h - what a reload changes at the sockets that stay
 */
#ifndef MASTER_LISTENERS_H
#define MASTER_LISTENERS_H

#include "config/config.h"
#include "master/slots.h"

/*
 * Gives the sockets of n_slots slots the backlog, and the files of Unix sockets
 * the mode and owner, in which now differs from before.  A failure is logged.
 */
void listeners_adjust(const struct slots *slots, unsigned n_slots,
    const struct config *before, const struct config *now);

#endif
