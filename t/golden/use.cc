// use.cc - a service written in C++
#include "kinds.grpcd.h"

static void
unary(struct grpcd_call *call, const Test__Kinds__In *request)
{
	Test__Kinds__Out reply = TEST__KINDS__OUT__INIT;

	reply.text = request->text;
	test_kinds_four_unary_reply(call, &reply);
}

static const char *greeting;
static int64_t delay_ms;
static bool loud;

static const struct grpcd_directive directives[] = {
	GRPCD_STRING("greeting", &greeting, "Hello", "Word."),
	GRPCD_TIME("delay", &delay_ms, "0s", 0, 1000, "Time."),
	GRPCD_BOOL("loud", &loud, "off", "Whether to shout."),
	GRPCD_DIRECTIVES_END,
};

static const test_kinds_four_ops ops = [] {
	test_kinds_four_ops made = {};

	made.unary = unary;
	made.bidi_stream.message = unary;
	return made;
}();

static const grpcd_service four = {
	TEST_KINDS_FOUR(&ops),
	.directives = directives,
	.check = nullptr,
	.start = nullptr,
	.drain = nullptr,
	.stop = nullptr,
};

GRPCD_MODULE(&four)
