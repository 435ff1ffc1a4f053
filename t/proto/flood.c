/*
 * flood.c - frames that cost us and bring no call forward, from a client that
 * reads whatever it is sent; and a busy client that must not be taken for one
 */
#include <config.h>

#include "loop.h"

#include <nghttp2/nghttp2.h>

#include "base/clock.h"
#include "tap.h"

#define END NGHTTP2_FLAG_END_STREAM
#define BATCH 100    /* frames between two reads of ours */
#define ENOUGH 20000 /* frames after which a flood has gone unseen */

/* Writes the i'th frame, or several, of a flood. */
typedef void flood(struct loop *l, uint32_t i);

/* Begins with one open stream, and PINGs that are allowed. */
static void
begin(struct loop *l, const struct loop_script *script)
{
	loop_init(l, script);
	l->limits.keepalive_min_time = 0;
	loop_open(l);
	wire_request(&l->up, 0, 1);
	loop_run(l);
	buffer_clear(&l->down);
}

/* Floods until the session ends; how many times was written until then. */
static uint32_t
run_flood(struct loop *l, flood *write)
{
	uint32_t i;

	for (i = 1; i <= ENOUGH; i++) {
		write(l, i);
		if (i % BATCH != 0)
			continue;
		buffer_clear(&l->down);
		loop_run(l);
		if (http2_session_done(l->session))
			break;
	}
	return i;
}

/* The session has ended as it should for what `directive` limits. */
static void
check_ended(struct loop *l, const char *what, const char *directive)
{
	const char *reason = http2_session_reason(l->session);
	struct wire_frame f = { 0 };

	ok(loop_expect(l, NGHTTP2_GOAWAY, 0, &f), "%s: GOAWAY", what);
	is_int(HTTP2_ENHANCE_YOUR_CALM, wire_u32(&f, 4), "%s: with its code",
	    what);
	ok(f.len > 8, "%s: and a text", what);
	ok(http2_session_done(l->session), "%s: done", what);
	is_int(1, l->row.floods, "%s: counted", what);
	is_int(0, l->row.protocol_errors, "%s: and only as a flood", what);
	ok(reason != NULL && strstr(reason, directive) != NULL,
	    "%s: the reason names %s", what, directive);
	wire_ping(&l->up, 0, "too late");
	loop_run(l);
	ok(!l->good, "%s: nothing more is taken", what);
}

static void
empty_data(struct loop *l, uint32_t i)
{
	(void)i;
	wire_frame(&l->up, NGHTTP2_DATA, 0, 1, NULL, 0);
}

static void
padding(struct loop *l, uint32_t i)
{
	(void)i;
	wire_frame(&l->up, NGHTTP2_DATA, NGHTTP2_FLAG_PADDED, 1, "\1\0", 2);
}

/* Begins each with what we have reset, which the client may not know yet. */
static void
data_on_reset(struct loop *l, uint32_t i)
{
	if (i == 1)
		http2_reset(LIST_FIRST(&l->calls)->stream, HTTP2_CANCEL);
	wire_frame(&l->up, NGHTTP2_DATA, 0, 1, "x", 1);
}

static void
headers_on_reset(struct loop *l, uint32_t i)
{
	if (i == 1)
		http2_reset(LIST_FIRST(&l->calls)->stream, HTTP2_CANCEL);
	wire_request(&l->up, 0, 1);
}

static void
priority(struct loop *l, uint32_t i)
{
	wire_frame(&l->up, NGHTTP2_PRIORITY, 0, 2 * i + 1, "\0\0\0\0\1", 5);
}

static void
priority_update(struct loop *l, uint32_t i)
{
	(void)i;
	wire_frame(&l->up, NGHTTP2_PRIORITY_UPDATE, 0, 0, "\0\0\0\1u=1", 7);
}

static void
unknown(struct loop *l, uint32_t i)
{
	wire_frame(&l->up, (uint8_t)(0x20 + i % 200), 0, i, "rubbish", 7);
}

static void
window_update(struct loop *l, uint32_t i)
{
	wire_number(&l->up, NGHTTP2_WINDOW_UPDATE, i % 2, 1);
}

