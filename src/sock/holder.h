/*
 * holder.h - which process has a listening socket
 *
 * Runs in the master and in whoever tests a config, while a probe found the
 * address busy.  Reads /proc, changes nothing.
 */
#ifndef SOCK_HOLDER_H
#define SOCK_HOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "sock/address.h"

/*
 * True if sockets listen at the address, and each of them is open in the
 * process pid or in a child of its.  False also where /proc does not let us
 * see that.
 */
bool holder_is(const struct address *address, pid_t pid);

#endif
