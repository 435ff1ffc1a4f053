/* Made by protoc-gen-grpcd from sub/types.proto: do not edit. */
#ifndef SUB__TYPES_GRPCD_H
#define SUB__TYPES_GRPCD_H

#include <grpcd.h>

#include "sub/types.pb-c.h"

#if GRPCD_API != 1
#error "made for another grpcd.h: run protoc-gen-grpcd again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
