/* Made by protoc-gen-grpcd from words.proto: do not edit. */
#ifndef WORDS_GRPCD_H
#define WORDS_GRPCD_H

#include <grpcd.h>

#include "words.pb-c.h"

#if GRPCD_API != 1
#error "made for another grpcd.h: run protoc-gen-grpcd again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Default */
struct default_ops {
	/* Unary: default_default_reply(). */
	void (*default_)(struct grpcd_call *call, const Int *request);

	/* Bidirectional: default_class_write(), then grpcd_finish(). */
	struct {
		void (*open)(struct grpcd_call *call);
		void (*message)(struct grpcd_call *call, const Int *message);
		void (*close)(struct grpcd_call *call);
	} class_;

	/* Server-streaming: default_new_write(), then grpcd_finish(). */
	void (*new_)(struct grpcd_call *call, const Int *request);

	/* Unary: default_linux_reply(). */
	void (*linux_)(struct grpcd_call *call, const Int *request);

	/* Unary: default_errno_reply(). */
	void (*errno_)(struct grpcd_call *call, const Int *request);

	/* Unary: default_assert_reply(). */
	void (*assert_)(struct grpcd_call *call, const Int *request);

	/* Unary: default_va_start_reply(). */
	void (*va_start_)(struct grpcd_call *call, const Int *request);

	/* Client-streaming: default_open_reply(). */
	struct {
		void (*open)(struct grpcd_call *call);
		void (*message)(struct grpcd_call *call, const Int *message);
		void (*close)(struct grpcd_call *call);
	} open;

	/* Unary: default_call_reply(). */
	void (*call)(struct grpcd_call *call, const Int *request);

	/* Unary: default_httpget_reply(). */
	void (*httpget)(struct grpcd_call *call, const Int *request);

	/* Unary: default_snake_case_reply(). */
	void (*snake_case)(struct grpcd_call *call, const Int *request);
};

extern const struct grpcd_descriptor default_descriptor;

#define DEFAULT(table)                     \
	.descriptor = &default_descriptor, \
	.ops = GRPCD_TYPED(const struct default_ops *, table)

static inline bool
default_default_reply(struct grpcd_call *call, const Null *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline enum grpcd_flow
default_class_write(struct grpcd_call *call, const Null *message)
{
	return grpcd_write(call, (const ProtobufCMessage *)message);
}

static inline enum grpcd_flow
default_new_write(struct grpcd_call *call, const Null *message)
{
	return grpcd_write(call, (const ProtobufCMessage *)message);
}

static inline bool
default_linux_reply(struct grpcd_call *call, const Null *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline bool
default_errno_reply(struct grpcd_call *call, const Null *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline bool
default_assert_reply(struct grpcd_call *call, const Null *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline bool
default_va_start_reply(struct grpcd_call *call, const Null *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline bool
default_open_reply(struct grpcd_call *call, const Null *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline bool
default_call_reply(struct grpcd_call *call, const Null *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline bool
default_httpget_reply(struct grpcd_call *call, const Null *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

static inline bool
default_snake_case_reply(struct grpcd_call *call, const Null *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

/* NULL */
struct null_ops {
	/* Unary: null_get_reply(). */
	void (*get)(struct grpcd_call *call, const Null *request);
};

extern const struct grpcd_descriptor null_descriptor;

#define NULL_(table)                    \
	.descriptor = &null_descriptor, \
	.ops = GRPCD_TYPED(const struct null_ops *, table)

static inline bool
null_get_reply(struct grpcd_call *call, const Null *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

#ifdef __cplusplus
}
#endif

#endif
