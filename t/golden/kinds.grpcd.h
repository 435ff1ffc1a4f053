/* Made by protoc-gen-grpcd from kinds.proto: do not edit. */
#ifndef KINDS_GRPCD_H
#define KINDS_GRPCD_H

#include <grpcd.h>

#include "kinds.pb-c.h"

#if GRPCD_API != 1
#error "made for another grpcd.h: run protoc-gen-grpcd again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * test.kinds.Four
 *
 * and / * one more
 * "quoted" \ backslash, tab	and umlaut: ü; at its end a trigraph ?? /
 */
struct test_kinds_four_ops {
	/*
	 * One message comes, one goes.
	 *
	 * Unary: test_kinds_four_unary_reply().
	 */
	void (*unary)(struct grpcd_call *call, const Test__Kinds__In *request);

	/*
	 * Many come, one goes.
	 *
	 * Client-streaming: test_kinds_four_client_stream_reply().
	 */
	struct {
		void (*open)(struct grpcd_call *call);
		void (*message)(struct grpcd_call *call,
		    const Test__Kinds__In *message);
		void (*close)(struct grpcd_call *call);
	} client_stream;

	/*
	 * One comes, many go: this line is so long that it cannot stay one line
	 * in the header that is made of it, so it has to flow into the next,
	 * which flows on.
	 * - but a list stays
	 * - a list
	 *
	 * Server-streaming: test_kinds_four_server_stream_write(), then
	 * grpcd_finish().
	 */
	void (*server_stream)(struct grpcd_call *call,
	    const Test__Kinds__In *request);

	/*
	 * Behind it.
	 *
	 * Bidirectional: test_kinds_four_bidi_stream_write(), then
	 * grpcd_finish().
	 */
	struct {
		void (*open)(struct grpcd_call *call);
		void (*message)(struct grpcd_call *call,
		    const Test__Kinds__In *message);
		void (*close)(struct grpcd_call *call);
	} bidi_stream;
};

extern const struct grpcd_descriptor test_kinds_four_descriptor;

#define TEST_KINDS_FOUR(table)                     \
	.descriptor = &test_kinds_four_descriptor, \
	.ops = GRPCD_TYPED(const struct test_kinds_four_ops *, table)

static inline bool
test_kinds_four_unary_reply(struct grpcd_call *call,
    const Test__Kinds__Out *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline bool
test_kinds_four_client_stream_reply(struct grpcd_call *call,
    const Test__Kinds__Out *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline enum grpcd_flow
test_kinds_four_server_stream_write(struct grpcd_call *call,
    const Test__Kinds__Out *message)
{
	return grpcd_write(call, (const ProtobufCMessage *)message);
}

static inline enum grpcd_flow
test_kinds_four_bidi_stream_write(struct grpcd_call *call,
    const Test__Kinds__Out *message)
{
	return grpcd_write(call, (const ProtobufCMessage *)message);
}

/*
 * test.kinds.Old
 *
 * Nobody should call this any more.
 */
struct __attribute__((deprecated)) test_kinds_old_ops {
	/* Unary: test_kinds_old_get_reply(). */
	void (*get)(struct grpcd_call *call, const Test__Kinds__In *request);
};

extern const struct grpcd_descriptor test_kinds_old_descriptor;

#define TEST_KINDS_OLD(table)                     \
	.descriptor = &test_kinds_old_descriptor, \
	.ops = GRPCD_TYPED(const struct test_kinds_old_ops *, table)

static inline bool
test_kinds_old_get_reply(struct grpcd_call *call,
    const Test__Kinds__Out *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

/* test.kinds.Mixed */
struct test_kinds_mixed_ops {
	/*
	 * Use New.
	 *
	 * Deprecated. Unary: test_kinds_mixed_old_reply().
	 */
	void (*old)(struct grpcd_call *call, const Test__Kinds__In *request)
	    __attribute__((deprecated));

	/* Deprecated. Client-streaming: test_kinds_mixed_old_stream_reply(). */
	struct {
		void (*open)(struct grpcd_call *call);
		void (*message)(struct grpcd_call *call,
		    const Test__Kinds__In *message);
		void (*close)(struct grpcd_call *call);
	} old_stream __attribute__((deprecated));

	/* Unary: test_kinds_mixed_new_reply(). */
	void (*new_)(struct grpcd_call *call, const Test__Kinds__In *request);
};

extern const struct grpcd_descriptor test_kinds_mixed_descriptor;

#define TEST_KINDS_MIXED(table)                     \
	.descriptor = &test_kinds_mixed_descriptor, \
	.ops = GRPCD_TYPED(const struct test_kinds_mixed_ops *, table)

static inline bool
test_kinds_mixed_old_reply(struct grpcd_call *call,
    const Test__Kinds__Out *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline bool
test_kinds_mixed_old_stream_reply(struct grpcd_call *call,
    const Test__Kinds__Out *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline bool
test_kinds_mixed_new_reply(struct grpcd_call *call,
    const Test__Kinds__Out *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

/* test.kinds.Nothing */
struct test_kinds_nothing_ops {
	char no_methods; /* C has no empty struct */
};

extern const struct grpcd_descriptor test_kinds_nothing_descriptor;

#define TEST_KINDS_NOTHING(table)                     \
	.descriptor = &test_kinds_nothing_descriptor, \
	.ops = GRPCD_TYPED(const struct test_kinds_nothing_ops *, table)

#ifdef __cplusplus
}
#endif

#endif
