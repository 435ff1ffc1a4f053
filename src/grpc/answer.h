/*
 * answer.h - the response of a call: headers, messages, trailers
 */
#ifndef GRPC_ANSWER_H
#define GRPC_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

struct call;

/* A writer is told to wait above the first, and to go on below the second. */
#define ANSWER_MUCH 65536
#define ANSWER_LITTLE 32768

/* Sends the headers, if they have not been sent. */
void answer_headers(struct call *c);

/*
 * Packs a message behind those that wait.  False: it may not be sent, and the
 * call was ended for it.
 */
bool answer_message(struct call *c, const ProtobufCMessage *message);

/*
 * Has messages from here on compressed, or not.  False: the client takes no
 * encoding, or the headers have gone without one.
 */
bool answer_compress(struct call *c, bool compress);

/* Has http2 fetch what waits. */
void answer_flush(struct call *c);

/* Sends the status, which was decided; the text goes with it, or NULL. */
void answer_status(struct call *c, const char *text);

/* Answers what is no gRPC call with HTTP's status and a text for people. */
void answer_plain(struct call *c, const char *text);

/* http2_handler's pull. */
size_t answer_pull(struct call *c, uint8_t *to, size_t room, bool *ret_end);

#endif
