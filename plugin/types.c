/*
 * types.c - where a message type stands, and what protobuf-c calls it
 */
#include <config.h>

#include "plugin/types.h"

#include <stdbool.h>
#include <string.h>

#include "plugin/scratch.h"
#include "plugin/wire.h"

/* From protobuf-c/protobuf-c.proto, which comes with that library. */
#define OPTION_PB_C_FILE 1019
#define PB_C_FILE_NO_GENERATE 1
#define PB_C_FILE_C_PACKAGE 6

/* The message of that name among n, whose name ends after len bytes. */
static const message_proto *
find_message(message_proto *const *messages, size_t n, const char *name,
    size_t len)
{
	for (size_t i = 0; i < n; i++) {
		if (messages[i]->name && strlen(messages[i]->name) == len &&
		    !memcmp(messages[i]->name, name, len))
			return messages[i];
	}
	return NULL;
}

/* Does the file have the message "Outer.Inner"? */
static bool
has_message(const file_proto *file, const char *name)
{
	message_proto *const *messages = file->message_type;
	size_t n = file->n_message_type, len;
	const message_proto *message;

	for (;;) {
		len = strcspn(name, ".");
		message = find_message(messages, n, name, len);
		if (!message || !name[len])
			return message != NULL;
		name += len + 1;
		messages = message->nested_type;
		n = message->n_nested_type;
	}
}

const file_proto *
types_file(const request_proto *request, const char *type)
{
	const file_proto *file;
	const char *package;
	size_t len;

	if (!type || *type != '.')
		return NULL;
	for (size_t i = 0; i < request->n_proto_file; i++) {
		file = request->proto_file[i];
		package = file->package ? file->package : "";
		len = strlen(package);
		if (len > 0 &&
		    (strncmp(type + 1, package, len) || type[1 + len] != '.'))
			continue;
		if (has_message(file, type + 1 + len + (len > 0)))
			return file;
	}
	return NULL;
}

/* The last value of a field; false if there is none of that wire type. */
static bool
find_field(struct wire_field message, uint32_t number, unsigned type,
    struct wire_field *ret)
{
	struct wire_field field;
	bool found = false;

	while (wire_next(&message.bytes, &message.len, &field)) {
		if (field.number != number || field.type != type)
			continue;
		*ret = field;
		found = true;
	}
	return found;
}

/* The same, of a field of the file's option pb_c_file. */
static bool
find_option(const file_proto *file, uint32_t number, unsigned type,
    struct wire_field *ret)
{
	const ProtobufCMessageUnknownField *unknown;
	struct wire_field option;
	bool found = false;

	for (size_t i = 0;
	     file->options && i < file->options->base.n_unknown_fields; i++) {
		unknown = &file->options->base.unknown_fields[i];
		if (unknown->tag != OPTION_PB_C_FILE)
			continue;
		/* protobuf-c leaves the length in front of the value. */
		option.bytes = unknown->data;
		option.len = unknown->len;
		while (option.len > 0) {
			option.len--;
			if (!(*option.bytes++ & 0x80))
				break;
		}
		found |= find_field(option, number, type, ret);
	}
	return found;
}

const char *
types_package(const file_proto *file)
{
	struct wire_field package;

	if (!find_option(file, PB_C_FILE_C_PACKAGE,
		PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, &package))
		return NULL;
	return scratch_copy(package.bytes, package.len);
}

bool
types_generated(const file_proto *file)
{
	struct wire_field no;

	return !find_option(file, PB_C_FILE_NO_GENERATE,
		   PROTOBUF_C_WIRE_TYPE_VARINT, &no) ||
	       *no.bytes == 0;
}

const char *
types_full(const file_proto *file, const char *full)
{
	const char *own = file->package ? file->package : "";
	const char *other = types_package(file);

	if (!other)
		return full;
	return scratch_printf("%s%s%s", other, *own ? "" : ".",
	    full + strlen(own));
}
