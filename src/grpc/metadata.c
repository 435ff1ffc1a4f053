/*
 * metadata.c - custom metadata of a call, both ways
 *
 * Runs in workers; request fields are a client's bytes and not trusted.
 */
#include <config.h>

#include "grpc/metadata.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "grpc/base64.h"

/* Entries that the arrays begin with; they double from there. */
#define FIRST_ROOM 4

/* RFC 9113, 6.5.2: what a field costs beside its name and value. */
#define FIELD_OVERHEAD 32

/* A field as it came: its name and value, a zero byte behind each. */
struct metadata_field {
	struct metadata_field *next;
	size_t name_len, value_len;
	char bytes[];
};

struct name {
	const char *text;
	size_t len;
};
#define NAME(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}

/* Neither shown nor taken, beside all that begins with "grpc-". */
static const struct name reserved[] = {
	NAME("te"),
	NAME("host"),
	NAME("trailer"),
	NAME("upgrade"),
	NAME("connection"),
	NAME("keep-alive"),
	NAME("content-type"),
	NAME("content-length"),
	NAME("proxy-connection"),
	NAME("transfer-encoding"),
};

static bool
is_reserved(const char *key, size_t len)
{
	if (len >= 5 && memcmp(key, "grpc-", 5) == 0)
		return true;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (len == reserved[i].len &&
		    memcmp(key, reserved[i].text, len) == 0)
			return true;
	return false;
}

static bool
is_key(const char *key, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = key[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '_' || c == '.'))
			return false;
	}
	return len > 0 && !is_reserved(key, len);
}

static bool
is_printable(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (value[i] < 0x20 || value[i] > 0x7e)
			return false;
	return true;
}

/* Room for one more item of an array; NULL without memory. */
static void *
grow(struct arena *arena, void *items, size_t n, size_t *room, size_t size)
{
	size_t wanted = *room > 0 ? *room * 2 : FIRST_ROOM;
	void *larger;

	if (n < *room)
		return items;
	larger = arena_alloc(arena, wanted * size);
	if (!larger)
		return NULL;
	if (n > 0)
		memcpy(larger, items, n * size);
	*room = wanted;
	return larger;
}

/*
 * From the client
 */

bool
metadata_is_base64(struct http2_text value)
{
	const char *text = value.at, *end = text + value.len, *comma;

	for (;;) {
		comma = memchr(text, ',', (size_t)(end - text));
		if (!comma)
			return base64_check(text, (size_t)(end - text));
		if (!base64_check(text, (size_t)(comma - text)))
			return false;
		text = comma + 1;
	}
}

void
metadata_take(struct metadata *m, struct arena *arena, struct http2_text name,
    struct http2_text value)
{
	struct metadata_field *field;

	field = arena_alloc(arena, sizeof(*field) + name.len + value.len + 2);
	if (!field)
		return;
	field->next = NULL;
	field->name_len = name.len;
	field->value_len = value.len;
	memcpy(field->bytes, name.at, name.len);
	field->bytes[name.len] = '\0';
	memcpy(field->bytes + name.len + 1, value.at, value.len);
	field->bytes[name.len + 1 + value.len] = '\0';
	if (m->last)
		m->last->next = field;
	else
		m->first = field;
	m->last = field;
}

/*
 * To the service
 */

static bool
add_entry(struct metadata *m, struct arena *arena, const char *key,
    const char *value, size_t len)
{
	struct grpcd_metadata *entries =
	    grow(arena, m->entries, m->n, &m->room, sizeof(*entries));

	if (!entries)
		return false;
	m->entries = entries;
	entries[m->n++] = (struct grpcd_metadata){ key, value, len };
	return true;
}

/* One of the values that a -bin field holds. */
static bool
add_binary(struct metadata *m, struct arena *arena, const char *key,
    const char *text, size_t len)
{
	uint8_t *bytes = arena_alloc(arena, BASE64_DECODED(len) + 1);
	size_t n;

	if (!bytes || !base64_decode(text, len, bytes, &n))
		return false;
	bytes[n] = 0;
	return add_entry(m, arena, key, (const char *)bytes, n);
}

static bool
add_binaries(struct metadata *m, struct arena *arena, const char *key,
    const char *text, size_t len)
{
	const char *end = text + len, *comma;

	while ((comma = memchr(text, ',', (size_t)(end - text))) != NULL) {
		if (!add_binary(m, arena, key, text, (size_t)(comma - text)))
			return false;
		text = comma + 1;
	}
	return add_binary(m, arena, key, text, (size_t)(end - text));
}

static bool
add_field(struct metadata *m, struct arena *arena,
    const struct metadata_field *field)
{
	const char *key = field->bytes, *value = key + field->name_len + 1;

	if (!is_key(key, field->name_len))
		return true;
	if (metadata_is_binary(key, field->name_len))
		return add_binaries(m, arena, key, value, field->value_len);
	if (!is_printable(value, field->value_len))
		return true;
	return add_entry(m, arena, key, value, field->value_len);
}

bool
metadata_show(struct metadata *m, struct arena *arena)
{
	if (m->shown)
		return true;
	m->n = 0;
	for (const struct metadata_field *f = m->first; f; f = f->next)
		if (!add_field(m, arena, f))
			return false;
	m->shown = true;
	return true;
}

const char *
metadata_find(const struct metadata *m, const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->entries[i].key, key) == 0)
			return m->entries[i].value;
	return NULL;
}

const char *
metadata_sent(const struct metadata *m, const char *name)
{
	for (const struct metadata_field *f = m->first; f; f = f->next)
		if (strcmp(f->bytes, name) == 0)
			return f->bytes + f->name_len + 1;
	return NULL;
}

/*
 * To the client
 */

bool
metadata_append(struct metadata_fields *f, struct arena *arena,
    const struct http2_field *field)
{
	struct http2_field *fields =
	    grow(arena, f->fields, f->n, &f->room, sizeof(*fields));

	if (!fields)
		return false;
	f->fields = fields;
	fields[f->n++] = *field;
	f->size += field->name_len + field->value_len + FIELD_OVERHEAD;
	return true;
}

/* A value as it goes over the wire; NULL if it may not or without memory. */
static const char *
wire_value(struct arena *arena, bool binary, const void *value, size_t *len)
{
	const char *text = value;
	char *encoded;

	if (binary) {
		encoded = arena_alloc(arena, BASE64_ENCODED(*len) + 1);
		if (encoded)
			*len = base64_encode(value, *len, encoded);
		return encoded;
	}
	/* RFC 9113, 8.2.1: a value neither begins nor ends with a space. */
	if (!is_printable(text, *len) ||
	    (*len > 0 && (text[0] == ' ' || text[*len - 1] == ' ')))
		return NULL;
	return arena_copy(arena, text, *len);
}

bool
metadata_give(struct metadata_fields *f, struct arena *arena, const char *key,
    const void *value, size_t len)
{
	struct http2_field field = { .name_len = strlen(key), .lasting = true };

	if (!is_key(key, field.name_len) || len > METADATA_FIELDS_MAX ||
	    field.name_len > METADATA_FIELDS_MAX)
		return false;
	field.value_len = len;
	field.value = wire_value(arena, metadata_is_binary(key, field.name_len),
	    value, &field.value_len);
	if (!field.value ||
	    f->size + field.name_len + field.value_len + FIELD_OVERHEAD >
		METADATA_FIELDS_MAX)
		return false;
	field.name = arena_copy(arena, key, field.name_len);
	return field.name && metadata_append(f, arena, &field);
}
