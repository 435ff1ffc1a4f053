/*
 * percent.h - the encoding of grpc-message (PROTOCOL-HTTP2, Responses)
 */
#ifndef GRPC_PERCENT_H
#define GRPC_PERCENT_H

#include <stddef.h>

/* The most that len bytes become. */
#define PERCENT_ENCODED(len) (3 * (len))

/*
 * Writes text with all but 0x20 to 0x7e, and "%" itself, as %HH.  What does not
 * fit into room bytes is left out, from the first character of UTF-8 on that
 * would have to be split.  Returns the bytes written; no zero byte ends them.
 */
size_t percent_encode(const char *text, size_t len, char *to, size_t room);

#endif
