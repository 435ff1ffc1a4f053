/*
 * generate.c - from protoc's request to the answer
 */
#include <config.h>

#include "plugin/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/code.h"
#include "plugin/memory.h"
#include "plugin/messages.h"
#include "plugin/request.h"
#include "plugin/stream.h"

static const struct {
	const char *text;
	enum messages messages;
} parameters[] = {
	{ "", MESSAGES_YES },
	{ "messages=yes", MESSAGES_YES },
	{ "messages=no", MESSAGES_NO },
	{ "messages=all", MESSAGES_ALL },
};

static const char *
parse_parameter(const char *text, enum messages *ret)
{
	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++) {
		if (strcmp(text, parameters[i].text))
			continue;
		*ret = parameters[i].messages;
		return NULL;
	}
	return memory_printf("\"%s\" is no parameter of protoc-gen-grpcd: "
			     "messages=yes, messages=no and messages=all are",
	    text);
}

/* Marks the file number i, and all that it imports, which stand before it. */
static void
mark_imports(const request_proto *request, size_t i, bool *marks)
{
	const file_proto *file;

	marks[i] = true;
	for (size_t k = i + 1; k-- > 0;) {
		file = request->proto_file[k];
		for (size_t j = 0; marks[k] && j < file->n_dependency; j++)
			marks[request_file(request, k, file->dependency[j])] =
			    true;
	}
}

/* Packs a FileDescriptorSet of a file and all it imports, without comments. */
static uint8_t *
pack_files(const request_proto *request, size_t i, size_t *ret_len)
{
	set_proto set = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_SET__INIT;
	bool *marks = memory_take((i + 1) * sizeof(*marks));
	file_proto *copies = memory_take((i + 1) * sizeof(*copies));

	mark_imports(request, i, marks);
	set.file = memory_take((i + 1) * sizeof(*set.file));
	for (size_t k = 0; k <= i; k++) {
		if (!marks[k])
			continue;
		copies[k] = *request->proto_file[k];
		copies[k].source_code_info = NULL;
		set.file[set.n_file++] = &copies[k];
	}
	return stream_pack(&set.base, ret_len);
}

/* Adds a file to the response, which has room for it. */
static void
add_file(response_proto *response, char *name, char *content)
{
	output_proto *file = memory_take(sizeof(*file));

	google__protobuf__compiler__code_generator_response__file__init(file);
	file->name = name;
	file->content = content;
	response->file[response->n_file++] = file;
}

/* Opens a file in memory, and takes what was printed to it. */
static FILE *
open_text(char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);

	if (!out)
		memory_out();
	return out;
}

static char *
close_text(FILE *out, char **text, const size_t *len)
{
	char *copy;

	if (fclose(out) == EOF)
		memory_out();
	copy = memory_copy(*text, *len);
	free(*text);
	return copy;
}

static void
add_code(const request_proto *request, size_t i, const struct model *model,
    response_proto *response)
{
	char *text;
	size_t len, files_len;
	const uint8_t *files = pack_files(request, i, &files_len);
	FILE *out = open_text(&text, &len);

	code_header(out, model);
	add_file(response, memory_printf("%s.grpcd.h", model->stem),
	    close_text(out, &text, &len));
	out = open_text(&text, &len);
	code_source(out, model, files, files_len);
	add_file(response, memory_printf("%s.grpcd.c", model->stem),
	    close_text(out, &text, &len));
}

const char *
generate_services(const request_proto *request, response_proto *response)
{
	const size_t n = request->n_file_to_generate;
	const struct model *model;
	const char *error;
	size_t at;

	response->file = memory_take(2 * n * sizeof(*response->file));
	for (size_t i = 0; i < n; i++) {
		at = request_file(request, request->n_proto_file,
		    request->file_to_generate[i]);
		if (request->proto_file[at]->n_service == 0)
			continue;
		model = model_new(request, request->proto_file[at], &error);
		if (!model)
			return error;
		add_code(request, at, model, response);
	}
	return NULL;
}

/* Adds the files of another response. */
static void
add_files(response_proto *response, const response_proto *more)
{
	const size_t size = sizeof(*response->file);
	output_proto **files =
	    memory_take((response->n_file + more->n_file) * size);

	memcpy(files, response->file, response->n_file * size);
	if (more->n_file > 0)
		memcpy(files + response->n_file, more->file,
		    more->n_file * size);
	response->file = files;
	response->n_file += more->n_file;
}

static const char *
generate_all(request_proto *request, response_proto *response)
{
	const response_proto *more;
	enum messages messages = MESSAGES_YES;
	const char *error;

	error = parse_parameter(request->parameter ? request->parameter : "",
	    &messages);
	if (!error)
		error = generate_services(request, response);
	if (error || messages == MESSAGES_NO)
		return error;
	more = messages_generate(request, messages == MESSAGES_ALL, &error);
	if (!more)
		return error;
	add_files(response, more);
	return NULL;
}

void
generate(request_proto *request, response_proto *response)
{
	const char *error;

	response->has_supported_features = true;
	response->supported_features = FEATURE_PROTO3_OPTIONAL;
	error = generate_all(request, response);
	if (!error)
		return;
	response->error = memory_copy(error, strlen(error));
	response->n_file = 0;
}
