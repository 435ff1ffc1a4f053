/*
 * request.c - what protoc asks for, checked
 *
 * All doubt about the input ends here: the code behind it follows pointers and
 * prints names as they are.
 */
#include <config.h>

#include "plugin/request.h"

#include <stdbool.h>
#include <string.h>

#include "plugin/names.h"
#include "plugin/scratch.h"
#include "plugin/types.h"
#include "plugin/wire.h"

/* May the name stand in an #include and in a comment? */
static bool
file_name_fits(const char *name)
{
	if (!*name || strstr(name, "*/") || strstr(name, "/*"))
		return false;
	for (; *name; name++) {
		if ((unsigned char)*name < ' ' || strchr("\"\\\177", *name))
			return false;
	}
	return true;
}

static const char *
check_method(const request_proto *request, const method_proto *method)
{
	const char *const types[] = { method->input_type, method->output_type };

	if (!method->name || !names_identifier(method->name))
		return "a method without a proper name";
	for (size_t i = 0; i < 2; i++) {
		if (!types_file(request, types[i]) || !names_full(types[i] + 1))
			return scratch_printf("method %s has a type that is in "
					      "no file",
			    method->name);
	}
	return NULL;
}

static const char *
check_service(const request_proto *request, const service_proto *service)
{
	const char *error = NULL;

	if (!service->name || !names_identifier(service->name))
		return "a service without a proper name";
	for (size_t i = 0; !error && i < service->n_method; i++)
		error = check_method(request, service->method[i]);
	return error;
}

static bool
package_fits(const char *package)
{
	return !package || !*package || names_full(package);
}

static const char *
check_file(const request_proto *request, size_t i)
{
	const file_proto *file = request->proto_file[i];
	const char *error = NULL;

	if (!file->name || !file_name_fits(file->name))
		return "a file without a proper name";
	if (!package_fits(file->package) || !package_fits(types_package(file)))
		return scratch_printf("%s: the package is no name", file->name);
	for (size_t j = 0; j < file->n_dependency; j++) {
		if (request_file(request, i, file->dependency[j]) == i)
			return scratch_printf("%s: the import %s is not there",
			    file->name, file->dependency[j]);
	}
	for (size_t j = 0; !error && j < file->n_service; j++)
		error = check_service(request, file->service[j]);
	return error ? scratch_printf("%s: %s", file->name, error) : NULL;
}

static const char *
check(const request_proto *request)
{
	const size_t n = request->n_proto_file;
	const char *error = NULL, *name;

	if (request->n_file_to_generate == 0)
		return "it names no file";
	for (size_t i = 0; !error && i < n; i++)
		error = check_file(request, i);
	for (size_t i = 0; !error && i < request->n_file_to_generate; i++) {
		name = request->file_to_generate[i];
		if (request_file(request, n, name) == n)
			error = scratch_printf("%s is not there", name);
	}
	return error;
}

size_t
request_file(const request_proto *request, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(request->proto_file[i]->name, name))
		i++;
	return i;
}

request_proto *
request_parse(const uint8_t *bytes, size_t len, const char **ret_error)
{
	const ProtobufCMessageDescriptor *type =
	    &google__protobuf__compiler__code_generator_request__descriptor;
	request_proto *request = NULL;
	const char *error = "it is no protobuf message of that type";

	if (wire_sound(type, bytes, len, WIRE_DEPTH))
		request = (request_proto *)protobuf_c_message_unpack(type,
		    &scratch_allocator, len, bytes);
	if (request)
		error = check(request);
	if (!error)
		return request;
	*ret_error = error;
	return NULL;
}
