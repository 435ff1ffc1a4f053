/*
 * compress.h - messages made smaller: grpc-encoding (gRPC's compression.md)
 *
 * Each message stands alone, so one state each way does for all calls of a
 * worker.
 */
#ifndef GRPC_COMPRESS_H
#define GRPC_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http2/session.h"

struct compress;

enum encoding { ENCODING_IDENTITY, ENCODING_GZIP, ENCODING_DEFLATE, ENCODINGS };

struct compress_bytes {
	const uint8_t *at;
	size_t len;
};

/* By encoding: the field grpc-encoding. */
extern const struct http2_field compress_fields[ENCODINGS];

/* All of them, as grpc-accept-encoding has it. */
extern const struct http2_field compress_accepted;

/* The encoding of that name; ENCODINGS if there is none. */
enum encoding compress_find(const char *name, size_t len);

/* The encodings of a list with commas; bit n is encoding n. */
unsigned compress_parse(const char *list, size_t len);

/* What to answer with: as the client does, if it takes that, or gzip first. */
enum encoding compress_choose(unsigned accepted, enum encoding clients);

/* Takes no memory before the first message; NULL without any. */
struct compress *compress_new(void);
void compress_free(struct compress **compress);

enum compress_result {
	COMPRESS_OK,
	COMPRESS_MALFORMED,
	COMPRESS_TOO_LARGE,
	COMPRESS_NO_MEMORY
};

/*
 * Undoes the encoding of a whole message of which no more than max_len bytes
 * may come: no more are ever made.  They stay until compress_rest.
 */
enum compress_result compress_undo(struct compress *compress,
    enum encoding encoding, struct compress_bytes bytes, size_t max_len,
    struct compress_bytes *ret);

/*
 * Encodes a message, to stay until compress_rest; false if that makes it no
 * smaller, or without memory.
 */
bool compress_do(struct compress *compress, enum encoding encoding,
    struct compress_bytes bytes, struct compress_bytes *ret);

/* Forgets the message, and gives back the memory of a large one. */
void compress_rest(struct compress *compress);

#endif
