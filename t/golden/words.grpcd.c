/* Made by protoc-gen-grpcd from words.proto: do not edit. */
#include "words.grpcd.h"

/* A google.protobuf.FileDescriptorSet. */
static const uint8_t files[] =
    "\n\206\003\n\013words.proto\"\006\n\004Null\"<\n\003Int\022\020\n\003int"
    "\030\001 \001(\005R\003int\022\031\n\005class\030\002 \001(\011H\000R\005"
    "class\210\001\001B\010\n\006_class2\213\002\n\007Default\022\026\n\007Def"
    "ault\022\004.Int\032\005.Null\022\030\n\005Class\022\004.Int\032\005.Null"
    "(\0010\001\022\024\n\003New\022\004.Int\032\005.Null0\001\022\024\n\005Li"
    "nux\022\004.Int\032\005.Null\022\024\n\005Errno\022\004.Int\032\005.Null"
    "\022\025\n\006Assert\022\004.Int\032\005.Null\022\026\n\007VaStart\022"
    "\004.Int\032\005.Null\022\025\n\004Open\022\004.Int\032\005.Null(\001\022"
    "\023\n\004call\022\004.Int\032\005.Null\022\026\n\007HTTPGet\022\004.Int"
    "\032\005.Null\022\031\n\nsnake_case\022\004.Int\032\005.Null2\033\n\004NU"
    "LL\022\023\n\003Get\022\005.Null\032\005.Nullb\006proto3";

static bool
default_default_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->default_)
		return false;
	table->default_(call, (const Int *)message);
	return true;
}

static bool
default_class_open(struct grpcd_call *call, const void *ops)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (table->class_.open)
		table->class_.open(call);
	return table->class_.open || table->class_.message ||
	    table->class_.close;
}

static bool
default_class_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->class_.message)
		return false;
	table->class_.message(call, (const Int *)message);
	return true;
}

static bool
default_class_close(struct grpcd_call *call, const void *ops)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->class_.close)
		return false;
	table->class_.close(call);
	return true;
}

static bool
default_new_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->new_)
		return false;
	table->new_(call, (const Int *)message);
	return true;
}

static bool
default_linux_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->linux_)
		return false;
	table->linux_(call, (const Int *)message);
	return true;
}

static bool
default_errno_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->errno_)
		return false;
	table->errno_(call, (const Int *)message);
	return true;
}

static bool
default_assert_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->assert_)
		return false;
	table->assert_(call, (const Int *)message);
	return true;
}

static bool
default_va_start_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->va_start_)
		return false;
	table->va_start_(call, (const Int *)message);
	return true;
}

static bool
default_open_open(struct grpcd_call *call, const void *ops)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (table->open.open)
		table->open.open(call);
	return table->open.open || table->open.message || table->open.close;
}

static bool
default_open_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->open.message)
		return false;
	table->open.message(call, (const Int *)message);
	return true;
}

static bool
default_open_close(struct grpcd_call *call, const void *ops)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->open.close)
		return false;
	table->open.close(call);
	return true;
}

static bool
default_call_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->call)
		return false;
	table->call(call, (const Int *)message);
	return true;
}

static bool
default_httpget_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->httpget)
		return false;
	table->httpget(call, (const Int *)message);
	return true;
}

static bool
default_snake_case_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct default_ops *table = (const struct default_ops *)ops;

	if (!table->snake_case)
		return false;
	table->snake_case(call, (const Int *)message);
	return true;
}

static const struct grpcd_method default_methods[] = {
	{ "Default", &int__descriptor, &null__descriptor, false, false, NULL,
	    default_default_message, NULL },
	{ "Class", &int__descriptor, &null__descriptor, true, true,
	    default_class_open, default_class_message, default_class_close },
	{ "New", &int__descriptor, &null__descriptor, false, true, NULL,
	    default_new_message, NULL },
	{ "Linux", &int__descriptor, &null__descriptor, false, false, NULL,
	    default_linux_message, NULL },
	{ "Errno", &int__descriptor, &null__descriptor, false, false, NULL,
	    default_errno_message, NULL },
	{ "Assert", &int__descriptor, &null__descriptor, false, false, NULL,
	    default_assert_message, NULL },
	{ "VaStart", &int__descriptor, &null__descriptor, false, false, NULL,
	    default_va_start_message, NULL },
	{ "Open", &int__descriptor, &null__descriptor, true, false,
	    default_open_open, default_open_message, default_open_close },
	{ "call", &int__descriptor, &null__descriptor, false, false, NULL,
	    default_call_message, NULL },
	{ "HTTPGet", &int__descriptor, &null__descriptor, false, false, NULL,
	    default_httpget_message, NULL },
	{ "snake_case", &int__descriptor, &null__descriptor, false, false, NULL,
	    default_snake_case_message, NULL },
};

const struct grpcd_descriptor default_descriptor = {
	"Default",
	default_methods,
	11,
	files,
	sizeof(files) - 1,
};

static bool
null_get_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct null_ops *table = (const struct null_ops *)ops;

	if (!table->get)
		return false;
	table->get(call, (const Null *)message);
	return true;
}

static const struct grpcd_method null_methods[] = {
	{ "Get", &null__descriptor, &null__descriptor, false, false, NULL,
	    null_get_message, NULL },
};

const struct grpcd_descriptor null_descriptor = {
	"NULL",
	null_methods,
	1,
	files,
	sizeof(files) - 1,
};
