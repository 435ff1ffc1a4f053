/*
 * timeout.h - grpc-timeout (PROTOCOL-HTTP2, Requests)
 */
#ifndef GRPC_TIMEOUT_H
#define GRPC_TIMEOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Parses 1 to 8 digits and one of H M S m u n; microseconds, rounded up.  False
 * for anything else.
 */
bool timeout_parse(const char *text, size_t len, int64_t *ret_us);

#endif