static void
ping(struct loop *l, uint32_t i)
{
	(void)i;
	wire_ping(&l->up, 0, "flooding");
}

static void
ping_ack(struct loop *l, uint32_t i)
{
	(void)i;
	wire_ping(&l->up, NGHTTP2_FLAG_ACK, "flooding");
}

static void
settings(struct loop *l, uint32_t i)
{
	wire_setting(&l->up, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
	    65535 + i % 2);
}

static void
test_frames(void)
{
	static const struct {
		const char *what;
		flood *write;
	} floods[] = {
		{ "empty DATA", empty_data },
		{ "DATA of padding", padding },
		{ "DATA on a stream that was reset", data_on_reset },
		{ "HEADERS on a stream that was reset", headers_on_reset },
		{ "PRIORITY", priority },
		{ "PRIORITY_UPDATE", priority_update },
		{ "unknown frames", unknown },
		{ "WINDOW_UPDATE", window_update },
		{ "PING", ping },
		{ "ACKs of PING", ping_ack },
		{ "SETTINGS", settings },
	};
	size_t i;
	uint32_t n;
	struct loop l;

	for (i = 0; i < sizeof(floods) / sizeof(*floods); i++) {
		begin(&l, &loop_hold);
		n = run_flood(&l, floods[i].write);
		ok(n >= 10000 && n <= 10000 + 2 * BATCH,
		    "%s: ends at frame_burst (%u)", floods[i].what, n);
		check_ended(&l, floods[i].what, "frame_burst 10000");
		loop_fini(&l);
	}
}

/* At the rate, for ever; over it, not. */
static void
test_rate(void)
{
	struct loop l;
	int i, j;

	begin(&l, &loop_hold);
	for (i = 0; i < 300 && l.good; i++) {
		loop_wait(&l, CLOCK_SECOND / 10);
		for (j = 0; j < 100; j++)
			ping(&l, 0);
		loop_run(&l);
	}
	ok(l.good, "frame_rate can be kept up");
	for (i = 0; i < 300 && l.good; i++) {
		loop_wait(&l, CLOCK_SECOND / 10);
		for (j = 0; j < 200; j++)
			ping(&l, 0);
		loop_run(&l);
	}
	ok(!l.good && i >= 100, "twice as many only until the burst is used");
	loop_fini(&l);
}

/* A client that does not read: nghttp2's own limit on what waits. */
static void
test_unread(void)
{
	struct loop l;
	int i;

	begin(&l, &loop_hold);
	for (i = 0; i < 1100; i++)
		ping(&l, 0);
	loop_run(&l);
	ok(!l.good, "1,100 PINGs that nobody could answer");
	check_ended(&l, "unanswered", "PING or SETTINGS");
	loop_fini(&l);
}

static void
rapid_reset(struct loop *l, uint32_t i)
{
	wire_request(&l->up, 0, 2 * i + 1);
	wire_number(&l->up, NGHTTP2_RST_STREAM, 2 * i + 1, HTTP2_CANCEL);
}

static void
overflow_window(struct loop *l, uint32_t i)
{
	wire_request(&l->up, 0, 2 * i + 1);
	wire_number(&l->up, NGHTTP2_WINDOW_UPDATE, 2 * i + 1, 0x7fffffff);
}

static void
malformed(struct loop *l, uint32_t i)
{
	wire_headers(&l->up, 0, 2 * i + 1, ":method", "POST", NULL);
}

static void
wrong_length(struct loop *l, uint32_t i)
{
	wire_headers(&l->up, 0, 2 * i + 1, ":method", "POST", ":scheme", "http",
	    ":path", "/", "content-length", "1", NULL);
	wire_frame(&l->up, NGHTTP2_DATA, END, 2 * i + 1, "ab", 2);
}

static void
over_the_limit(struct loop *l, uint32_t i)
{
	wire_request(&l->up, 0, 2 * i + 1);
}

static void
answer_early(struct loop_call *call)
{
	static const struct http2_field fields[] = {
		HTTP2_FIELD(":status", "200"),
		HTTP2_FIELD("grpc-status", "12"),
	};

	http2_respond(call->stream, fields, 2, true);
}

