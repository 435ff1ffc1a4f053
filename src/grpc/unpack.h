/*
 * unpack.h - a message out of a client's bytes, with what protobuf-c leaves out
 *
 * protobuf-c nests without limit and takes text that is no UTF-8; both are
 * looked for in one walk over the bytes before it sees them.  Its memory is an
 * arena's, with the arena's cap.
 */
#ifndef GRPC_UNPACK_H
#define GRPC_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

struct arena;

/* Messages within messages, the outermost not counted; as C++ and Java. */
#define UNPACK_DEPTH 100

enum unpack_result {
	UNPACK_OK,
	UNPACK_MALFORMED,
	UNPACK_TOO_DEEP,
	UNPACK_NOT_UTF8,
	UNPACK_NO_MEMORY /* the arena's cap, or no more at all */
};

/* The message stays as long as the arena, and as the bytes need not. */
enum unpack_result unpack_message(const ProtobufCMessageDescriptor *type,
    const uint8_t *bytes, size_t len, struct arena *arena,
    ProtobufCMessage **ret_message);

#endif
