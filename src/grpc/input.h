/*
 * input.h - what a client sends after its headers: messages, and an end
 */
#ifndef GRPC_INPUT_H
#define GRPC_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct call;

/* The call of a client that streams was opened: tells the service. */
void input_open(struct call *c);

/* Bytes of the body have come; the end has. */
void input_data(struct call *c, const uint8_t *bytes, size_t len);
void input_end(struct call *c);

/* Delivers what came while the service had stopped it. */
void input_resume(struct call *c);

#endif
