/*
 * code_header.c - prints NAME.grpcd.h
 */
#include <config.h>

#include "plugin/code.h"

#include <string.h>

#include "grpcd.h"
#include "plugin/names.h"
#include "plugin/print.h"
#include "plugin/scratch.h"

static const char *
deprecated(bool is)
{
	return is ? " __attribute__((deprecated))" : "";
}

/* Two parts of a comment, with an empty line between them. */
static const char *
add_remark(const char *comment, const char *remark)
{
	return scratch_printf("%s%s%s", comment,
	    *comment && *remark ? "\n\n" : "", remark);
}

/* How the function of a method answers. */
static const char *
remark(const struct model_method *method)
{
	static const char *const kinds[2][2] = { { "Unary",
						     "Server-streaming" },
		{ "Client-streaming", "Bidirectional" } };
	static const char *const answers[] = { "reply()",
		"write(), then grpcd_finish()" };

	return scratch_printf("%s%s: %s_%s.",
	    method->deprecated ? "Deprecated. " : "",
	    kinds[method->client_streams][method->server_streams],
	    method->prefix, answers[method->server_streams]);
}

static void
print_function(FILE *out, const struct model_method *method)
{
	print_line(out,
	    "\tvoid (*%s)(struct grpcd_call *call, const %s *request)%s;",
	    method->member, method->input.name, deprecated(method->deprecated));
}

static void
print_functions(FILE *out, const struct model_method *method)
{
	print_line(out, "\tstruct {");
	print_line(out, "\t\tvoid (*open)(struct grpcd_call *call);");
	print_line(out,
	    "\t\tvoid (*message)(struct grpcd_call *call, const %s *message);",
	    method->input.name);
	print_line(out, "\t\tvoid (*close)(struct grpcd_call *call);");
	print_line(out, "\t} %s%s;", method->member,
	    deprecated(method->deprecated));
}

/* The struct whose functions whoever writes the service fills in. */
static void
print_ops(FILE *out, const struct model_service *service)
{
	const struct model_method *method;

	print_comment(out, 0,
	    add_remark(service->proto_name, service->comment));
	fprintf(out, "struct%s %s_ops {\n", deprecated(service->deprecated),
	    service->prefix);
	for (size_t i = 0; i < service->n_methods; i++) {
		method = &service->methods[i];
		if (i > 0)
			fputc('\n', out);
		print_comment(out, 1,
		    add_remark(method->comment, remark(method)));
		if (method->client_streams)
			print_functions(out, method);
		else
			print_function(out, method);
	}
	if (service->n_methods == 0)
		print_line(out,
		    "\tchar no_methods; /* C has no empty struct */");
	print_line(out, "};");
	fputc('\n', out);
}

/* The macro for the first two members of struct grpcd_service. */
static void
print_macro(FILE *out, const struct model_service *service)
{
	const char *const lines[] = { scratch_printf("#define %s(table)",
					  service->macro),
		scratch_printf("\t.descriptor = &%s_descriptor,",
		    service->prefix) };
	size_t tab = 7, width = strlen(lines[0]); /* a tab is eight columns */

	if (width < strlen(lines[1]) + tab)
		width = strlen(lines[1]) + tab;
	fprintf(out, "%-*s \\\n%-*s \\\n", (int)width, lines[0],
	    (int)(width - tab), lines[1]);
	fprintf(out, "\t.ops = GRPCD_TYPED(const struct %s_ops *, table)\n\n",
	    service->prefix);
}

/* The typed form of grpcd_reply() or grpcd_write(). */
static void
print_answer(FILE *out, const struct model_method *method)
{
	const char *verb = method->server_streams ? "write" : "reply";

	print_line(out, "static inline %s",
	    method->server_streams ? "enum grpcd_flow" : "bool");
	print_line(out, "%s_%s(struct grpcd_call *call, const %s *message)",
	    method->prefix, verb, method->output.name);
	print_line(out, "{");
	print_line(out,
	    "\treturn grpcd_%s(call, (const ProtobufCMessage *)message);",
	    verb);
	print_line(out, "}");
	fputc('\n', out);
}

static void
print_service(FILE *out, const struct model_service *service)
{
	print_ops(out, service);
	print_line(out, "extern const struct grpcd_descriptor %s_descriptor;",
	    service->prefix);
	fputc('\n', out);
	print_macro(out, service);
	for (size_t i = 0; i < service->n_methods; i++)
		print_answer(out, &service->methods[i]);
}

void
code_header(FILE *out, const struct model *model)
{
	const char *guard = names_guard(model->stem);

	print_comment(out, 0,
	    scratch_printf("Made by protoc-gen-grpcd from %s: do not edit.",
		model->file->name));
	fprintf(out, "#ifndef %s\n#define %s\n\n", guard, guard);
	fprintf(out, "#include <grpcd.h>\n\n#include \"%s.pb-c.h\"\n\n",
	    model->stem);
	fprintf(out,
	    "#if GRPCD_API != %d\n"
	    "#error \"made for another grpcd.h: run protoc-gen-grpcd again\"\n"
	    "#endif\n\n",
	    GRPCD_API);
	fputs("#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n", out);
	for (size_t i = 0; i < model->n_services; i++)
		print_service(out, &model->services[i]);
	fputs("#ifdef __cplusplus\n}\n#endif\n\n#endif\n", out);
}
