/*
 * code_source.c - prints NAME.grpcd.c
 */
#include <config.h>

#include "plugin/code.h"

#include "plugin/fileset.h"
#include "plugin/print.h"
#include "plugin/scratch.h"

/* What ISO C promises of a string literal; gcc -pedantic warns of more. */
#define LITERAL_MAX 4095

/* Begins the function that struct grpcd_method has for an event. */
static void
print_head(FILE *out, const struct model_service *service,
    const struct model_method *method, const char *event, const char *more)
{
	print_line(out, "static bool");
	print_line(out, "%s_%s(struct grpcd_call *call, const void *ops%s)",
	    method->prefix, event, more);
	print_line(out, "{");
	print_line(out,
	    "\tconst struct %s_ops *table = (const struct %s_ops *)ops;",
	    service->prefix, service->prefix);
	fputc('\n', out);
}

/* Calls the function that the table has, if any, and says whether it has. */
static void
print_call(FILE *out, const char *function, const char *more)
{
	print_line(out, "\tif (!table->%s)", function);
	print_line(out, "\t\treturn false;");
	print_line(out, "\ttable->%s(call%s);", function, more);
	print_line(out, "\treturn true;");
	print_line(out, "}");
	fputc('\n', out);
}

static void
print_open(FILE *out, const struct model_service *service,
    const struct model_method *method)
{
	const char *name = method->member;

	print_head(out, service, method, "open", "");
	print_line(out, "\tif (table->%s.open)", name);
	print_line(out, "\t\ttable->%s.open(call);", name);
	print_line(out,
	    "\treturn table->%s.open || table->%s.message || table->%s.close;",
	    name, name, name);
	print_line(out, "}");
	fputc('\n', out);
}

static void
print_method(FILE *out, const struct model_service *service,
    const struct model_method *method)
{
	const char *name = method->member;

	if (method->client_streams)
		print_open(out, service, method);
	print_head(out, service, method, "message",
	    ", const ProtobufCMessage *message");
	print_call(out,
	    method->client_streams ? scratch_printf("%s.message", name) : name,
	    scratch_printf(", (const %s *)message", method->input.name));
	if (!method->client_streams)
		return;
	print_head(out, service, method, "close", "");
	print_call(out, scratch_printf("%s.close", name), "");
}

/* The function for an event as an initialiser. */
static const char *
initialiser(const struct model_method *method, bool has, const char *event)
{
	return has ? scratch_printf("%s_%s", method->prefix, event) : "NULL";
}

static void
print_methods(FILE *out, const struct model_service *service)
{
	static const char *const words[] = { "false", "true" };
	const struct model_method *method;

	print_line(out, "static const struct grpcd_method %s_methods[] = {",
	    service->prefix);
	for (size_t i = 0; i < service->n_methods; i++) {
		method = &service->methods[i];
		print_line(out, "\t{ \"%s\", &%s, &%s, %s, %s, %s, %s, %s },",
		    method->proto_name, method->input.descriptor,
		    method->output.descriptor, words[method->client_streams],
		    words[method->server_streams],
		    initialiser(method, method->client_streams, "open"),
		    initialiser(method, true, "message"),
		    initialiser(method, method->client_streams, "close"));
	}
	print_line(out, "};");
	fputc('\n', out);
}

static void
print_service(FILE *out, const struct model_service *service)
{
	const char *methods = "NULL";

	for (size_t i = 0; i < service->n_methods; i++)
		print_method(out, service, &service->methods[i]);
	if (service->n_methods > 0) {
		print_methods(out, service);
		methods = scratch_printf("%s_methods", service->prefix);
	}
	print_line(out, "const struct grpcd_descriptor %s_descriptor = {",
	    service->prefix);
	print_line(out, "\t\"%s\",", service->proto_name);
	print_line(out, "\t%s,", methods);
	print_line(out, "\t%zu,", service->n_methods);
	print_line(out, "\tfiles,");
	print_line(out, "\tsizeof(files) - 1,");
	print_line(out, "};");
}

static bool
any_deprecated(const struct model *model)
{
	bool any = false;

	for (size_t i = 0; i < model->n_services; i++) {
		any |= model->services[i].deprecated;
		for (size_t j = 0; j < model->services[i].n_methods; j++)
			any |= model->services[i].methods[j].deprecated;
	}
	return any;
}

static void
print_pragma(FILE *out, const char *warning)
{
	print_line(out, "#pragma GCC diagnostic ignored \"%s\"", warning);
	fputc('\n', out);
}

static void
print_files(FILE *out, const struct model *model)
{
	size_t len;
	const uint8_t *files = fileset_pack(model->request, model->index, &len);

	if (len > LITERAL_MAX)
		print_pragma(out, "-Woverlength-strings");
	fputs("/* A google.protobuf.FileDescriptorSet. */\n"
	      "static const uint8_t files[] =",
	    out);
	print_bytes(out, files, len);
	fputs(";\n", out);
}

void
code_source(FILE *out, const struct model *model)
{
	print_comment(out, 0,
	    scratch_printf("Made by protoc-gen-grpcd from %s: do not edit.",
		model->file->name));
	fprintf(out, "#include \"%s.grpcd.h\"\n", model->stem);
	if (model->n_services == 0)
		return;
	fputc('\n', out);
	if (any_deprecated(model))
		print_pragma(out, "-Wdeprecated-declarations");
	print_files(out, model);
	for (size_t i = 0; i < model->n_services; i++) {
		fputc('\n', out);
		print_service(out, &model->services[i]);
	}
}
