/*
 * model.c - the services of one .proto file, with their names in C
 */
#include <config.h>

#include "plugin/model.h"

#include <stdlib.h>
#include <string.h>

#include "plugin/comment.h"
#include "plugin/names.h"
#include "plugin/scratch.h"
#include "plugin/types.h"

/* A name in C and what it was made of. */
struct claim {
	const char *c_name, *proto_name;
};

static void
fill_type(const request_proto *request, struct model_type *type,
    const char *name)
{
	const file_proto *file = types_file(request, name);
	const char *full = types_full(file, name + 1);
	const char *variable = names_variable(full);

	type->name = names_type(full);
	type->descriptor = scratch_printf("%s__descriptor", variable);
	type->init = scratch_printf("%s__INIT", names_upper(variable));
}

static void
fill_method(const request_proto *request, const struct model_service *service,
    struct model_method *method, const method_proto *proto)
{
	method->proto_name = proto->name;
	method->member = names_member(proto->name);
	method->prefix = scratch_printf("%s_%s", service->prefix,
	    names_function(proto->name));
	method->client_streams = proto->client_streaming;
	method->server_streams = proto->server_streaming;
	method->deprecated = proto->options && proto->options->deprecated;
	fill_type(request, &method->input, proto->input_type);
	fill_type(request, &method->output, proto->output_type);
}

static void
fill_service(const request_proto *request, const file_proto *file, size_t i,
    struct model_service *service)
{
	const service_proto *proto = file->service[i];

	service->proto_name = proto->name;
	if (file->package && *file->package)
		service->proto_name =
		    scratch_printf("%s.%s", file->package, proto->name);
	service->comment = comment_find(file, (int)i, -1);
	service->prefix = names_function(types_full(file, service->proto_name));
	service->macro = names_macro(service->prefix);
	service->deprecated = proto->options && proto->options->deprecated;
	service->n_methods = proto->n_method;
	service->methods =
	    scratch_take(proto->n_method * sizeof(*service->methods));
	for (size_t j = 0; j < proto->n_method; j++) {
		fill_method(request, service, &service->methods[j],
		    proto->method[j]);
		service->methods[j].comment =
		    comment_find(file, (int)i, (int)j);
	}
}

static int
compare_claims(const void *a, const void *b)
{
	return strcmp(((const struct claim *)a)->c_name,
	    ((const struct claim *)b)->c_name);
}

/* NULL, or the error that two claims have one name. */
static const char *
find_clash(const struct model *model, struct claim *claims, size_t n)
{
	if (n > 0)
		qsort(claims, n, sizeof(*claims), compare_claims);
	for (size_t i = 1; i < n; i++) {
		if (!strcmp(claims[i - 1].c_name, claims[i].c_name))
			return scratch_printf(
			    "%s: %s and %s are both %s in C: give one of them "
			    "another name, or a file of its own",
			    model->file->name, claims[i - 1].proto_name,
			    claims[i].proto_name, claims[i].c_name);
	}
	return NULL;
}

/* All names that end up in the one scope of the file, or in a table's. */
static const char *
check_names(const struct model *model)
{
	const struct model_service *service;
	const struct model_method *method;
	struct claim *claims;
	const char *full;
	size_t n = 0, max = 0;

	for (size_t i = 0; i < model->n_services; i++)
		max += 1 + 2 * model->services[i].n_methods;
	claims = scratch_take(max * sizeof(*claims));
	for (size_t i = 0; i < model->n_services; i++) {
		service = &model->services[i];
		claims[n++] =
		    (struct claim){ service->prefix, service->proto_name };
		for (size_t j = 0; j < service->n_methods; j++) {
			method = &service->methods[j];
			full = scratch_printf("%s.%s", service->proto_name,
			    method->proto_name);
			claims[n++] = (struct claim){
				scratch_printf("%s_reply", method->prefix), full
			};
			claims[n++] = (struct claim){
				scratch_printf("%s_ops.%s", service->prefix,
				    method->member),
				full
			};
		}
	}
	return find_clash(model, claims, n);
}

struct model *
model_new(const request_proto *request, size_t index, const char **ret_error)
{
	const file_proto *file = request->proto_file[index];
	struct model *model = scratch_take(sizeof(*model));
	const char *error;

	model->request = request;
	model->file = file;
	model->index = index;
	model->stem = names_stem(file->name);
	model->n_services = file->n_service;
	model->services =
	    scratch_take(file->n_service * sizeof(*model->services));
	for (size_t i = 0; i < file->n_service; i++)
		fill_service(request, file, i, &model->services[i]);
	error = check_names(model);
	if (!error)
		return model;
	*ret_error = error;
	return NULL;
}
