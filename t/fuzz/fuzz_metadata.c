/*
 * fuzz_metadata.c - any lines "NAME VALUE" as fields of a request
 *
 * What is shown to a service must be what grpcd.h promises, and what the
 * service may send must come back as it was.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "grpc/metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
ends_in_bin(const char *key)
{
	size_t len = strlen(key);

	return len > 4 && strcmp(key + len - 4, "-bin") == 0;
}

static void
check_entry(const struct grpcd_metadata *m)
{
	must(m->key[0] != '\0' && m->value[m->len] == '\0');
	must(strspn(m->key, "0123456789abcdefghijklmnopqrstuvwxyz-_.") ==
	     strlen(m->key));
	must(strncmp(m->key, "grpc-", 5) != 0);
	for (size_t i = 0; i < m->len && !ends_in_bin(m->key); i++)
		must(m->value[i] >= 0x20 && m->value[i] <= 0x7e);
}

/* Takes a field as requests do. */
static void
take(struct metadata *m, struct arena *arena, struct http2_text name,
    struct http2_text value)
{
	if (!metadata_is_binary(name.at, name.len) || metadata_is_base64(value))
		metadata_take(m, arena, name, value);
}

/* Sends an entry, and takes what was sent. */
static void
send_back(const struct grpcd_metadata *sent, struct arena *arena)
{
	struct metadata_fields f = { NULL, 0, 0, 0 };
	struct metadata back = { NULL, NULL, NULL, 0, 0, false };

	if (!metadata_give(&f, arena, sent->key, sent->value, sent->len))
		return;
	must(f.n == 1);
	take(&back, arena,
	    (struct http2_text){ f.fields[0].name, f.fields[0].name_len },
	    (struct http2_text){ f.fields[0].value, f.fields[0].value_len });
	must(metadata_show(&back, arena) && back.n == 1);
	must(back.entries[0].len == sent->len);
	must(memcmp(back.entries[0].value, sent->value, sent->len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct metadata m = { NULL, NULL, NULL, 0, 0, false };
	struct arena_pool pool;
	struct arena arena;
	const char *at = (const char *)bytes, *end = at + len, *line, *space;

	arena_pool_init(&pool, 0);
	arena_init(&arena, &pool, SIZE_MAX);
	for (; at < end; at = line + 1) {
		line = memchr(at, '\n', (size_t)(end - at));
		if (!line)
			break;
		space = memchr(at, ' ', (size_t)(line - at));
		if (space)
			take(&m, &arena,
			    (struct http2_text){ at, (size_t)(space - at) },
			    (struct http2_text){
				space + 1, (size_t)(line - space - 1) });
	}
	must(metadata_show(&m, &arena));
	for (size_t i = 0; i < m.n; i++) {
		check_entry(&m.entries[i]);
		send_back(&m.entries[i], &arena);
	}
	arena_reset(&arena);
	arena_pool_fini(&pool);
	return 0;
}
