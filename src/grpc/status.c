/*
 * status.c - the table of status codes
 *
 * Constant data, made from status.def.
 */
#include <config.h>

#include "grpc/status.h"

#define STATUS(name, code, http)               \
	_Static_assert(GRPCD_##name == (code), \
	    "status.def and grpcd.h agree on " #name);
#include "grpc/status.def"

#define STATUS(name, code, http) \
	[code] = { #name, http, HTTP2_FIELD("grpc-status", #code) },
const struct status_row status_rows[STATUS_CODES] = {
#include "grpc/status.def"
};