static void
test_resets(void)
{
	static const struct loop_script early = { .headers = answer_early };
	static const struct {
		const char *what;
		flood *write;
		const struct loop_script *script;
	} floods[] = {
		{ "rapid reset", rapid_reset, &loop_hold },
		{ "rapid reset of what is answered", rapid_reset, &early },
		{ "made to reset by a window", overflow_window, &loop_hold },
		{ "made to reset by headers", malformed, &loop_hold },
		{ "made to reset by a length", wrong_length, &loop_hold },
		{ "made to reset by too many streams", over_the_limit,
		    &loop_hold },
	};
	size_t i;
	uint32_t n;
	struct loop l;

	for (i = 0; i < sizeof(floods) / sizeof(*floods); i++) {
		begin(&l, floods[i].script);
		n = run_flood(&l, floods[i].write);
		ok(n >= 1000 && n <= 1000 + 4 * BATCH,
		    "%s: ends at reset_burst (%u)", floods[i].what, n);
		check_ended(&l, floods[i].what, "reset_burst 1000");
		loop_fini(&l);
	}
}

/* A client that loses interest at a rate that it may. */
static void
test_cancelling(void)
{
	struct loop l;
	uint32_t i;

	begin(&l, &loop_hold);
	for (i = 1; i <= 5000 && l.good; i++) {
		rapid_reset(&l, i);
		loop_wait(&l, CLOCK_SECOND / 30);
		loop_run(&l);
	}
	ok(l.good, "30 cancelled calls a second, for ever");
	loop_fini(&l);
}

/* Answers before the request's end are not the client's fault. */
static void
test_early_answers(void)
{
	const struct loop_script script = { .headers = answer_early };
	struct loop l;
	uint32_t i;

	begin(&l, &script);
	for (i = 1; i <= 5000 && l.good; i++) {
		wire_request(&l.up, 0, 2 * i + 1);
		loop_run(&l);
		wire_number(&l.up, NGHTTP2_RST_STREAM, 2 * i + 1,
		    HTTP2_NO_ERROR);
	}
	ok(l.good && l.n_closed == 5001, "5,000 early answers are no resets");
	loop_fini(&l);
}

#define BOMB_REST (43 + 43 + 38 + 43) /* the list's other fields */
#define BOMB_ENTRY 3999

/* A field in HPACK's table, and n - 1 references to it. */
static void
bomb(struct loop *l, uint32_t id, size_t n)
{
	static char value[BOMB_ENTRY - 32];
	struct buffer block = BUFFER_INIT;
	uint8_t byte = 0x40;
	size_t i;

	memset(value, 'b', sizeof(value) - 1);
	wire_field(&block, ":method", "POST");
	wire_field(&block, ":scheme", "http");
	wire_field(&block, ":path", "/");
	wire_field(&block, ":authority", "a");
	i = buffer_length(&block);
	wire_field(&block, "b", value);
	buffer_bytes(&block)[i] = byte; /* with indexing: entry 62 */
	byte = 0x80 | 62;
	for (i = 1; i < n; i++)
		buffer_append(&block, &byte, 1);
	wire_frame(&l->up, NGHTTP2_HEADERS, END, id, buffer_bytes(&block),
	    buffer_length(&block) / 2);
	buffer_consume(&block, buffer_length(&block) / 2);
	wire_frame(&l->up, NGHTTP2_CONTINUATION, NGHTTP2_FLAG_END_HEADERS, id,
	    buffer_bytes(&block), buffer_length(&block));
	buffer_release(&block);
}

static void
test_header_lists(void)
{
	struct loop l;

	begin(&l, &loop_echo);
	is_int(6, l.n_fields, "fields within the limit are told");
	bomb(&l, 3, 1);
	loop_run(&l);
	is_int(6 + 5, l.n_fields, "of any size");
	is_int(BOMB_REST + BOMB_ENTRY, l.list_size,
	    "and counted as 6.5.2 does");
	bomb(&l, 5, 10);
	loop_run(&l);
	ok(l.good, "more than the limit is the handler's to refuse");
	is_int(11 + 4 + 2, l.n_fields, "the fields past it are not told");
	is_int(BOMB_REST + BOMB_ENTRY * 10, l.list_size, "but counted");
	bomb(&l, 7, 15000);
	loop_run(&l);
	ok(!l.good, "a bomb ends the session");
	is_int(3, l.n_headers, "and is not told");
	check_ended(&l, "bomb", "max_header_list_size 8192");
	loop_fini(&l);
}

