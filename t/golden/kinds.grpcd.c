/* Made by protoc-gen-grpcd from kinds.proto: do not edit. */
#include "kinds.grpcd.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* A google.protobuf.FileDescriptorSet. */
static const uint8_t files[] =
    "\n\365\003\n\013kinds.proto\022\ntest.kinds\"\030\n\002In\022\022\n\004te"
    "xt\030\001 \001(\011R\004text\"\031\n\003Out\022\022\n\004text\030\001 "
    "\001(\011R\004text2\311\001\n\004Four\022(\n\005Unary\022\016.test.kinds."
    "In\032\017.test.kinds.Out\0221\n\014ClientStream\022\016.test.kinds.In"
    "\032\017.test.kinds.Out(\001\0221\n\014ServerStream\022\016.test.kinds.In"
    "\032\017.test.kinds.Out0\001\0221\n\nBidiStream\022\016.test.kinds.In\032"
    "\017.test.kinds.Out(\0010\00122\n\003Old\022&\n\003Get\022\016.test.kinds"
    ".In\032\017.test.kinds.Out\032\003\210\002\0012\221\001\n\005Mixed\022+\n"
    "\003Old\022\016.test.kinds.In\032\017.test.kinds.Out\"\003\210\002\001"
    "\0223\n\011OldStream\022\016.test.kinds.In\032\017.test.kinds.Out\"\003"
    "\210\002\001(\001\022&\n\003New\022\016.test.kinds.In\032\017.test.kinds."
    "Out2\011\n\007Nothingb\006proto3";

static bool
test_kinds_four_unary_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_kinds_four_ops *table =
	    (const struct test_kinds_four_ops *)ops;

	if (!table->unary)
		return false;
	table->unary(call, (const Test__Kinds__In *)message);
	return true;
}

static bool
test_kinds_four_client_stream_open(struct grpcd_call *call, const void *ops)
{
	const struct test_kinds_four_ops *table =
	    (const struct test_kinds_four_ops *)ops;

	if (table->client_stream.open)
		table->client_stream.open(call);
	return table->client_stream.open || table->client_stream.message ||
	    table->client_stream.close;
}

static bool
test_kinds_four_client_stream_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_kinds_four_ops *table =
	    (const struct test_kinds_four_ops *)ops;

	if (!table->client_stream.message)
		return false;
	table->client_stream.message(call, (const Test__Kinds__In *)message);
	return true;
}

static bool
test_kinds_four_client_stream_close(struct grpcd_call *call, const void *ops)
{
	const struct test_kinds_four_ops *table =
	    (const struct test_kinds_four_ops *)ops;

	if (!table->client_stream.close)
		return false;
	table->client_stream.close(call);
	return true;
}

static bool
test_kinds_four_server_stream_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_kinds_four_ops *table =
	    (const struct test_kinds_four_ops *)ops;

	if (!table->server_stream)
		return false;
	table->server_stream(call, (const Test__Kinds__In *)message);
	return true;
}

static bool
test_kinds_four_bidi_stream_open(struct grpcd_call *call, const void *ops)
{
	const struct test_kinds_four_ops *table =
	    (const struct test_kinds_four_ops *)ops;

	if (table->bidi_stream.open)
		table->bidi_stream.open(call);
	return table->bidi_stream.open || table->bidi_stream.message ||
	    table->bidi_stream.close;
}

static bool
test_kinds_four_bidi_stream_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_kinds_four_ops *table =
	    (const struct test_kinds_four_ops *)ops;

	if (!table->bidi_stream.message)
		return false;
	table->bidi_stream.message(call, (const Test__Kinds__In *)message);
	return true;
}

static bool
test_kinds_four_bidi_stream_close(struct grpcd_call *call, const void *ops)
{
	const struct test_kinds_four_ops *table =
	    (const struct test_kinds_four_ops *)ops;

	if (!table->bidi_stream.close)
		return false;
	table->bidi_stream.close(call);
	return true;
}

