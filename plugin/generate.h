/*
 * generate.h - from protoc's request to the answer
 */
#ifndef PLUGIN_GENERATE_H
#define PLUGIN_GENERATE_H

#include "plugin/descriptor.h"

/*
 * Adds to the response the files that the request asks for, or the error that
 * protoc shall tell.  The request is of no use afterwards.
 */
void generate(request_proto *request, response_proto *response);

#endif
