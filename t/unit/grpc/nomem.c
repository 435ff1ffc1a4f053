/*
 * nomem.c - each allocation fails in turn, alone and with all that follow
 *
 * The same calls again and again, until one run has had all the memory it asked
 * for.  Each call must be answered or reset, and nothing may be left.
 */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <stdlib.h>
#include <tap.h>

/* The allocation that fails, counted down; -1: none. */
static volatile long fail_at = -1;
static volatile bool failed, fail_on;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool
fails(void)
{
	if (fake_busy > 0 || fail_at < 0)
		return false;
	if (fail_at > 0) {
		fail_at--;
		return false;
	}
	if (!fail_on)
		fail_at = -1;
	failed = true;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

static struct fake f;
static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };
static int n_kept, n_ended;
static struct grpcd_call *last;

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	(void)call, (void)status;
	n_ended++;
}

static const struct grpcd_events events = { NULL, NULL, NULL, on_end };

/* Does all that takes memory, then what the message asks for. */
static void
work(struct grpcd_call *call, const struct node *node)
{
	struct node out;
	size_t n;

	node_init(&out);
	last = call;
	n_kept += grpcd_keep(call, &events, NULL);
	grpcd_after(call, 10000);
	grpcd_metadata_all(call, &n);
	grpcd_header(call, "a", "1", 1);
	grpcd_trailer(call, "b-bin", "\0", 1);
	out.text = grpcd_alloc(call, 6000);
	if (!out.text)
		return;
	memset(out.text, 'x', 5999);
	grpcd_detail(call, &out.base);
	out.text = grpcd_scratch_printf(call, "%s %05000d", node->text, 1);
	if (strcmp(grpcd_method(call), UNARY) == 0)
		grpcd_reply(call, &out.base);
	else if (grpcd_write(call, &out.base) != GRPCD_GONE &&
		 node->text[0] == 'f')
		grpcd_fail(call, GRPCD_ABORTED, "text");
}

/* One call, whose message comes in two parts. */
static bool
run_call(const char *path, const char *text)
{
	struct http2_stream *s = fake_call_with(&f, path, "k-bin", "AAAA,AAAA");
	uint8_t bytes[64];
	size_t len = node_frame(bytes, text);
	bool good;

	if (!s)
		return true;
	fake_data(s, bytes, 3);
	fake_data(s, bytes + 3, len - 3);
	fake_end(s);
	fake_read(s, 1 << 16);
	if (n_kept > n_ended)
		grpcd_fail(last, GRPCD_INTERNAL, "enough");
	fake_read(s, 1 << 16);
	good = s->reset || (s->responded && s->ended);
	fake_close(&s, s->reset ? HTTP2_INTERNAL_ERROR : HTTP2_NO_ERROR);
	return good && n_kept == n_ended;
}

static bool
run_all(void)
{
	bool good;

	n_kept = n_ended = 0;
	fake_init(&f, &service);
	good = run_call(UNARY, "x");
	good = run_call(DOWN, "f") && good;
	good = run_call(UP, "x") && good;
	good = run_call(BOTH, "f") && good;
	good = run_call("/no/Such", "x") && good;
	fail_at = -1;
	fake_fini(&f);
	return good;
}

static void
check(bool on, const char *what)
{
	long n = 0;

	fail_on = on;
	do {
		failed = false;
		fail_at = n;
		ok(run_all(), "without allocation %ld%s", n, what);
		n++;
	} while (failed && n < 1000);
	ok(n > 10 && n < 1000, "%ld allocations", n - 1);
}

int
main(void)
{
	fake_log();
	node_ops.message = work;
	check(false, "");
	check(true, " and all that follow");
	return done();
}
