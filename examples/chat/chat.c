/*
 * chat.c - many streams that write to one another
 *
 * Shows back-pressure: whoever reads more slowly than the others talk misses
 * what does not fit, is told how much that was, and is not heard meanwhile.
 * Nothing is stored for anyone, so no memory grows.
 *
 * Rooms belong to a worker: with several workers a room has as many parts.
 */
#include "chat.grpcd.h"

#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

/* A stream; once it has said who it is, it has a room. */
struct member {
	TAILQ_ENTRY(member) link;
	struct grpcd_call *call;
	char *room, *name;
	bool slow;
	unsigned missed;
};

static TAILQ_HEAD(, member) members = TAILQ_HEAD_INITIALIZER(members);

static void
hear(struct member *member, char *name, char *text)
{
	Examples__Heard heard = EXAMPLES__HEARD__INIT;

	if (member->slow) {
		member->missed++;
		return;
	}
	heard.name = name;
	heard.text = text;
	if (examples_chat_join_write(member->call, &heard) == GRPCD_WAIT) {
		member->slow = true;
		grpcd_pause(member->call);
	}
}

static void
tell_room(const struct member *speaker, char *name, char *text)
{
	struct member *member;

	TAILQ_FOREACH (member, &members, link) {
		if (!strcmp(member->room, speaker->room))
			hear(member, name, text);
	}
}

/* The room says what somebody does. */
static void
announce(const struct member *member, const char *what)
{
	char nobody[] = "", text[200];

	snprintf(text, sizeof(text), "%s %s.", member->name, what);
	tell_room(member, nobody, text);
}

static void
enter(struct grpcd_call *call, const Examples__Say *say)
{
	struct member *member = grpcd_data(call);

	if (!*say->room || !*say->name) {
		grpcd_fail(call, GRPCD_INVALID_ARGUMENT,
		    "the first message must have a room and a name");
		return;
	}
	member->room = grpcd_strdup(call, say->room);
	member->name = grpcd_strdup(call, say->name);
	TAILQ_INSERT_TAIL(&members, member, link);
	announce(member, "has come");
}

static void
on_writable(struct grpcd_call *call)
{
	struct member *member = grpcd_data(call);
	char nobody[] = "", text[100];

	member->slow = false;
	grpcd_resume(call);
	if (member->missed == 0)
		return;
	snprintf(text, sizeof(text), "You missed %u lines.", member->missed);
	member->missed = 0;
	hear(member, nobody, text);
}

static void
on_drain(struct grpcd_call *call, int64_t ms_left)
{
	char nobody[] = "", text[] = "The server stops; come again.";

	(void)ms_left;
	hear(grpcd_data(call), nobody, text);
	grpcd_finish(call);
}

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	struct member *member = grpcd_data(call);

	(void)status;
	if (!member->room)
		return;
	TAILQ_REMOVE(&members, member, link);
	announce(member, "has left");
}

static const struct grpcd_events events = {
	.writable = on_writable,
	.drain = on_drain,
	.end = on_end,
};

static void
join_open(struct grpcd_call *call)
{
	struct member *member = grpcd_alloc(call, sizeof(*member));

	member->call = call;
	grpcd_keep(call, &events, member);
}

static void
join_message(struct grpcd_call *call, const Examples__Say *say)
{
	const struct member *member = grpcd_data(call);

	if (member->room)
		tell_room(member, member->name, say->text);
	else
		enter(call, say);
}

static void
join_close(struct grpcd_call *call)
{
	grpcd_finish(call);
}

static const struct examples_chat_ops ops = {
	.join = { join_open, join_message, join_close },
};

static const struct grpcd_service chat = { EXAMPLES_CHAT(&ops) };

GRPCD_MODULE(&chat)
