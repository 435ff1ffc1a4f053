/* metadata.c - custom metadata, both ways */
#include <config.h>

#include "grpc/metadata.h"

#include <stdlib.h>
#include <tap.h>

#include "base/arena.h"

static struct arena_pool pool;
static struct arena arena;

/* Takes a field as requests do; false: it is malformed, or no memory. */
static bool
take(struct metadata *m, const char *name, const char *value)
{
	struct http2_text key = { name, strlen(name) };
	struct http2_text text = { value, strlen(value) };

	if (metadata_is_binary(key.at, key.len) && !metadata_is_base64(text))
		return false;
	metadata_take(m, &arena, key, text);
	return !arena.refused;
}

/* How many entries there are to be seen. */
static size_t
show(struct metadata *m)
{
	return metadata_show(m, &arena) ? m->n : 9999;
}

static void
check_take(void)
{
	struct metadata m = { NULL, NULL, NULL, 0, 0, false };

	ok(take(&m, "k", "1"), "a value");
	ok(take(&m, "a.b-c_9", " spaces "), "all of a key");
	ok(take(&m, "k", "2"), "the same key again");
	is_int(3, show(&m), "all are there");
	is_text("1", m.entries[0].value, "duplicates keep their order");
	is_text("2", m.entries[2].value, "so does the second");
	is_int(1, m.entries[2].len, "with its length");
	is_text("1", metadata_find(&m, "k"), "the first one is found");
	is_text(NULL, metadata_find(&m, "K"), "keys have no capitals");
	is_int(3, show(&m), "shown again, they are the same");
}

static void
check_many(void)
{
	struct metadata m = { NULL, NULL, NULL, 0, 0, false };

	is_int(0, show(&m), "none at all");
	m.shown = false;
	take(&m, "e", "");
	for (int i = 0; i < 100; i++)
		take(&m, "many", "x");
	is_int(101, show(&m), "as many as come");
	is_text("", metadata_find(&m, "e"), "an empty value");
}

static void
check_binary(void)
{
	struct metadata m = { NULL, NULL, NULL, 0, 0, false };

	ok(take(&m, "a-bin", "AAEC"), "bytes");
	ok(take(&m, "b-bin", "Zg==,Zm8,,Zm9v"), "joined ones");
	ok(!take(&m, "c-bin", "Zg=,"), "no base64");
	ok(!take(&m, "c-bin", "Zg,!"), "nor that");
	ok(!take(&m, "c-bin", "!,Zg"), "nor this");
	ok(take(&m, "-bin", "!"), "\"-bin\" itself is text");
	if (show(&m) != 6) {
		ok(false, "six values");
		return;
	}
	is_int(3, m.entries[0].len, "the length of bytes");
	ok(memcmp("\0\1\2", m.entries[0].value, 4) == 0,
	    "themselves, and a zero byte");
	is_text("f", m.entries[1].value, "the first of the joined");
	is_text("fo", m.entries[2].value, "the second");
	is_text("", m.entries[3].value, "an empty one");
	is_text("foo", m.entries[4].value, "the last");
	is_text("!", m.entries[5].value, "and the text");
}

static void
check_left_out(void)
{
	static const char *const names[] = { "grpc-encoding", "grpc-x", "te",
		"content-type", "host", "connection", "a b", "UPPER", "a!",
		"a/b", "", "\303\274" };
	struct metadata m = { NULL, NULL, NULL, 0, 0, false };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ok(take(&m, names[i], "x"), "key \"%s\"", names[i]);
	ok(take(&m, "k", "\303\274"), "a value of UTF-8");
	ok(take(&m, "k", "a\tb"), "a value with a tab");
	take(&m, "grpc", "x");
	take(&m, "user-agent", "x");
	is_int(2, show(&m),
	    "none of them is metadata, but \"grpc\" and user-agent are");
}

static bool
give(struct metadata_fields *f, const char *key, const char *value)
{
	return metadata_give(f, &arena, key, value, strlen(value));
}

static void
check_give(void)
{
	static const char *const keys[] = { "", "A", "a b", "grpc-status", "te",
		":path", "content-type", "connection", "transfer-encoding" };
	static const char *const values[] = { " a", "a ", " ", "\n", "\303\274",
		"\177" };
	struct metadata_fields f = { NULL, 0, 0, 0 };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		ok(!give(&f, keys[i], "x"), "not the key \"%s\"", keys[i]);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		ok(!give(&f, "k", values[i]), "not the value %zu", i);
	is_int(0, f.n, "nothing was added");
	ok(give(&f, "k", "a b"), "text");
	ok(metadata_give(&f, &arena, "k-bin", "\0\1\2", 3), "bytes");
	ok(give(&f, "empty", ""), "nothing");
	is_int(3, f.n, "three fields");
	ok(f.fields[1].value_len == 4 &&
		memcmp(f.fields[1].value, "AAEC", 4) == 0,
	    "bytes as base64");
	ok(f.fields[0].lasting, "they last as long as the call");
	is_int(32 * 3 + 4 + 9 + 5, f.size, "counted as RFC 9113 does");
}

static void
check_size(void)
{
	struct metadata_fields f = { NULL, 0, 0, 0 };
	char *value = calloc(1, METADATA_FIELDS_MAX + 2);
	unsigned n = 0;

	memset(value, 'x', METADATA_FIELDS_MAX + 1);
	ok(!give(&f, "k", value), "too long a value");
	value[1000] = '\0';
	while (n < 1000 && give(&f, "k", value))
		n++;
	is_int(METADATA_FIELDS_MAX / 1033, n, "too many in all");
	free(value);
}

static void
check_no_memory(void)
{
	struct metadata m = { NULL, NULL, NULL, 0, 0, false };
	struct metadata_fields f = { NULL, 0, 0, 0 };

	arena_reset(&arena);
	arena.cap = 0;
	ok(!take(&m, "k", "v"), "no memory for a field");
	ok(!give(&f, "k", "v"), "nor to send one");
	arena.cap = ARENA_CHUNK;
	take(&m, "k-bin", "AAAA");
	while (arena_alloc(&arena, 16))
		continue;
	ok(!metadata_show(&m, &arena), "nor to show one");
	arena.cap = 1 << 20;
	is_int(1, show(&m), "until there is memory again");
}

int
main(void)
{
	arena_pool_init(&pool, 4);
	arena_init(&arena, &pool, 1 << 20);
	check_take();
	check_many();
	check_binary();
	check_left_out();
	check_give();
	check_size();
	check_no_memory();
	arena_reset(&arena);
	arena_pool_fini(&pool);
	return done();
}
