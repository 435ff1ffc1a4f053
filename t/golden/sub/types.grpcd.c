/* Made by protoc-gen-grpcd from sub/types.proto: do not edit. */
#include "sub/types.grpcd.h"
