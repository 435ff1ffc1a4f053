/*
 * node.h - a message type with everything that unpacking has to look at, and a
 * service with a method of each kind whose functions a test sets
 */
#ifndef NODE_H
#define NODE_H

#include "grpcd.h"

/* message Node { string text = 1; Node child = 2; repeated Node many = 3;
 * bytes blob = 4; int32 number = 5; } */
struct node {
	ProtobufCMessage base;
	char *text;
	struct node *child;
	size_t n_many;
	struct node **many;
	ProtobufCBinaryData blob;
	int32_t number;
};

extern const ProtobufCMessageDescriptor node_type;
/* The same, by another name. */
extern const ProtobufCMessageDescriptor other_type;

void node_init(struct node *node);

/* Packs { text }, with the prefix of gRPC; the number of bytes. */
size_t node_frame(uint8_t *to, const char *text);

/* What the service does; a function that is not set is not there. */
struct node_ops {
	void (*open)(struct grpcd_call *call);
	void (*message)(struct grpcd_call *call, const struct node *node);
	void (*close)(struct grpcd_call *call);
};
extern struct node_ops node_ops;

/* test.Nodes, with the methods Unary, Up, Down and Both. */
extern const struct grpcd_descriptor node_descriptor;

#define UNARY "/test.Nodes/Unary"
#define UP "/test.Nodes/Up"
#define DOWN "/test.Nodes/Down"
#define BOTH "/test.Nodes/Both"

#endif
