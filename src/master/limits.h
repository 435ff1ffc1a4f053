/*
 * limits.h - are there descriptors enough?
 */
#ifndef MASTER_LIMITS_H
#define MASTER_LIMITS_H

#include "config/config.h"

/*
 * Raises the soft limit of descriptors, which workers inherit, to what they and
 * the master may need, as far as the hard one allows.  Where that is not enough
 * a warning says so, with the cure.
 */
void limits_settle(const struct config *config, unsigned n_workers);

#endif
