/*
 * retry.h - what a client is told of trying again: grpc-retry-pushback-ms
 * (gRPC's proposal A6)
 */
#ifndef GRPC_RETRY_H
#define GRPC_RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct call;

/* Try again ms from now, or, if that is negative, do not. */
#define RETRY_AT_ONCE 0
#define RETRY_NEVER (-1)

/*
 * Sends that with the status, in place of what was said before; false without
 * memory.
 */
bool retry_push_back(struct call *c, int64_t ms);

/*
 * Either ends the call with RESOURCE_EXHAUSTED.  retry_later: for want of what
 * there may be soon, so that it is worth to try again after retry_pushback.
 * retry_never: for what is too large, and will be again.
 */
void retry_later(struct call *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void retry_never(struct call *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* How often the client has tried this call before. */
unsigned retry_attempts(const struct call *c);

#endif
