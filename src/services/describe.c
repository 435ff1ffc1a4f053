/*
 * describe.c - what stands in a packed google.protobuf.FileDescriptorSet
 *
 * Runs in workers.  Numbers of fields are those of descriptor.proto.
 */
#include <config.h>

#include "services/describe.h"

#include <string.h>

/* Deeper than any nesting of messages that protoc takes. */
#define DEPTH 64

#define SET_FILE 1
#define FILE_PACKAGE 2
#define FILE_DEPENDENCY 3
#define NAME 1 /* in all of them */
#define EXTENDEE 2
#define NUMBER 3

enum kind {
	KIND_FILE,
	KIND_MESSAGE,
	KIND_ENUM,
	KIND_SERVICE,
	KIND_EXTENSION,
	KIND_LEAF /* a field, a oneof, a method, the value of an enum */
};

/* What contains what, and in which field. */
static const struct member {
	enum kind of;
	uint32_t field;
	enum kind is;
} members[] = {
	{ KIND_FILE, 4, KIND_MESSAGE },
	{ KIND_FILE, 5, KIND_ENUM },
	{ KIND_FILE, 6, KIND_SERVICE },
	{ KIND_FILE, 7, KIND_EXTENSION },
	{ KIND_MESSAGE, 2, KIND_LEAF },
	{ KIND_MESSAGE, 3, KIND_MESSAGE },
	{ KIND_MESSAGE, 4, KIND_ENUM },
	{ KIND_MESSAGE, 6, KIND_EXTENSION },
	{ KIND_MESSAGE, 8, KIND_LEAF },
	{ KIND_ENUM, 2, KIND_LEAF },
	{ KIND_SERVICE, 2, KIND_LEAF },
};

struct field {
	uint32_t number;
	uint64_t value;              /* of a varint */
	struct describe_bytes bytes; /* of a string or message; else empty */
};

/*
 * The wire format
 */

static bool
take_varint(struct describe_bytes *b, uint64_t *ret)
{
	uint64_t value = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		if (b->len == 0 || shift > 63)
			return false;
		byte = *b->at++;
		b->len--;
		value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	*ret = value;
	return true;
}

static bool
skip(struct describe_bytes *b, uint64_t len)
{
	if (len > b->len)
		return false;
	b->at += len;
	b->len -= (size_t)len;
	return true;
}

static bool
take_field(struct describe_bytes *b, struct field *ret)
{
	uint64_t key, len;

	*ret = (struct field){ .number = 0 };
	if (!take_varint(b, &key))
		return false;
	ret->number = (uint32_t)(key >> 3);
	switch (key & 7) {
	case 0:
		return take_varint(b, &ret->value);
	case 1:
		return skip(b, 8);
	case 2:
		if (!take_varint(b, &len))
			return false;
		ret->bytes = (struct describe_bytes){ b->at, (size_t)len };
		return skip(b, len);
	case 5:
		return skip(b, 4);
	default:
		return false;
	}
}

/* The last field of a number: a string or a message. */
static struct describe_bytes
bytes_of(struct describe_bytes b, uint32_t number)
{
	struct describe_bytes found = { NULL, 0 };
	struct field f;

	while (take_field(&b, &f))
		if (f.number == number)
			found = f.bytes;
	return found;
}

static uint64_t
value_of(struct describe_bytes b, uint32_t number)
{
	uint64_t found = 0;
	struct field f;

	while (take_field(&b, &f))
		if (f.number == number)
			found = f.value;
	return found;
}

static bool
is_text(struct describe_bytes b, const char *text)
{
	return b.len == strlen(text) && memcmp(b.at, text, b.len) == 0;
}

/*
 * Files
 */

bool
describe_next(struct describe_bytes *set, struct describe_bytes *ret_file)
{
	struct field f;

	while (take_field(set, &f)) {
		if (f.number != SET_FILE)
			continue;
		*ret_file = f.bytes;
		return true;
	}
	return false;
}

bool
describe_is_named(struct describe_bytes file, const char *name)
{
	return is_text(bytes_of(file, NAME), name);
}

bool
describe_next_import(struct describe_bytes file, const uint8_t **at,
    struct describe_bytes *ret_name)
{
	struct field f;

	if (*at)
		skip(&file, (uint64_t)(*at - file.at));
	while (take_field(&file, &f)) {
		*at = file.at;
		if (f.number != FILE_DEPENDENCY)
			continue;
		*ret_name = f.bytes;
		return true;
	}
	return false;
}

/*
 * Names
 */

static const struct member *
member_of(enum kind kind, uint32_t field)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (members[i].of == kind && members[i].field == field)
			return &members[i];
	return NULL;
}

/* What follows the name and a dot; "" if nothing does; NULL: another name. */
static const char *
behind(const char *symbol, struct describe_bytes name)
{
	if (name.len == 0 || strncmp(symbol, (const char *)name.at, name.len))
		return NULL;
	symbol += name.len;
	if (*symbol == '.')
		return symbol[1] ? symbol + 1 : NULL;
	return *symbol ? NULL : symbol;
}

/*
 * Is there a declaration of that name within this one?  Each level takes a part
 * of the name, so that has an end.  The values of an enum stand beside it.
 */
static bool
declares(enum kind kind, struct describe_bytes in, const char *symbol)
{
	const struct member *m;
	const char *rest;
	struct field f;

	while (take_field(&in, &f)) {
		m = member_of(kind, f.number);
		if (!m)
			continue;
		rest = behind(symbol, bytes_of(f.bytes, NAME));
		if (rest && (*rest == '\0' || declares(m->is, f.bytes, rest)))
			return true;
		if (m->is == KIND_ENUM && declares(KIND_ENUM, f.bytes, symbol))
			return true;
	}
	return false;
}

bool
describe_declares(struct describe_bytes file, const char *symbol)
{
	struct describe_bytes package = bytes_of(file, FILE_PACKAGE);

	if (package.len > 0)
		symbol = behind(symbol, package);
	return symbol && *symbol && declares(KIND_FILE, file, symbol);
}

/*
 * Extensions
 */

struct search {
	const char *message;
	bool (*found)(void *arg, int32_t number);
	void *arg;
};

/* False: found has had enough. */
static bool
tell_extension(const struct search *s, struct describe_bytes extension)
{
	struct describe_bytes of = bytes_of(extension, EXTENDEE);

	/* protoc writes full names with a dot in front. */
	if (of.len == 0 || of.at[0] != '.')
		return true;
	of = (struct describe_bytes){ of.at + 1, of.len - 1 };
	return !is_text(of, s->message) ||
	       s->found(s->arg, (int32_t)value_of(extension, NUMBER));
}

static bool
tell_extensions(const struct search *s, enum kind kind,
    struct describe_bytes in, unsigned depth)
{
	const struct member *m;
	struct field f;
	bool more = true;

	while (more && depth > 0 && take_field(&in, &f)) {
		m = member_of(kind, f.number);
		if (m && m->is == KIND_EXTENSION)
			more = tell_extension(s, f.bytes);
		else if (m && m->is == KIND_MESSAGE)
			more = tell_extensions(s, m->is, f.bytes, depth - 1);
	}
	return more;
}

void
describe_extensions(struct describe_bytes file, const char *message,
    bool (*found)(void *arg, int32_t number), void *arg)
{
	const struct search search = { message, found, arg };

	tell_extensions(&search, KIND_FILE, file, DEPTH);
}
