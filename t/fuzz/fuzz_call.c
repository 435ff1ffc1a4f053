/*
 * fuzz_call.c - any order of what client, http2, clock and service may do
 *
 * Each byte of the input is a step; if they are odd in number, calls wait for
 * each other.  fake.c checks that http2 is used as it may be, and that nothing
 * is left in the end.
 */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define STREAMS 3

static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };
static struct fake f;
static struct http2_stream *streams[STREAMS];
static bool client_done[STREAMS];

/* What the service does next: steps of the input, taken from its end. */
static const uint8_t *script, *script_end;
/* Handles, perhaps of calls that have ended. */
static struct grpcd_call *handles[8];
static unsigned n_handles;
static int n_kept, n_ended;

static uint8_t
service_step(void)
{
	return script < script_end ? *--script_end : 0;
}

static void on_event(struct grpcd_call *call);

static void
on_drain(struct grpcd_call *call, int64_t ms_left)
{
	(void)ms_left;
	on_event(call);
}

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	(void)status;
	n_ended++;
	on_event(call);
	ENSURE(grpcd_data(call) == &f);
}

static const struct grpcd_events events = { on_event, on_event, on_drain,
	on_end };

static void
act(struct grpcd_call *call, uint8_t what)
{
	struct node node;
	size_t n;

	node_init(&node);
	node.text = what & 0x10 ? grpcd_scratch_printf(call, "%020000d", 1)
				: grpcd_printf(call, "x");
	switch (what & 0xf) {
	case 0:
	case 1:
		if (!grpcd_data(call) && grpcd_keep(call, &events, &f))
			n_kept++;
		break;
	case 2:
		grpcd_reply(call, &node.base);
		break;
	case 3:
	case 4:
		grpcd_write(call, &node.base);
		break;
	case 5:
		grpcd_finish(call);
		break;
	case 6:
		grpcd_fail(call, (enum grpcd_status)(what >> 3), "%s", "why");
		break;
	case 7:
		grpcd_pause(call);
		break;
	case 8:
		grpcd_resume(call);
		break;
	case 9:
		grpcd_after(call, what >> 4);
		break;
	case 10:
		grpcd_send_headers(call);
		break;
	case 11:
		grpcd_header(call, "h", "v", 1);
		break;
	case 12:
		grpcd_trailer(call, "t-bin", "v", 1);
		break;
	case 13:
		grpcd_detail(call, &node.base);
		break;
	case 14:
		grpcd_alloc(call, (size_t)what << 12);
		break;
	case 15:
		grpcd_metadata_all(call, &n);
		break;
	}
}

static void
on_event(struct grpcd_call *call)
{
	uint8_t steps = service_step() & 3;

	handles[n_handles++ % 8] = call;
	while (steps-- > 0) {
		uint8_t what = service_step();

		act(call, what);
		if (what >= 0xe0)
			act(handles[what % 8], service_step());
	}
}

static void
on_message(struct grpcd_call *call, const struct node *node)
{
	(void)node;
	on_event(call);
}

static void
begin(struct http2_stream **s, uint8_t what)
{
	static const char *const paths[] = { UNARY, UP, DOWN, BOTH };

	*s = fake_call_with(&f, paths[what & 3],
	    what & 4 ? "grpc-timeout" : "k-bin", what & 4 ? "9m" : "AAAA");
}

static void
send_some(struct http2_stream *s, uint8_t what)
{
	uint8_t bytes[256];
	size_t len = node_frame(bytes, "some text");

	if (what & 8)
		len += node_frame(bytes + len, "more");
	if (what & 0x10)
		bytes[0] = 1;
	fake_data(s, bytes, what & 0x20 ? len - 1 : len);
}

static void
worker_step(uint8_t what)
{
	if (what == 0x3f)
		grpc_end_calls(f.grpc, "the end");
	else if (what == 0x3e)
		grpc_drain(f.grpc, 20);
	else
		fake_elapse(&f, what * CLOCK_MS);
}

static void
client_step(uint8_t what)
{
	unsigned i = what >> 6;
	struct http2_stream **s = &streams[i % STREAMS];

	if (i == STREAMS) {
		worker_step(what & 0x3f);
		return;
	}
	if (!*s) {
		client_done[i] = false;
		begin(s, what);
		return;
	}
	switch (what & 7) {
	case 0:
	case 1:
	case 2:
		if (!client_done[i])
			send_some(*s, what);
		break;
	case 3:
		if (!client_done[i])
			fake_end(*s);
		client_done[i] = true;
		break;
	case 4:
	case 5:
	case 6:
		fake_read(*s, (what & 0x38u) * 500);
		break;
	case 7:
		fake_close(s, HTTP2_CANCEL);
		break;
	}
}

/* One call at a time, one more waits, and the next is refused. */
static void
begin_in_turn(void)
{
	fake_prepare(&f, &service);
	f.section.limits.max_calls = 1;
	f.section.limits.max_queued_calls = 1;
	f.section.limits.queue_timeout = 30;
	f.section.limits.given = UINT64_MAX;
	fake_start(&f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	log_use(2, "stderr", LOG_LEVEL_ALERT);
	node_ops = (struct node_ops){ on_event, on_message, on_event };
	script = bytes;
	script_end = bytes + len;
	memset(handles, 0, sizeof(handles));
	n_handles = 0;
	n_kept = n_ended = 0;
	if (len % 2)
		begin_in_turn();
	else
		fake_init(&f, &service);
	FAKE_LIMIT(&f, max_call_memory, 200000);
	while (script < script_end)
		client_step(*script++);
	for (int i = 0; i < STREAMS; i++)
		if (streams[i])
			fake_close(&streams[i], HTTP2_CANCEL);
	ENSURE(n_kept == n_ended);
	fake_fini(&f);
	return 0;
}
