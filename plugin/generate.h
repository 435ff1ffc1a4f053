/*
 * generate.h - from protoc's request to the answer
 */
#ifndef PLUGIN_GENERATE_H
#define PLUGIN_GENERATE_H

#include "plugin/descriptor.h"

/* Which messages are generated along with the services. */
enum messages {
	MESSAGES_NO,  /* none: protoc-c is called besides */
	MESSAGES_YES, /* those of the files that protoc was called with */
	MESSAGES_ALL  /* also those of the files that these import */
};

/*
 * Adds to the response the code for the services of each file.  NULL, or the
 * error for protoc to tell.
 */
const char *generate_services(const request_proto *request,
    response_proto *response);

/*
 * Adds what the parameter says to the response, or its error.  The request is
 * no longer of use afterwards.
 */
void generate(request_proto *request, response_proto *response);

#endif
