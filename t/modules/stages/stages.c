/*
 * stages.c - a service that answers in every way there is, as it is told to
 *
 * The first word of a message says what to do.  A message of another word is
 * one of many: Up counts them, the others send them back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages.grpcd.h"

typedef Google__Protobuf__StringValue text;

/* Of a call that streams. */
struct stream {
	int n;     /* messages that have come */
	bool told; /* one of them said what becomes of the call */
};

/* A call that has ended, and one that nobody is to keep. */
static struct grpcd_call *gone, *forgotten;

static bool
writes(struct grpcd_call *call)
{
	const char *method = grpcd_method(call);

	return method && (strstr(method, "/Down") || strstr(method, "/Both"));
}

static enum grpcd_flow
put(struct grpcd_call *call, const char *value)
{
	text reply = GOOGLE__PROTOBUF__STRING_VALUE__INIT;

	reply.value = (char *)value;
	return grpcd_write(call, &reply.base);
}

/* The last answer, whatever the kind. */
static bool
answer(struct grpcd_call *call, const char *value)
{
	text reply = GOOGLE__PROTOBUF__STRING_VALUE__INIT;

	reply.value = (char *)value;
	if (writes(call))
		return put(call, value) != GRPCD_GONE && grpcd_finish(call);
	return grpcd_reply(call, &reply.base);
}

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
early(struct grpcd_call *call)
{
	grpcd_fail(call, GRPCD_ABORTED, "early");
}

static void
details(struct grpcd_call *call)
{
	text detail = GOOGLE__PROTOBUF__STRING_VALUE__INIT;

	for (int i = 0; i < 2; i++) {
		detail.value = grpcd_printf(call, "detail %d", i);
		must(grpcd_detail(call, &detail.base));
	}
	grpcd_fail(call, GRPCD_FAILED_PRECONDITION, "see the d\xc3\xa9tails");
}

static void
twice(struct grpcd_call *call)
{
	must(answer(call, "first"));
	must(!answer(call, "second"));
	must(!grpcd_fail(call, GRPCD_INTERNAL, "third"));
}

static void
on_late(struct grpcd_call *call)
{
	answer(call, "late");
}

static void
late(struct grpcd_call *call)
{
	static const struct grpcd_events events = { .timer = on_late };

	grpcd_keep(call, &events, grpcd_data(call));
	grpcd_after(call, 20);
}

static void
never(struct grpcd_call *call)
{
	grpcd_keep(call, NULL, grpcd_data(call));
}

static void
forget(struct grpcd_call *call)
{
	forgotten = call;
}

static void
haunt(struct grpcd_call *call)
{
	gone = call;
	answer(call, "haunted");
}

/* Whatever is done to a call that has gone does nothing. */
static void
ghost(struct grpcd_call *call)
{
	must(!answer(gone, "boo") && put(gone, "boo") == GRPCD_GONE);
	must(!grpcd_keep(gone, NULL, NULL) && !grpcd_after(gone, 1));
	must(!grpcd_method(gone) && !grpcd_peer(gone) && !grpcd_data(gone));
	must(!grpcd_alloc(gone, 1) && !grpcd_printf(gone, "boo"));
	must(grpcd_cancelled(gone) && grpcd_time_left(gone) == 0);
	grpcd_pause(gone);
	grpcd_resume(gone);
	answer(call, "ghost");
}

static void
hold(struct grpcd_call *call)
{
	put(call, "hold");
	never(call);
}

static void
flood(struct grpcd_call *call)
{
	static const struct grpcd_events events = { .writable = flood };

	grpcd_keep(call, &events, grpcd_data(call));
	while (put(call, "flood") == GRPCD_GO)
		;
}

static const struct {
	const char *word;
	void (*obey)(struct grpcd_call *call);
} orders[] = {
	{ "early", early },
	{ "details", details },
	{ "twice", twice },
	{ "late", late },
	{ "never", never },
	{ "forget", forget },
	{ "haunt", haunt },
	{ "ghost", ghost },
	{ "hold", hold },
	{ "flood", flood },
};

/* False: the word is no order. */
static bool
obeys(struct grpcd_call *call, const text *request)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		if (strcmp(request->value, orders[i].word))
			continue;
		orders[i].obey(call);
		return true;
	}
	return false;
}

static void
unary(struct grpcd_call *call, const text *request)
{
	if (!obeys(call, request))
		answer(call, request->value);
}

/* "N": so many messages. */
static void
down(struct grpcd_call *call, const text *request)
{
	if (obeys(call, request))
		return;
	for (int i = 0; i < atoi(request->value); i++)
		put(call, grpcd_scratch_printf(call, "%d", i));
	grpcd_finish(call);
}

static void
open_stream(struct grpcd_call *call)
{
	forgotten = NULL;
}

/* A slow service takes a message a millisecond; so does who may not write. */
static void
wait(struct grpcd_call *call, struct stream *s, bool blocked)
{
	static const struct grpcd_events room = { .writable = grpcd_resume };
	static const struct grpcd_events slow = { .timer = grpcd_resume };

	grpcd_pause(call);
	grpcd_keep(call, blocked ? &room : &slow, s);
	if (!blocked)
		grpcd_after(call, 1);
}

static void
message(struct grpcd_call *call, const text *request)
{
	struct stream *s = grpcd_data(call);

	if (s && s->told)
		return;
	if (!s && !strcmp(request->value, "forget")) {
		forget(call);
		return;
	}
	if (!s) {
		s = grpcd_alloc(call, sizeof(*s));
		grpcd_keep(call, NULL, s);
	}
	s->told = obeys(call, request);
	if (s->told)
		return;
	s->n++;
	if (writes(call) && put(call, request->value) == GRPCD_WAIT)
		wait(call, s, true);
	else if (!strncmp(request->value, "slow", 4))
		wait(call, s, false);
}

static void
close_stream(struct grpcd_call *call)
{
	struct stream *s = grpcd_data(call);
	char *count;

	if (call == forgotten || (s && s->told))
		return;
	count = grpcd_printf(call, "%d", s ? s->n : 0);
	answer(call, count);
}

static const struct stages_stages_ops ops = {
	.unary = unary,
	.up = { open_stream, message, close_stream },
	.down = down,
	.both = { open_stream, message, close_stream },
};

static const struct grpcd_service stages = {
	STAGES_STAGES(&ops),
};

GRPCD_MODULE(&stages)
