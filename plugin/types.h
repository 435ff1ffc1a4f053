/*
 * types.h - where a message type stands, and what protobuf-c calls it
 */
#ifndef PLUGIN_TYPES_H
#define PLUGIN_TYPES_H

#include <stdbool.h>

#include "plugin/descriptor.h"

/*
 * The file that defines a message, by its full name with the leading dot that
 * protoc gives it; NULL if none does.
 */
const file_proto *types_file(const request_proto *request, const char *type);

/* The file's option (pb_c_file).c_package; NULL if it has none. */
const char *types_package(const file_proto *file);

/* False if its option (pb_c_file).no_generate keeps protoc-gen-c from it. */
bool types_generated(const file_proto *file);

/*
 * A full name without a leading dot, as protobuf-c sees it: in types_package()
 * if there is one.
 */
const char *types_full(const file_proto *file, const char *full);

#endif