static void
test_continuations(void)
{
	struct loop l;
	int i;

	begin(&l, &loop_hold);
	wire_frame(&l.up, NGHTTP2_HEADERS, 0, 3, NULL, 0);
	for (i = 0; i < 20; i++)
		wire_frame(&l.up, NGHTTP2_CONTINUATION, 0, 3, NULL, 0);
	loop_run(&l);
	ok(!l.good, "a header block of many frames");
	check_ended(&l, "CONTINUATION", "CONTINUATION");
	loop_fini(&l);
}

/* Has always more to give. */
static size_t
pull_for_ever(struct loop_call *call, uint8_t *to, size_t room, bool *ret_end)
{
	(void)call, (void)ret_end;
	memset(to, 'x', room);
	return room;
}

static void
one_byte(struct loop *l, uint32_t i)
{
	(void)i;
	wire_number(&l->up, NGHTTP2_WINDOW_UPDATE, 1, 1);
	wire_number(&l->up, NGHTTP2_WINDOW_UPDATE, 0, 1);
	loop_run(l);
}

/* Windows of a byte make us send as many frames as the client does. */
static void
test_dribble(void)
{
	const struct loop_script script = {
		.headers = loop_answer,
		.pull = pull_for_ever,
	};
	struct loop l;
	uint32_t n;

	begin(&l, &script);
	n = run_flood(&l, one_byte);
	ok(n < ENOUGH, "a byte at a time for ever is a flood");
	ok(n > 4000, "but not for a while");
	loop_fini(&l);
}

/* A large download, each DATA of it answered with two WINDOW_UPDATEs. */
static void
test_download(void)
{
	const struct loop_script script = {
		.headers = loop_answer,
		.pull = pull_for_ever,
	};
	struct wire_frame f;
	struct loop l;
	size_t n = 0;

	begin(&l, &script);
	while (n < (size_t)1 << 30 && l.good) {
		wire_number(&l.up, NGHTTP2_WINDOW_UPDATE, 1, 16384);
		wire_number(&l.up, NGHTTP2_WINDOW_UPDATE, 0, 16384);
		loop_run(&l);
		while (loop_expect(&l, NGHTTP2_DATA, 1, &f))
			n += f.len;
	}
	ok(l.good, "1 GiB with two WINDOW_UPDATEs for each DATA");
	loop_fini(&l);
}

/* Many calls, with all that a careful client sends besides. */
static void
test_heavy_client(void)
{
	struct loop l;
	uint32_t id;
	int i;

	begin(&l, &loop_echo);
	l.limits.keepalive_min_time = 300000;
	for (i = 1; i <= 10000 && l.good; i++) {
		id = (uint32_t)i * 2 + 1;
		wire_request(&l.up, 0, id);
		wire_frame(&l.up, NGHTTP2_DATA, 0, id, "hello", 5);
		wire_frame(&l.up, NGHTTP2_DATA, END, id, NULL, 0);
		wire_number(&l.up, NGHTTP2_WINDOW_UPDATE, 0, 5);
		wire_number(&l.up, NGHTTP2_WINDOW_UPDATE, id, 5);
		if (i % BATCH == 0) {
			buffer_clear(&l.down);
			loop_run(&l);
			wire_ping(&l.up, 0, "BDP ping");
		}
	}
	ok(l.good, "10,000 calls with WINDOW_UPDATEs and PINGs");
	is_int(10000, l.n_closed, "are all served");
	is_int(0, l.row.floods, "and are no flood");
	loop_fini(&l);
}

int
main(void)
{
	test_frames();
	test_rate();
	test_unread();
	test_resets();
	test_cancelling();
	test_early_answers();
	test_header_lists();
	test_continuations();
	test_dribble();
	test_download();
	test_heavy_client();
	return done();
}
