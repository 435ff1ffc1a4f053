/*
 * template.c - a directory to begin a service with
 *
 * What it prints is meant to be read and changed, so it looks as people write.
 */
#include <config.h>

#include "plugin/template.h"

#include <string.h>

#include "plugin/names.h"
#include "plugin/print.h"
#include "plugin/scratch.h"
#include "plugin/types.h"

const char *
template_name(const struct model *model)
{
	const char *slash = strrchr(model->stem, '/');

	return slash ? slash + 1 : model->stem;
}

/* "pkg.Greeter" as "greeter". */
static const char *
service_name(const struct model_service *service)
{
	const char *dot = strrchr(service->proto_name, '.');

	return names_function(dot ? dot + 1 : service->proto_name);
}

/* "greeter_say_hello": a function of the service's own. */
static const char *
function_name(const struct model_service *service,
    const struct model_method *method)
{
	return scratch_printf("%s_%s", service_name(service),
	    names_function(method->proto_name));
}

static void
print_head(FILE *out, const char *name, const char *more)
{
	print_line(out, "static void");
	print_line(out, "%s(struct grpcd_call *call%s)", name, more);
	print_line(out, "{");
}

/* Declares a reply, and leaves unused what comes from the client. */
static void
print_reply(FILE *out, const struct model_method *method, const char *unused)
{
	print_line(out, "\t%s reply = %s;", method->output.name,
	    method->output.init);
	fputc('\n', out);
	if (*unused)
		print_line(out, "\t(void)%s;", unused);
}

/* The end of an answer's function. */
static void
print_answer(FILE *out, const struct model_method *method)
{
	print_line(out, "\t%s_%s(call, &reply);", method->prefix,
	    method->server_streams ? "write" : "reply");
}

static void
print_end(FILE *out)
{
	print_line(out, "}");
	fputc('\n', out);
}

static void
print_unary(FILE *out, const struct model_service *service,
    const struct model_method *method)
{
	print_head(out, function_name(service, method),
	    scratch_printf(", const %s *request", method->input.name));
	print_reply(out, method, "request");
	print_answer(out, method);
	if (method->server_streams)
		print_line(out, "\tgrpcd_finish(call);");
	print_end(out);
}

static void
print_stream(FILE *out, const struct model_service *service,
    const struct model_method *method)
{
	const char *name = function_name(service, method);

	print_head(out, scratch_printf("%s_message", name),
	    scratch_printf(", const %s *message", method->input.name));
	if (method->server_streams) {
		print_reply(out, method, "message");
		print_answer(out, method);
	} else {
		print_line(out, "\t(void)call;");
		print_line(out, "\t(void)message;");
	}
	print_end(out);
	print_head(out, scratch_printf("%s_close", name), "");
	if (method->server_streams) {
		print_line(out, "\tgrpcd_finish(call);");
	} else {
		print_reply(out, method, "");
		print_answer(out, method);
	}
	print_end(out);
}

static void
print_ops(FILE *out, const struct model_service *service)
{
	const char *name = service_name(service), *function;
	const struct model_method *method;

	print_line(out, "static const struct %s_ops %s_ops = {",
	    service->prefix, name);
	for (size_t i = 0; i < service->n_methods; i++) {
		method = &service->methods[i];
		function = function_name(service, method);
		if (!method->client_streams) {
			print_line(out, "\t.%s = %s,", method->member,
			    function);
			continue;
		}
		print_line(out, "\t.%s.message = %s_message,", method->member,
		    function);
		print_line(out, "\t.%s.close = %s_close,", method->member,
		    function);
	}
	if (service->n_methods == 0)
		print_line(out, "\t.no_methods = 0,");
	print_line(out, "};");
	fputc('\n', out);
}

static void
print_service(FILE *out, const struct model_service *service)
{
	const struct model_method *method;

	for (size_t i = 0; i < service->n_methods; i++) {
		method = &service->methods[i];
		if (method->client_streams)
			print_stream(out, service, method);
		else
			print_unary(out, service, method);
	}
	print_ops(out, service);
	print_line(out, "static const struct grpcd_service %s_service = {",
	    service_name(service));
	print_line(out, "\t%s(&%s_ops),", service->macro,
	    service_name(service));
	print_line(out, "};");
	fputc('\n', out);
}

void
template_service(FILE *out, const struct model *model)
{
	const char *services = "";

	print_comment(out, 0,
	    scratch_printf("%s.c - the services of %s.proto",
		template_name(model), model->stem));
	fprintf(out, "#include \"%s.grpcd.h\"\n\n", model->stem);
	for (size_t i = 0; i < model->n_services; i++) {
		print_service(out, &model->services[i]);
		services = scratch_printf("%s%s&%s_service", services,
		    i > 0 ? ", " : "", service_name(&model->services[i]));
	}
	print_line(out, "GRPCD_MODULE(%s)", services);
}

/* On the line of the first file if there is no other. */
static void
makefile_made(FILE *out, const struct model *model)
{
	const request_proto *request = model->request;
	size_t n = 0;

	for (size_t i = 0; i < request->n_proto_file; i++)
		n += types_generated(request->proto_file[i]);
	fprintf(out, "MADE = %1$s.grpcd.c %1$s.grpcd.h", model->stem);
	for (size_t i = 0; i < request->n_proto_file; i++) {
		if (!types_generated(request->proto_file[i]))
			continue;
		fprintf(out, "%2$s%1$s.pb-c.c %1$s.pb-c.h",
		    names_stem(request->proto_file[i]->name),
		    n > 1 ? " \\\n\t" : " ");
	}
	fputs("\n", out);
}

void
template_makefile(FILE *out, const struct model *model)
{
	const char *name = template_name(model);

	fputs("GRPCD = -I. $$(pkg-config --cflags --libs grpcd)\n", out);
	makefile_made(out, model);
	fprintf(out, "%1$s.so: %1$s.c $(MADE)\n", name);
	fputs("\t$(CC) -O2 -Wall $(CFLAGS) -fPIC -shared -o $@ "
	      "$(filter %.c,$^) $(GRPCD)\n",
	    out);
	fprintf(out, "$(MADE) &: %s\n\tprotoc --grpcd_out=messages=all:. $<\n",
	    model->file->name);
	fprintf(out, "install: %s.so\n", name);
	fputs("\tinstall -D -m 644 -t "
	      "$(DESTDIR)$$(pkg-config --variable=moduledir grpcd) $<\n",
	    out);
	fprintf(out, "clean:\n\trm -f %s.so $(MADE)\n", name);
}

void
template_config(FILE *out, const struct model *model)
{
	const char *name = template_name(model);

	fprintf(out,
	    "# grpcd.conf - serves %s.proto: grpcd -p . -c grpcd.conf\n\n"
	    "workers = 1\n\n"
	    "listener \"main\" {\n"
	    "    address = \"127.0.0.1:50051\"\n"
	    "}\n\n"
	    "module \"./%s.so\" {\n"
	    "}\n",
	    model->stem, name);
	for (size_t i = 0; i < model->n_services; i++)
		fprintf(out, "\nservice \"%s\" {\n}\n",
		    model->services[i].proto_name);
}
