/*
 * messages.c - runs protoc-gen-c, as protoc would
 *
 * Its input and output are files, so that neither side ever waits for the
 * other.
 */
#include <config.h>

#include "plugin/messages.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/scratch.h"
#include "plugin/stream.h"
#include "plugin/wire.h"

#define PROGRAM "protoc-gen-c"
#define CURE \
	"install it (Debian: protobuf-c-compiler), or generate with messages=no"

/*
 * protoc-gen-c does not know proto3's `optional`.  Without the mark what is
 * left is the oneof of one field that protoc has made of it.
 */
static void
clear_optional(const message_proto *message)
{
	for (size_t i = 0; i < message->n_field; i++)
		message->field[i]->has_proto3_optional = false;
	for (size_t i = 0; i < message->n_extension; i++)
		message->extension[i]->has_proto3_optional = false;
	for (size_t i = 0; i < message->n_nested_type; i++)
		clear_optional(message->nested_type[i]);
}

/* The group among these fields, of which protoc-gen-c would die; NULL. */
static const char *
find_group(Google__Protobuf__FieldDescriptorProto *const *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fields[i]->type ==
		    GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_GROUP)
			return fields[i]->name;
	return NULL;
}

static const char *
find_group_within(const message_proto *message)
{
	const char *name = find_group(message->field, message->n_field);

	if (!name)
		name = find_group(message->extension, message->n_extension);
	for (size_t i = 0; i < message->n_nested_type && !name; i++)
		name = find_group_within(message->nested_type[i]);
	return name;
}

/* NULL, or the error that there is a group. */
static const char *
refuse_groups(const request_proto *request)
{
	for (size_t i = 0; i < request->n_proto_file; i++) {
		const file_proto *file = request->proto_file[i];
		const char *name =
		    find_group(file->extension, file->n_extension);

		for (size_t j = 0; j < file->n_message_type && !name; j++)
			name = find_group_within(file->message_type[j]);
		if (name)
			return scratch_printf("%s: %s is a group, which "
					      "protobuf-c does not know: make "
					      "it a field of a message type",
			    file->name, name);
	}
	return NULL;
}

static void
adapt(request_proto *request, bool all)
{
	file_proto *file;
	char **names = scratch_take(request->n_proto_file * sizeof(*names));

	for (size_t i = 0; i < request->n_proto_file; i++) {
		file = request->proto_file[i];
		file->n_service = 0;
		for (size_t j = 0; j < file->n_extension; j++)
			file->extension[j]->has_proto3_optional = false;
		for (size_t j = 0; j < file->n_message_type; j++)
			clear_optional(file->message_type[j]);
		names[i] = file->name;
	}
	request->parameter = NULL;
	if (all) {
		request->file_to_generate = names;
		request->n_file_to_generate = request->n_proto_file;
	}
}

/* Runs the program on those files; NULL, or what failed. */
static const char *
run(FILE *in, FILE *out)
{
	char name[] = PROGRAM, *const argv[] = { name, NULL };
	posix_spawn_file_actions_t files;
	int error, status;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fileno(in), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, fileno(out), STDOUT_FILENO);
	error = posix_spawnp(&pid, PROGRAM, &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (error)
		return scratch_printf(PROGRAM ": %s: " CURE, strerror(error));
	while (waitpid(pid, &status, 0) == -1) {
		if (errno != EINTR)
			return scratch_printf(PROGRAM ": %s", strerror(errno));
	}
	return status == 0 ? NULL : PROGRAM " failed";
}

static response_proto *
parse(const uint8_t *bytes, size_t len)
{
	const ProtobufCMessageDescriptor *type =
	    &google__protobuf__compiler__code_generator_response__descriptor;

	if (!wire_sound(type, bytes, len, WIRE_DEPTH))
		return NULL;
	return (response_proto *)protobuf_c_message_unpack(type,
	    &scratch_allocator, len, bytes);
}

static response_proto *
exchange(const request_proto *request, FILE *in, FILE *out,
    const char **ret_error)
{
	response_proto *response;
	const char *error;
	uint8_t *bytes;
	size_t len;

	if (!stream_write(in, &request->base) || fseek(in, 0, SEEK_SET) == -1) {
		*ret_error = scratch_printf("cannot ask " PROGRAM ": %s",
		    strerror(errno));
		return NULL;
	}
	error = run(in, out);
	if (error) {
		*ret_error = error;
		return NULL;
	}
	rewind(out);
	bytes = stream_read(out, &len);
	response = bytes ? parse(bytes, len) : NULL;
	if (!response)
		*ret_error = PROGRAM " gave no proper answer";
	else if (response->error && *response->error)
		*ret_error = scratch_printf(PROGRAM ": %s", response->error);
	else
		return response;
	return NULL;
}

response_proto *
messages_generate(request_proto *request, bool all, const char **ret_error)
{
	response_proto *response = NULL;
	FILE *in, *out;

	*ret_error = refuse_groups(request);
	if (*ret_error)
		return NULL;
	in = tmpfile();
	out = tmpfile();
	adapt(request, all);
	if (in && out)
		response = exchange(request, in, out, ret_error);
	else
		*ret_error = scratch_printf("cannot make a temporary file: %s",
		    strerror(errno));
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return response;
}
