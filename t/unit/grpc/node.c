/*
 * node.c - a message type and a service for the tests of src/grpc
 */
#include <config.h>

#include "node.h"

#include <stdio.h>
#include <string.h>

#include "grpc/framing.h"

#define FIELD(name, id, label, type, quantifier, member, of, value)          \
	{                                                                    \
		name, id, PROTOBUF_C_LABEL_##label, PROTOBUF_C_TYPE_##type,  \
		    quantifier, offsetof(struct node, member), of, value, 0, \
		    0, NULL, NULL                                            \
	}

static const ProtobufCFieldDescriptor fields[] = {
	FIELD("text", 1, NONE, STRING, 0, text, NULL, protobuf_c_empty_string),
	FIELD("child", 2, NONE, MESSAGE, 0, child, &node_type, NULL),
	FIELD("many", 3, REPEATED, MESSAGE, offsetof(struct node, n_many), many,
	    &node_type, NULL),
	FIELD("blob", 4, NONE, BYTES, 0, blob, NULL, NULL),
	FIELD("number", 5, NONE, INT32, 0, number, NULL, NULL),
};
static const unsigned by_name[] = { 3, 1, 2, 4, 0 };
static const ProtobufCIntRange ranges[] = { { 1, 0 }, { 0, 5 } };

#define TYPE(full_name)                                                        \
	{                                                                      \
		.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,                 \
		.name = full_name, .short_name = "Node", .c_name = "Node",     \
		.package_name = "test", .sizeof_message = sizeof(struct node), \
		.n_fields = 5, .fields = fields,                               \
		.fields_sorted_by_name = by_name, .n_field_ranges = 1,         \
		.field_ranges = ranges,                                        \
	}

const ProtobufCMessageDescriptor node_type = TYPE("test.Node");
const ProtobufCMessageDescriptor other_type = TYPE("test.Other");

void
node_init(struct node *node)
{
	static char empty[1];

	*node = (struct node){ .base = { &node_type, 0, NULL }, .text = empty };
}

size_t
node_frame(uint8_t *to, const char *text)
{
	struct node node;
	size_t len;

	node_init(&node);
	node.text = (char *)(uintptr_t)text;
	len = protobuf_c_message_pack(&node.base, to + FRAMING_PREFIX);
	framing_prefix(to, len);
	return len + FRAMING_PREFIX;
}

struct node_ops node_ops;

static bool
on_open(struct grpcd_call *call, const void *ops)
{
	const struct node_ops *table = ops;

	if (table->open)
		table->open(call);
	return table->open || table->message || table->close;
}

static bool
on_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct node_ops *table = ops;

	if (table->message)
		table->message(call, (const struct node *)message);
	return table->message != NULL;
}

static bool
on_close(struct grpcd_call *call, const void *ops)
{
	const struct node_ops *table = ops;

	if (table->close)
		table->close(call);
	return table->close != NULL;
}

static const struct grpcd_method methods[] = {
	{ "Unary", &node_type, &node_type, false, false, NULL, on_message,
	    NULL },
	{ "Up", &node_type, &node_type, true, false, on_open, on_message,
	    on_close },
	{ "Down", &node_type, &node_type, false, true, NULL, on_message, NULL },
	{ "Both", &node_type, &node_type, true, true, on_open, on_message,
	    on_close },
};

const struct grpcd_descriptor node_descriptor = { "test.Nodes", methods, 4,
	NULL, 0 };
