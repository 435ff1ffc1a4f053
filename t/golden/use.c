/*
 * use.c - what the compiler must take, and with -DWRONG=N must refuse
 */
#include "kinds.grpcd.h"

#ifndef WRONG
#define WRONG 0
#endif

static void
unary(struct grpcd_call *call, const Test__Kinds__In *request)
{
	Test__Kinds__Out reply = TEST__KINDS__OUT__INIT;

	reply.text = request->text;
#if WRONG == 1 /* a reply of another type */
	test_kinds_four_unary_reply(call, request);
#elif WRONG == 2 /* one more message, where there is but one */
	test_kinds_four_unary_write(call, &reply);
#else
	test_kinds_four_unary_reply(call, &reply);
#endif
}

static void
message(struct grpcd_call *call, const Test__Kinds__In *in)
{
	Test__Kinds__Out reply = TEST__KINDS__OUT__INIT;

	reply.text = in->text;
	if (test_kinds_four_bidi_stream_write(call, &reply) == GRPCD_WAIT)
		grpcd_pause(call);
}

static void
close_client_stream(struct grpcd_call *call)
{
	Test__Kinds__Out reply = TEST__KINDS__OUT__INIT;

	test_kinds_four_client_stream_reply(call, &reply);
}

static const struct test_kinds_four_ops ops = {
	.unary = unary,
	.client_stream = { .close = close_client_stream },
#if WRONG == 3 /* a function for one message, where there are many */
	.bidi_stream = message,
#else
	.bidi_stream.message = message,
#endif
};

static const struct test_kinds_mixed_ops mixed_ops = {
#ifdef DEPRECATED
	.old = unary,
#else
	.new_ = unary,
#endif
};

static const struct grpcd_service four = {
#if WRONG == 4 /* the table of another service */
	TEST_KINDS_FOUR(&mixed_ops)
#else
	TEST_KINDS_FOUR(&ops)
#endif
};

static const struct grpcd_service mixed = {
	TEST_KINDS_MIXED(&mixed_ops),
	.directives = NULL,
};

GRPCD_MODULE(&four, &mixed)
