/*
 * status.h - names and numbers of the status codes, from status.def
 */
#ifndef GRPC_STATUS_H
#define GRPC_STATUS_H

#include <stdint.h>

#include "grpcd.h"
#include "http2/session.h"

#define STATUS_CODES (GRPCD_UNAUTHENTICATED + 1)

struct status_row {
	const char *name; /* "NOT_FOUND" */
	int http;
	struct http2_field field; /* grpc-status: 5 */
};

/* By code. */
extern const struct status_row status_rows[STATUS_CODES];

/* The status itself, or UNKNOWN for a number that is none. */
static inline enum grpcd_status
status_checked(enum grpcd_status status)
{
	return (unsigned)status < STATUS_CODES ? status : GRPCD_UNKNOWN;
}

/*
 * What a client's RST_STREAM says of a call, by HTTP/2's code (PROTOCOL-HTTP2,
 * Errors).
 */
enum grpcd_status status_of_reset(uint32_t error);

#endif
