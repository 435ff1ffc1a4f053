/*
 * fuzz_request.c - any lines "NAME VALUE" as the headers of a call
 *
 * http2 lets no name be empty.  Whatever else comes, the call is opened or
 * refused, and its answer is whole and has a status that may be sent.
 */
#include <config.h>

#include "fake.h"
#include "node.h"

#include <string.h>

#include "base/check.h"
#include "base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct grpcd_service service = { &node_descriptor, &node_ops, NULL,
	NULL, NULL, NULL, NULL };

static void
on_message(struct grpcd_call *call, const struct node *node)
{
	size_t n;

	(void)node;
	for (const struct grpcd_metadata *m = grpcd_metadata_all(call, &n);
	     n > 0; m++, n--)
		grpcd_trailer(call, m->key, m->value, m->len);
	grpcd_fail(call, GRPCD_UNKNOWN, "%s", grpcd_peer(call));
}

static void
send_fields(struct http2_stream *s, const char *at, const char *end)
{
	const char *line, *space;

	for (; (line = memchr(at, '\n', (size_t)(end - at))); at = line + 1) {
		space = memchr(at, ' ', (size_t)(line - at));
		if (!space || space == at)
			continue;
		grpc_handler()->field(s->call,
		    (struct http2_text){ at, (size_t)(space - at) },
		    (struct http2_text){
			space + 1, (size_t)(line - space - 1) });
	}
}

static void
check_field(const struct http2_field *f)
{
	ENSURE(f->name_len > 0);
	for (size_t i = 0; i < f->value_len; i++)
		ENSURE(f->value[i] >= 0x20 && f->value[i] <= 0x7e);
}

static void
check_answer(const struct http2_stream *s)
{
	const struct http2_field *status = &s->headers.all[0];

	ENSURE(s->responded && s->ended && !s->reset);
	ENSURE(status->value_len == 3 &&
	       memcmp(status->name, ":status", 7) == 0);
	for (size_t i = 0; i < s->headers.n; i++)
		check_field(&s->headers.all[i]);
	for (size_t i = 0; i < s->trailers.n; i++)
		check_field(&s->trailers.all[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct http2_stream *s;
	struct fake f;

	if (len == 0)
		return 0;
	log_use(2, "stderr", LOG_LEVEL_ALERT);
	node_ops = (struct node_ops){ .message = on_message };
	fake_init(&f, &service);
	s = fake_open(&f);
	send_fields(s, (const char *)bytes + 1, (const char *)bytes + len);
	grpc_handler()->headers(s->call, bytes[0] * 64u);
	fake_message(s, "text");
	fake_end(s);
	fake_read(s, 1 << 20);
	check_answer(s);
	fake_close(&s, HTTP2_NO_ERROR);
	fake_fini(&f);
	return 0;
}
