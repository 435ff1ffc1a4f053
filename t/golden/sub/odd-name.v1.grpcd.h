/* Made by protoc-gen-grpcd from sub/odd-name.v1.proto: do not edit. */
#ifndef SUB__ODD_NAME_V1_GRPCD_H
#define SUB__ODD_NAME_V1_GRPCD_H

#include <grpcd.h>

#include "sub/odd-name.v1.pb-c.h"

#if GRPCD_API != 1
#error "made for another grpcd.h: run protoc-gen-grpcd again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* test.sub.v1beta.Reader */
struct test_sub_v1beta_reader_ops {
	/* Unary: test_sub_v1beta_reader_get_reply(). */
	void (*get)(struct grpcd_call *call,
	    const Test__Sub__V1__Outer__Inner *request);

	/*
	 * Server-streaming: test_sub_v1beta_reader_list_write(), then
	 * grpcd_finish().
	 */
	void (*list)(struct grpcd_call *call,
	    const Test__Sub__V1__Outer__Inner__Innermost *request);
};

extern const struct grpcd_descriptor test_sub_v1beta_reader_descriptor;

#define TEST_SUB_V1BETA_READER(table)                     \
	.descriptor = &test_sub_v1beta_reader_descriptor, \
	.ops = GRPCD_TYPED(const struct test_sub_v1beta_reader_ops *, table)

static inline bool
test_sub_v1beta_reader_get_reply(struct grpcd_call *call,
    const Test__Sub__V1beta__Outer *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline enum grpcd_flow
test_sub_v1beta_reader_list_write(struct grpcd_call *call,
    const Test__Sub__V1__Outer *message)
{
	return grpcd_write(call, (const ProtobufCMessage *)message);
}

/* test.sub.v1beta.Writer */
struct test_sub_v1beta_writer_ops {
	/* Client-streaming: test_sub_v1beta_writer_put_reply(). */
	struct {
		void (*open)(struct grpcd_call *call);
		void (*message)(struct grpcd_call *call,
		    const Test__Sub__V1beta__Outer *message);
		void (*close)(struct grpcd_call *call);
	} put;
};

extern const struct grpcd_descriptor test_sub_v1beta_writer_descriptor;

#define TEST_SUB_V1BETA_WRITER(table)                     \
	.descriptor = &test_sub_v1beta_writer_descriptor, \
	.ops = GRPCD_TYPED(const struct test_sub_v1beta_writer_ops *, table)

static inline bool
test_sub_v1beta_writer_put_reply(struct grpcd_call *call,
    const Test__Sub__V1__Outer *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

#ifdef __cplusplus
}
#endif

#endif
