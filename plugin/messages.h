/*
 * messages.h - the messages of protobuf-c, as protoc-gen-c makes them
 */
#ifndef PLUGIN_MESSAGES_H
#define PLUGIN_MESSAGES_H

#include <stdbool.h>

#include "plugin/descriptor.h"

/* Whose messages are generated along with the services. */
enum messages {
	MESSAGES_NO,  /* nobody's: protoc-c is called besides */
	MESSAGES_YES, /* of the files that protoc was called with */
	MESSAGES_ALL  /* also of those that they import */
};

/*
 * Runs protoc-gen-c for the request's files, or with all also for those that
 * they import, and returns what it answers; NULL, with the reason, if it did
 * not.  The request is changed to what protoc-gen-c can do: no services, whose
 * methods may have names that are none in C, and a oneof for each `optional` of
 * proto3.
 */
response_proto *messages_generate(request_proto *request, bool all,
    const char **ret_error);

#endif
