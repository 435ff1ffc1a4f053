/*
 * base64.h - the values of -bin metadata (RFC 4648, section 4)
 *
 * Padded and unpadded text is read, unpadded text is written.
 */
#ifndef GRPC_BASE64_H
#define GRPC_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room that is enough for what comes of len bytes. */
#define BASE64_ENCODED(len) (((len)*4 + 2) / 3)
#define BASE64_DECODED(len) ((len) / 4 * 3 + 2)

/* Returns the bytes written at `to`. */
size_t base64_encode(const uint8_t *bytes, size_t len, char *to);

/* Is it base64? */
bool base64_check(const char *text, size_t len);

/* False for what is not base64. */
bool base64_decode(const char *text, size_t len, uint8_t *to, size_t *ret_len);

#endif
