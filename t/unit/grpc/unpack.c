/* unpack.c - what protobuf-c would take and we do not */
#include <config.h>

#include "grpc/unpack.h"

#include "node.h"

#include <stdlib.h>
#include <tap.h>

#include "base/arena.h"

static struct arena_pool pool;
static struct arena arena;

static enum unpack_result
unpack(const void *bytes, size_t len, struct node **ret)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	ProtobufCMessage *message = NULL;
	enum unpack_result result;

	if (len > 0)
		memcpy(copy, bytes, len);
	result = unpack_message(&node_type, copy, len, &arena, &message);
	free(copy);
	if (ret)
		*ret = (struct node *)message;
	return result;
}

#define UNPACK(text, ret) unpack(text, sizeof(text) - 1, ret)

static void
check_good(void)
{
	struct node *node;

	is_int(UNPACK_OK, UNPACK("", &node), "nothing is a message");
	is_text("", node->text, "with its defaults");
	is_int(UNPACK_OK,
	    UNPACK("\12\3a\303\274\22\3\12\1b\32\0\32\2\50\5\42\2\377\0\50\7",
		&node),
	    "all of it");
	is_text("a\303\274", node->text, "text");
	is_text("b", node->child->text, "a message within");
	is_int(2, node->n_many, "a list of them");
	is_int(5, node->many[1]->number, "each with its fields");
	ok(node->blob.len == 2 && node->blob.data[0] == 0xff,
	    "bytes need not be UTF-8");
	is_int(7, node->number, "a number");
	is_int(UNPACK_OK, UNPACK("\372\1\2\377\377\370\1\5", &node),
	    "unknown fields may be anything");
	is_int(2, node->base.n_unknown_fields, "and are kept");
	is_int(UNPACK_OK, UNPACK("\311\1abcdefgh\315\1abcd", NULL),
	    "fixed ones, too");
}

static void
check_utf8(void)
{
	is_int(UNPACK_NOT_UTF8, UNPACK("\12\1\377", NULL), "bad text");
	is_int(UNPACK_NOT_UTF8, UNPACK("\22\3\12\1\200", NULL), "within");
	is_int(UNPACK_NOT_UTF8, UNPACK("\32\0\32\5\22\3\12\1\300", NULL),
	    "within a list and a message");
	is_int(UNPACK_NOT_UTF8, UNPACK("\12\1\377\12\1a", NULL),
	    "even if other text replaces it");
	is_int(UNPACK_NOT_UTF8, UNPACK("\12\2\303\50", NULL), "cut short");
	is_int(UNPACK_NOT_UTF8, UNPACK("\12\3\355\240\200", NULL),
	    "a surrogate");
}

static void
check_malformed(void)
{
	static const struct {
		const char *what, *bytes;
		size_t len;
	} bad[] = {
		{ "half a tag", "\200", 1 },
		{ "a tag without end", "\200\200\200\200\200\200", 6 },
		{ "field 0", "\2\0", 2 },
		{ "field 0 in two bytes", "\201\0abcdefgh", 10 },
		{ "field 2^29", "\200\200\200\200\20\1", 6 },
		{ "a tag alone", "\12", 1 },
		{ "more than there is", "\12\2a", 3 },
		{ "much more", "\12\377\377\377\377\7a", 7 },
		{ "a length without end", "\12\377\377\377\377\377\1", 7 },
		{ "a negative length", "\12\377\377\377\377\17", 6 },
		{ "half a number", "\50\200", 2 },
		{ "a number without end",
		    "\50\200\200\200\200\200\200\200\200\200\200\1", 12 },
		{ "half of 64 bits", "\311\1abc", 5 },
		{ "half of 32 bits", "\315\1abc", 5 },
		{ "a group", "\13\14", 2 },
		{ "wire type 6", "\16", 1 },
		{ "text as a number", "\10\1", 2 },
		{ "a message as a number", "\20\1", 2 },
		{ "a number as bytes", "\52\1\1\52\2\200\200", 7 },
		{ "rubbish within", "\22\1\12", 3 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		is_int(UNPACK_MALFORMED, unpack(bad[i].bytes, bad[i].len, NULL),
		    "malformed: %s", bad[i].what);
}

/* n messages, each within the one before, by field 2 or 3. */
static size_t
nest(uint8_t *end, unsigned n, uint8_t key)
{
	size_t len = 0;

	for (unsigned i = 0; i < n; i++) {
		size_t size = len;
		uint8_t head[8];
		size_t used = 0;

		head[used++] = key;
		do {
			head[used++] =
			    (uint8_t)((size & 0x7f) | (size > 0x7f ? 0x80 : 0));
			size >>= 7;
		} while (size > 0);
		len += used;
		memcpy(end - len, head, used);
	}
	return len;
}

static void
check_depth(void)
{
	static uint8_t bytes[65536];
	uint8_t *end = bytes + sizeof(bytes);
	size_t len;

	for (unsigned key = 0x12; key <= 0x1a; key += 8) {
		len = nest(end, 100, (uint8_t)key);
		is_int(UNPACK_OK, unpack(end - len, len, NULL), "100 levels");
		len = nest(end, 101, (uint8_t)key);
		is_int(UNPACK_TOO_DEEP, unpack(end - len, len, NULL), "101");
		len = nest(end, 10000, (uint8_t)key);
		is_int(UNPACK_TOO_DEEP, unpack(end - len, len, NULL), "10,000");
	}
}

static void
check_cap(void)
{
	static uint8_t bytes[1 << 20];

	for (size_t i = 0; i < sizeof(bytes); i += 2)
		bytes[i] = 0x1a;
	arena_reset(&arena);
	arena.cap = 1 << 20;
	is_int(UNPACK_NO_MEMORY, unpack(bytes, sizeof(bytes), NULL),
	    "half a million empty messages");
	ok(arena.used <= 1 << 20, "take no more than they may");
	arena.cap = 0;
	arena_reset(&arena);
	is_int(UNPACK_NO_MEMORY, UNPACK("", NULL), "no memory at all");
}

int
main(void)
{
	arena_pool_init(&pool, 4);
	arena_init(&arena, &pool, 1 << 20);
	check_good();
	check_utf8();
	check_malformed();
	check_depth();
	check_cap();
	arena_reset(&arena);
	arena_pool_fini(&pool);
	return done();
}
