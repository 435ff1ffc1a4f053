/*
 * listeners.h - what the listeners of a config ask of the slots' sockets
 */
#ifndef MASTER_LISTENERS_H
#define MASTER_LISTENERS_H

#include "config/config.h"
#include "master/slots.h"

/*
 * Lets the sockets of n_slots slots listen that are only bound, slot by slot;
 * false with an error.
 */
bool listeners_begin(struct slots *slots, unsigned n_slots,
    const struct config *config, struct config_messages *errors);

/*
 * Gives the sockets of n_slots slots the backlog and the user timeout, and the
 * files of Unix sockets the mode and owner, in which now differs from before.
 * A failure is logged.
 */
void listeners_adjust(struct slots *slots, unsigned n_slots,
    const struct config *before, const struct config *now);

#endif
