/*
 * generate.c - from protoc's request to the answer
 */
#include <config.h>

#include "plugin/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/code.h"
#include "plugin/messages.h"
#include "plugin/model.h"
#include "plugin/request.h"
#include "plugin/scratch.h"
#include "plugin/template.h"

/* The most files that are made of one. */
#define FILES_MAX 3

static void
add_file(response_proto *response, char *name,
    void (*print)(FILE *out, const struct model *model),
    const struct model *model)
{
	output_proto *file = scratch_take(sizeof(*file));
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		scratch_out();
	print(out, model);
	if (fclose(out) == EOF)
		scratch_out();
	google__protobuf__compiler__code_generator_response__file__init(file);
	file->name = name;
	file->content = scratch_copy(text, len);
	free(text);
	response->file[response->n_file++] = file;
}

static void
add_code(response_proto *response, const struct model *model)
{
	add_file(response, scratch_printf("%s.grpcd.h", model->stem),
	    code_header, model);
	add_file(response, scratch_printf("%s.grpcd.c", model->stem),
	    code_source, model);
}

static void
add_template(response_proto *response, const struct model *model)
{
	add_file(response, scratch_printf("%s.c", template_name(model)),
	    template_service, model);
	add_file(response, scratch_printf("Makefile"), template_makefile,
	    model);
	add_file(response, scratch_printf("grpcd.conf"), template_config,
	    model);
}

/* What the parameter may be, and what is generated then. */
static const struct parameter {
	const char *text;
	void (*add)(response_proto *response, const struct model *model);
	enum messages messages;
} parameters[] = {
	{ "", add_code, MESSAGES_YES },
	{ "messages=yes", add_code, MESSAGES_YES },
	{ "messages=all", add_code, MESSAGES_ALL },
	{ "messages=no", add_code, MESSAGES_NO },
	{ "template", add_template, MESSAGES_NO },
};

static const struct parameter *
find_parameter(const char *text)
{
	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++) {
		if (!strcmp(text ? text : "", parameters[i].text))
			return &parameters[i];
	}
	return NULL;
}

/* Generates for each file; NULL, or the error. */
static const char *
add_services(const request_proto *request, const struct parameter *parameter,
    response_proto *response)
{
	const size_t n = request->n_file_to_generate;
	const struct model *model;
	const char *error;
	size_t file;

	response->file = scratch_take(FILES_MAX * n * sizeof(*response->file));
	for (size_t i = 0; i < n; i++) {
		file = request_file(request, request->n_proto_file,
		    request->file_to_generate[i]);
		model = model_new(request, file, &error);
		if (!model)
			return error;
		if (parameter->add == add_template && model->n_services == 0)
			return scratch_printf("%s: there is no service in it",
			    model->file->name);
		parameter->add(response, model);
	}
	return NULL;
}

/* Adds the files of another response. */
static void
add_files(response_proto *response, const response_proto *more)
{
	const size_t size = sizeof(*response->file);
	size_t n = response->n_file + more->n_file;
	output_proto **files = scratch_take(n * size);

	memcpy(files, response->file, response->n_file * size);
	if (more->n_file > 0)
		memcpy(files + response->n_file, more->file,
		    more->n_file * size);
	response->file = files;
	response->n_file = n;
}

static const char *
add_all(request_proto *request, response_proto *response)
{
	const struct parameter *parameter = find_parameter(request->parameter);
	const response_proto *messages;
	const char *error;

	if (!parameter)
		return scratch_printf("\"%s\" is no parameter: messages=yes, "
				      "messages=all, messages=no or template",
		    request->parameter);
	error = add_services(request, parameter, response);
	if (error || parameter->messages == MESSAGES_NO)
		return error;
	messages = messages_generate(request,
	    parameter->messages == MESSAGES_ALL, &error);
	if (!messages)
		return error;
	add_files(response, messages);
	return NULL;
}

void
generate(request_proto *request, response_proto *response)
{
	const char *error = add_all(request, response);

	response->has_supported_features = true;
	response->supported_features = FEATURE_PROTO3_OPTIONAL;
	if (!error)
		return;
	response->error = scratch_copy(error, strlen(error));
	response->n_file = 0;
}
