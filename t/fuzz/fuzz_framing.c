/*
 * fuzz_framing.c - any bytes as DATA, in one piece and in many
 *
 * The first byte says how they are cut; the messages must be the same.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "grpc/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define MESSAGE_MAX 100000

/* All messages, one after the other, as they would be sent again. */
struct result {
	struct buffer messages;
	enum framing_result end;
	size_t left;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* A part, in memory that goes as soon as what is left was kept. */
static void
feed(struct framing *f, struct result *r, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	must(copy != NULL);
	memcpy(copy, bytes, len);
	framing_lend(f, copy, len);
	while ((r->end = framing_next(f, MESSAGE_MAX)) == FRAMING_MESSAGE) {
		must(buffer_append(&r->messages, &f->flags, 1));
		must(buffer_append(&r->messages, &f->len, sizeof(f->len)));
		must(buffer_append(&r->messages, f->bytes, f->len));
	}
	must(framing_keep(f));
	r->left = framing_left(f);
	free(copy);
}

static struct result
cut(const uint8_t *bytes, size_t len, size_t step)
{
	struct framing f = { .kept = BUFFER_INIT };
	struct result r = { BUFFER_INIT, FRAMING_MORE, 0 };

	for (size_t at = 0, n; at < len && r.end == FRAMING_MORE; at += n) {
		n = step < len - at ? step : len - at;
		feed(&f, &r, bytes + at, n);
	}
	framing_release(&f);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct result whole, parts;

	if (len == 0)
		return 0;
	whole = cut(bytes + 1, len - 1, SIZE_MAX);
	parts = cut(bytes + 1, len - 1, bytes[0] + 1u);
	must(whole.end == parts.end);
	must(buffer_length(&whole.messages) == buffer_length(&parts.messages));
	if (buffer_length(&whole.messages) > 0)
		must(memcmp(buffer_bytes(&whole.messages),
			 buffer_bytes(&parts.messages),
			 buffer_length(&whole.messages)) == 0);
	if (whole.end == FRAMING_MORE)
		must(whole.left == parts.left);
	buffer_release(&whole.messages);
	buffer_release(&parts.messages);
	return 0;
}
