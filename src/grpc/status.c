/*
 * status.c - the table of status codes, and what stands for them in HTTP/2
 *
 * Runs in workers; the table is made from status.def.
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

enum grpcd_status
status_of_reset(uint32_t error)
{
	switch (error) {
	case HTTP2_CANCEL:
		return GRPCD_CANCELLED;
	case HTTP2_NO_ERROR:
	case HTTP2_PROTOCOL_ERROR:
	case HTTP2_INTERNAL_ERROR:
	case HTTP2_FLOW_CONTROL_ERROR:
	case HTTP2_SETTINGS_TIMEOUT:
	case HTTP2_FRAME_SIZE_ERROR:
	case HTTP2_COMPRESSION_ERROR:
	case HTTP2_CONNECT_ERROR:
		return GRPCD_INTERNAL;
	case HTTP2_REFUSED_STREAM:
		return GRPCD_UNAVAILABLE;
	case HTTP2_ENHANCE_YOUR_CALM:
		return GRPCD_RESOURCE_EXHAUSTED;
	case HTTP2_INADEQUATE_SECURITY:
		return GRPCD_PERMISSION_DENIED;
	default:
		return GRPCD_UNKNOWN;
	}
}
