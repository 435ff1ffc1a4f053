/*
 * fileset.h - the descriptors of files, for reflection
 */
#ifndef PLUGIN_FILESET_H
#define PLUGIN_FILESET_H

#include <stddef.h>
#include <stdint.h>

#include "plugin/descriptor.h"

/*
 * A packed google.protobuf.FileDescriptorSet: all that the file number i of the
 * request imports, each after its own imports, then the file itself; without
 * comments.
 */
uint8_t *fileset_pack(const request_proto *request, size_t i, size_t *ret_len);

#endif
