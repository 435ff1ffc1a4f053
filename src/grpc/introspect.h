/*
 * introspect.h - what built-in services may know of the server they are in
 *
 * Of this worker, from start() to stop(); nothing here changes it.
 */
#ifndef GRPC_INTROSPECT_H
#define GRPC_INTROSPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "grpcd.h"

/* The services that are served, in the order of the config. */
size_t introspect_services(void);
const struct grpcd_descriptor *introspect_service(size_t i);

/* Is it served where the call came in? */
bool introspect_reaches(struct grpcd_call *call, size_t i);

enum introspect_health {
	INTROSPECT_UNKNOWN, /* no such service */
	INTROSPECT_SERVING,
	INTROSPECT_NOT_SERVING
};

/* How a service is; "": the whole server. */
enum introspect_health introspect_health(const char *service);

/*
 * Has changed() run whenever that may have become another, as a function of a
 * service; one is enough.  NULL: no more.
 */
void introspect_on_health(void (*changed)(void));

/*
 * The call waits for what may never come: its connection is idle with it, and
 * it takes no place of max_calls.
 */
void introspect_discount(struct grpcd_call *call);

#endif
