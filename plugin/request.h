/*
 * request.h - what protoc asks for, checked
 */
#ifndef PLUGIN_REQUEST_H
#define PLUGIN_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "plugin/descriptor.h"

/*
 * Unpacks a CodeGeneratorRequest.  After it, whoever generates may rely on
 * this: each file to generate is there; each file has a name, and its imports
 * before it; services and methods have names that are identifiers; a method's
 * types are there.  NULL, with the reason, for bytes that no protoc writes.
 */
request_proto *request_parse(const uint8_t *bytes, size_t len,
    const char **ret_error);

/* The index of that file among the first n, or n if it is not there. */
size_t request_file(const request_proto *request, size_t n, const char *name);

#endif