static const struct grpcd_method test_kinds_four_methods[] = {
	{ "Unary", &test__kinds__in__descriptor, &test__kinds__out__descriptor,
	    false, false, NULL, test_kinds_four_unary_message, NULL },
	{ "ClientStream", &test__kinds__in__descriptor,
	    &test__kinds__out__descriptor, true, false,
	    test_kinds_four_client_stream_open,
	    test_kinds_four_client_stream_message,
	    test_kinds_four_client_stream_close },
	{ "ServerStream", &test__kinds__in__descriptor,
	    &test__kinds__out__descriptor, false, true, NULL,
	    test_kinds_four_server_stream_message, NULL },
	{ "BidiStream", &test__kinds__in__descriptor,
	    &test__kinds__out__descriptor, true, true,
	    test_kinds_four_bidi_stream_open,
	    test_kinds_four_bidi_stream_message,
	    test_kinds_four_bidi_stream_close },
};

const struct grpcd_descriptor test_kinds_four_descriptor = {
	"test.kinds.Four",
	test_kinds_four_methods,
	4,
	files,
	sizeof(files) - 1,
};

static bool
test_kinds_old_get_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_kinds_old_ops *table =
	    (const struct test_kinds_old_ops *)ops;

	if (!table->get)
		return false;
	table->get(call, (const Test__Kinds__In *)message);
	return true;
}

static const struct grpcd_method test_kinds_old_methods[] = {
	{ "Get", &test__kinds__in__descriptor, &test__kinds__out__descriptor,
	    false, false, NULL, test_kinds_old_get_message, NULL },
};

const struct grpcd_descriptor test_kinds_old_descriptor = {
	"test.kinds.Old",
	test_kinds_old_methods,
	1,
	files,
	sizeof(files) - 1,
};

static bool
test_kinds_mixed_old_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_kinds_mixed_ops *table =
	    (const struct test_kinds_mixed_ops *)ops;

	if (!table->old)
		return false;
	table->old(call, (const Test__Kinds__In *)message);
	return true;
}

static bool
test_kinds_mixed_old_stream_open(struct grpcd_call *call, const void *ops)
{
	const struct test_kinds_mixed_ops *table =
	    (const struct test_kinds_mixed_ops *)ops;

	if (table->old_stream.open)
		table->old_stream.open(call);
	return table->old_stream.open || table->old_stream.message ||
	    table->old_stream.close;
}

static bool
test_kinds_mixed_old_stream_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_kinds_mixed_ops *table =
	    (const struct test_kinds_mixed_ops *)ops;

	if (!table->old_stream.message)
		return false;
	table->old_stream.message(call, (const Test__Kinds__In *)message);
	return true;
}

static bool
test_kinds_mixed_old_stream_close(struct grpcd_call *call, const void *ops)
{
	const struct test_kinds_mixed_ops *table =
	    (const struct test_kinds_mixed_ops *)ops;

	if (!table->old_stream.close)
		return false;
	table->old_stream.close(call);
	return true;
}

static bool
test_kinds_mixed_new_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_kinds_mixed_ops *table =
	    (const struct test_kinds_mixed_ops *)ops;

	if (!table->new_)
		return false;
	table->new_(call, (const Test__Kinds__In *)message);
	return true;
}

static const struct grpcd_method test_kinds_mixed_methods[] = {
	{ "Old", &test__kinds__in__descriptor, &test__kinds__out__descriptor,
	    false, false, NULL, test_kinds_mixed_old_message, NULL },
	{ "OldStream", &test__kinds__in__descriptor,
	    &test__kinds__out__descriptor, true, false,
	    test_kinds_mixed_old_stream_open,
	    test_kinds_mixed_old_stream_message,
	    test_kinds_mixed_old_stream_close },
	{ "New", &test__kinds__in__descriptor, &test__kinds__out__descriptor,
	    false, false, NULL, test_kinds_mixed_new_message, NULL },
};

const struct grpcd_descriptor test_kinds_mixed_descriptor = {
	"test.kinds.Mixed",
	test_kinds_mixed_methods,
	3,
	files,
	sizeof(files) - 1,
};

const struct grpcd_descriptor test_kinds_nothing_descriptor = {
	"test.kinds.Nothing",
	NULL,
	0,
	files,
	sizeof(files) - 1,
};
