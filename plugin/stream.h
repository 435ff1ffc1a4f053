/*
 * stream.h - messages that come and go whole
 */
#ifndef PLUGIN_STREAM_H
#define PLUGIN_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <protobuf-c/protobuf-c.h>

/* Reads to the end, into memory of the run; NULL with errno. */
uint8_t *stream_read(FILE *in, size_t *ret_len);

/* Writes a message and flushes; false with errno. */
bool stream_write(FILE *out, const ProtobufCMessage *message);

/* The packed message, in memory of the run. */
uint8_t *stream_pack(const ProtobufCMessage *message, size_t *ret_len);

#endif
