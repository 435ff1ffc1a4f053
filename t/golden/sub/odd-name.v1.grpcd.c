/* Made by protoc-gen-grpcd from sub/odd-name.v1.proto: do not edit. */
#include "sub/odd-name.v1.grpcd.h"

/* A google.protobuf.FileDescriptorSet. */
static const uint8_t files[] =
    "\n\364\001\n\017sub/types.proto\022\013test.sub.v1\"\313\001\n\005Outer"
    "\022.\n\005inner\030\001 \001(\0132\030.test.sub.v1.Outer.InnerR\005inner"
    "\022\033\n\006number\030\002 \001(\005H\000R\006number\210\001\001\032j\n"
    "\005Inner\022@\n\011innermost\030\001 \001(\0132\".test.sub.v1.Outer.Inne"
    "r.InnermostR\011innermost\032\037\n\011Innermost\022\022\n\004text\030"
    "\001 \001(\011R\004textB\011\n\007_numberb\006proto3\n6\n\017sub/again.pr"
    "oto\022\010test.sub\032\017sub/types.protoP\000b\006proto3\n\233\002\n"
    "\025sub/odd-name.v1.proto\022\017test.sub.v1beta\032\017sub/again.proto\""
    "\033\n\005Outer\022\022\n\004text\030\001 \002(\011R\004text2\203\001\n"
    "\006Reader\0227\n\003Get\022\030.test.sub.v1.Outer.Inner\032\026.test.sub"
    ".v1beta.Outer\022@\n\004List\022\".test.sub.v1.Outer.Inner.Innermost\032"
    "\022.test.sub.v1.Outer0\0012=\n\006Writer\0223\n\003Put\022\026.test.sub."
    "v1beta.Outer\032\022.test.sub.v1.Outer(\001";

static bool
test_sub_v1beta_reader_get_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_sub_v1beta_reader_ops *table =
	    (const struct test_sub_v1beta_reader_ops *)ops;

	if (!table->get)
		return false;
	table->get(call, (const Test__Sub__V1__Outer__Inner *)message);
	return true;
}

static bool
test_sub_v1beta_reader_list_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_sub_v1beta_reader_ops *table =
	    (const struct test_sub_v1beta_reader_ops *)ops;

	if (!table->list)
		return false;
	table->list(call,
	    (const Test__Sub__V1__Outer__Inner__Innermost *)message);
	return true;
}

static const struct grpcd_method test_sub_v1beta_reader_methods[] = {
	{ "Get", &test__sub__v1__outer__inner__descriptor,
	    &test__sub__v1beta__outer__descriptor, false, false, NULL,
	    test_sub_v1beta_reader_get_message, NULL },
	{ "List", &test__sub__v1__outer__inner__innermost__descriptor,
	    &test__sub__v1__outer__descriptor, false, true, NULL,
	    test_sub_v1beta_reader_list_message, NULL },
};

const struct grpcd_descriptor test_sub_v1beta_reader_descriptor = {
	"test.sub.v1beta.Reader",
	test_sub_v1beta_reader_methods,
	2,
	files,
	sizeof(files) - 1,
};

static bool
test_sub_v1beta_writer_put_open(struct grpcd_call *call, const void *ops)
{
	const struct test_sub_v1beta_writer_ops *table =
	    (const struct test_sub_v1beta_writer_ops *)ops;

	if (table->put.open)
		table->put.open(call);
	return table->put.open || table->put.message || table->put.close;
}

static bool
test_sub_v1beta_writer_put_message(struct grpcd_call *call, const void *ops,
    const ProtobufCMessage *message)
{
	const struct test_sub_v1beta_writer_ops *table =
	    (const struct test_sub_v1beta_writer_ops *)ops;

	if (!table->put.message)
		return false;
	table->put.message(call, (const Test__Sub__V1beta__Outer *)message);
	return true;
}

static bool
test_sub_v1beta_writer_put_close(struct grpcd_call *call, const void *ops)
{
	const struct test_sub_v1beta_writer_ops *table =
	    (const struct test_sub_v1beta_writer_ops *)ops;

	if (!table->put.close)
		return false;
	table->put.close(call);
	return true;
}

static const struct grpcd_method test_sub_v1beta_writer_methods[] = {
	{ "Put", &test__sub__v1beta__outer__descriptor,
	    &test__sub__v1__outer__descriptor, true, false,
	    test_sub_v1beta_writer_put_open, test_sub_v1beta_writer_put_message,
	    test_sub_v1beta_writer_put_close },
};

const struct grpcd_descriptor test_sub_v1beta_writer_descriptor = {
	"test.sub.v1beta.Writer",
	test_sub_v1beta_writer_methods,
	1,
	files,
	sizeof(files) - 1,
};
