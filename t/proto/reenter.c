/*
 * reenter.c - handlers that do anything from within any callback
 *
 * Every stage of a call times everything that may be done to a stream or a
 * session.  loop_fini fails unless each stream was closed exactly once.
 */
#include <config.h>

#include "loop.h"

#include <nghttp2/nghttp2.h>

#include "tap.h"

#define END NGHTTP2_FLAG_END_STREAM

enum stage { HEADERS, DATA, IN_END, PULL, CLOSED, TIMER, STAGES };

static const char *const stage_names[] = { "headers", "data", "end", "pull",
	"closed", "timer" };

static const struct http2_field whole[] = {
	HTTP2_FIELD(":status", "200"),
	HTTP2_FIELD("grpc-status", "0"),
};

static enum stage at;                            /* where to act */
static void (*act)(struct loop_call *call);      /* on every open stream */
static void (*act_once)(struct loop_call *call); /* on the session */
static bool acting;

static void
reset(struct loop_call *call)
{
	http2_reset(call->stream, HTTP2_INTERNAL_ERROR);
}

static void
respond_whole(struct loop_call *call)
{
	http2_respond(call->stream, whole, 2, true);
}

static void
respond_body(struct loop_call *call)
{
	http2_respond(call->stream, whole, 2, false);
	http2_resume(call->stream);
	http2_resume(call->stream);
}

static void
consume(struct loop_call *call)
{
	http2_consume(call->stream, 40000);
}

static void
respond_and_reset(struct loop_call *call)
{
	respond_body(call);
	consume(call);
	reset(call);
	respond_whole(call);
	http2_resume(call->stream);
	consume(call);
}

static void
drain(struct loop_call *call)
{
	http2_session_drain(call->loop->session);
}

static void
goaway(struct loop_call *call)
{
	http2_session_goaway(call->loop->session, HTTP2_INTERNAL_ERROR, "now");
}

static void
reach(enum stage stage, struct loop_call *call)
{
	struct loop_call *each;

	if (stage != at || acting)
		return;
	acting = true;
	LIST_FOREACH (each, &call->loop->calls, link)
		if (act != NULL && (stage != CLOSED || each != call))
			act(each);
	if (act_once != NULL && call->loop->session != NULL)
		act_once(call);
	acting = false;
}

static void
on_headers(struct loop_call *call)
{
	reach(HEADERS, call);
}

static void
on_data(struct loop_call *call, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	call->left += len;
	reach(DATA, call);
}

static void
on_end(struct loop_call *call)
{
	reach(IN_END, call);
	http2_respond(call->stream, whole, 2, false);
}

static size_t
on_pull(struct loop_call *call, uint8_t *to, size_t room, bool *ret_end)
{
	size_t n = call->left < room ? call->left : room;

	reach(PULL, call);
	memset(to, 'x', n);
	call->left -= n;
	*ret_end = call->left == 0;
	return n;
}

static void
on_closed(struct loop_call *call)
{
	reach(CLOSED, call);
}

static const struct loop_script script = {
	.headers = on_headers,
	.data = on_data,
	.end = on_end,
	.pull = on_pull,
	.closed = on_closed,
};

static void
play(struct loop *l)
{
	static const uint8_t bytes[16384];
	uint32_t id;

	for (id = 1; id < 20; id += 2) {
		wire_request(&l->up, id == 19 ? END : 0, id);
		if (id == 19)
			break;
		wire_frame(&l->up, NGHTTP2_DATA, 0, id, bytes, sizeof(bytes));
		wire_frame(&l->up, NGHTTP2_DATA, 0, id, bytes, sizeof(bytes));
		if (id % 3 == 0)
			loop_run(l);
		if (id == 7)
			wire_number(&l->up, NGHTTP2_RST_STREAM, 3, 8);
		wire_frame(&l->up, NGHTTP2_DATA, END, id, "x", 1);
	}
	loop_run(l);
	if (!LIST_EMPTY(&l->calls))
		reach(TIMER, LIST_FIRST(&l->calls));
	wire_number(&l->up, NGHTTP2_WINDOW_UPDATE, 0, 1000000);
	loop_run(l);
}

static void
test_all(void)
{
	static const struct {
		const char *name;
		void (*act)(struct loop_call *call);
		void (*act_once)(struct loop_call *call);
	} acts[] = {
		{ "reset", reset, NULL },
		{ "respond", respond_whole, NULL },
		{ "begin a body", respond_body, NULL },
		{ "consume", consume, NULL },
		{ "all of it", respond_and_reset, NULL },
		{ "drain", NULL, drain },
		{ "go away", NULL, goaway },
		{ "reset and drain", reset, drain },
		{ "reset and go away", reset, goaway },
	};
	struct loop l;
	size_t i;

	for (at = 0; at < STAGES; at++)
		for (i = 0; i < sizeof(acts) / sizeof(*acts); i++) {
			act = acts[i].act;
			act_once = acts[i].act_once;
			loop_init(&l, &script);
			loop_open(&l);
			play(&l);
			loop_fini(&l);
			ok(l.n_opened > 0, "%s from within %s (%zu calls)",
			    acts[i].name, stage_names[at], l.n_opened);
		}
}

int
main(void)
{
	test_all();
	return done();
}
