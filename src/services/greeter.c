/*
 * greeter.c - gRPC's first example: says hello
 *
 * Also the first service to read: all that it includes is what protoc-gen-grpcd
 * made of helloworld.proto, and with it grpcd.h.  It is part of the program,
 * and could be a module of its own as it stands.
 */
#include "helloworld.grpcd.h"

/* How many greetings SayHelloStreamReply sends. */
#define GREETINGS 10

static struct {
	const char *greeting;
} conf;

static const struct grpcd_directive directives[] = {
	GRPCD_STRING("greeting", &conf.greeting, "Hello",
	    "Word before the name."),
	GRPCD_DIRECTIVES_END,
};

static void
say_hello(struct grpcd_call *call, const Helloworld__HelloRequest *req)
{
	Helloworld__HelloReply reply = HELLOWORLD__HELLO_REPLY__INIT;

	reply.message = grpcd_printf(call, "%s %s", conf.greeting, req->name);
	helloworld_greeter_say_hello_reply(call, &reply);
}

static void
say_hello_stream_reply(struct grpcd_call *call,
    const Helloworld__HelloRequest *req)
{
	Helloworld__HelloReply reply = HELLOWORLD__HELLO_REPLY__INIT;

	for (int i = 0; i < GREETINGS; i++) {
		reply.message = grpcd_scratch_printf(call, "%s %s, %d",
		    conf.greeting, req->name, i);
		helloworld_greeter_say_hello_stream_reply_write(call, &reply);
	}
	grpcd_finish(call);
}

/* A client that does not read its greetings must wait with its names. */
static void
bidi_message(struct grpcd_call *call, const Helloworld__HelloRequest *req)
{
	Helloworld__HelloReply reply = HELLOWORLD__HELLO_REPLY__INIT;

	reply.message =
	    grpcd_scratch_printf(call, "%s %s", conf.greeting, req->name);
	if (helloworld_greeter_say_hello_bidi_stream_write(call, &reply) ==
	    GRPCD_WAIT)
		grpcd_pause(call);
}

static void
bidi_open(struct grpcd_call *call)
{
	static const struct grpcd_events events = {
		.writable = grpcd_resume,
	};

	grpcd_keep(call, &events, NULL);
}

static void
bidi_close(struct grpcd_call *call)
{
	grpcd_finish(call);
}

static const struct helloworld_greeter_ops ops = {
	.say_hello = say_hello,
	.say_hello_stream_reply = say_hello_stream_reply,
	.say_hello_bidi_stream = { bidi_open, bidi_message, bidi_close },
};

static const struct grpcd_service greeter = {
	HELLOWORLD_GREETER(&ops),
	.directives = directives,
};

GRPCD_MODULE(&greeter)
