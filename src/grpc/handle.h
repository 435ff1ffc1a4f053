/*
 * handle.h - what a service holds of a call
 *
 * A struct grpcd_call * is a number in a pointer's clothes: the index of a slot
 * and that slot's generation.  It is looked up, never followed, so one that is
 * kept too long is recognised, also when another call has the slot by then.
 * One table a process: services run in one thread.
 */
#ifndef GRPC_HANDLE_H
#define GRPC_HANDLE_H

#include <stddef.h>

struct call;
struct grpcd_call;
struct registry_method;

/* A handle for the call; NULL without memory. */
struct grpcd_call *handle_open(struct call *call);

/* From here on the handle is recognised as one of `method` that has ended. */
void handle_close(struct grpcd_call *handle, struct registry_method *method);

/* NULL for a handle that was closed, or never was one. */
struct call *handle_find(const struct grpcd_call *handle);

/* The method of a handle that was closed; NULL if that is forgotten. */
struct registry_method *handle_method(const struct grpcd_call *handle);

/*
 * Walks over the calls that have a handle: *at is 0 at first; NULL at the end.
 * Calls may be opened and closed meanwhile.
 */
struct call *handle_next(size_t *at);

/* Forgets methods, since their registry is about to go. */
void handle_forget(void);

#endif
