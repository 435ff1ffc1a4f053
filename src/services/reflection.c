/*
 * reflection.c - gRPC's server reflection, v1 and v1alpha
 *
 * Runs in workers.  Tells what stands in the descriptors of the services that
 * are served where the client has come in; a file is told with all that it
 * imports, as its own set has it.
 */
#include <config.h>

#include <string.h>

#include "grpc/introspect.h"
#include "grpc/reflection/v1/reflection.grpcd.h"
#include "grpc/reflection/v1alpha/reflection.grpcd.h"
#include "services/describe.h"

#define TYPE(name) Grpc__Reflection__V1__##name
#define CONSTANT(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_##name
#define ASKED(name) CONSTANT(REQUEST__MESSAGE_REQUEST_##name)
#define ANSWER(name) CONSTANT(RESPONSE__MESSAGE_RESPONSE_##name)

typedef TYPE(ServerReflectionRequest) request;
typedef TYPE(ServerReflectionResponse) response;
typedef Grpc__Reflection__V1alpha__ServerReflectionRequest alpha_request;
typedef Grpc__Reflection__V1alpha__ServerReflectionResponse alpha_response;

/* v1alpha's messages are v1's by other names, see answer(). */
_Static_assert(sizeof(alpha_request) == sizeof(request) &&
		   sizeof(alpha_response) == sizeof(response),
    "v1alpha and v1 are laid out alike");

/* A question under way; what the answer needs is the call's scratch. */
struct question {
	struct grpcd_call *call;
	const request *req;
	response *resp;
};

static void
fail(const struct question *q, enum grpcd_status status, const char *what,
    const char *name)
{
	TYPE(ErrorResponse) *error = grpcd_scratch(q->call, sizeof(*error));

	grpc__reflection__v1__error_response__init(error);
	error->error_code = (int32_t)status;
	error->error_message =
	    grpcd_scratch_printf(q->call, "%s %s is not known", what, name);
	q->resp->message_response_case = ANSWER(ERROR_RESPONSE);
	q->resp->error_response = error;
}

/*
 * Files
 */

/* The files of service i, of which the client may know. */
static bool
set_of(const struct question *q, size_t i, struct describe_bytes *ret_set)
{
	const struct grpcd_descriptor *d = introspect_service(i);

	*ret_set = (struct describe_bytes){ d->files, d->files_len };
	return introspect_reaches(q->call, i);
}

/* A file that fits what is sought, and the set that it is in. */
typedef bool file_test(const struct question *q, struct describe_bytes file,
    const void *what);

static bool
seek(const struct question *q, file_test *fits, const void *what,
    struct describe_bytes *ret_set, struct describe_bytes *ret_file)
{
	struct describe_bytes set;

	for (size_t i = 0; i < introspect_services(); i++) {
		if (!set_of(q, i, &set))
			continue;
		*ret_set = set;
		while (describe_next(&set, ret_file))
			if (fits(q, *ret_file, what))
				return true;
	}
	return false;
}

static bool
is_named(const struct question *q, struct describe_bytes file, const void *name)
{
	(void)q;
	return describe_is_named(file, name);
}

static bool
declares(const struct question *q, struct describe_bytes file,
    const void *symbol)
{
	(void)q;
	return describe_declares(file, symbol);
}

/* The number that is sought; 0 once it has been found. */
static bool
strike(void *sought, int32_t number)
{
	int32_t *left = sought;

	if (*left == number)
		*left = 0;
	return *left != 0;
}

static bool
extends(const struct question *q, struct describe_bytes file, const void *what)
{
	const TYPE(ExtensionRequest) *sought = what;
	int32_t left = sought->extension_number;

	(void)q;
	if (left <= 0)
		return false;
	describe_extensions(file, sought->containing_type, strike, &left);
	return left == 0;
}

/* The file of that name in the set. */
static bool
pick(const struct question *q, struct describe_bytes set,
    struct describe_bytes name, struct describe_bytes *ret_file)
{
	const char *text = grpcd_scratch_printf(q->call, "%.*s", (int)name.len,
	    (const char *)name.at);

	while (describe_next(&set, ret_file))
		if (text && describe_is_named(*ret_file, text))
			return true;
	return false;
}

static bool
is_in(const TYPE(FileDescriptorResponse) * files, struct describe_bytes file)
{
	for (size_t i = 0; i < files->n_file_descriptor_proto; i++)
		if (files->file_descriptor_proto[i].data == file.at)
			return true;
	return false;
}

static void
put(TYPE(FileDescriptorResponse) * files, struct describe_bytes file)
{
	if (is_in(files, file))
		return;
	files->file_descriptor_proto[files->n_file_descriptor_proto++] =
	    (ProtobufCBinaryData){ file.len, (uint8_t *)(uintptr_t)file.at };
}

static size_t
count(struct describe_bytes set)
{
	struct describe_bytes file;
	size_t n = 0;

	while (describe_next(&set, &file))
		n++;
	return n;
}

/* The file first, then what it imports, then what those do. */
static void
tell_file(const struct question *q, struct describe_bytes set,
    struct describe_bytes file)
{
	TYPE(FileDescriptorResponse) *files =
	    grpcd_scratch(q->call, sizeof(*files));
	struct describe_bytes name, import;

	grpc__reflection__v1__file_descriptor_response__init(files);
	files->file_descriptor_proto = grpcd_scratch(q->call,
	    count(set) * sizeof(*files->file_descriptor_proto));
	put(files, file);
	for (size_t i = 0; i < files->n_file_descriptor_proto; i++) {
		const ProtobufCBinaryData *d = &files->file_descriptor_proto[i];
		const uint8_t *at = NULL;

		file = (struct describe_bytes){ d->data, d->len };
		while (describe_next_import(file, &at, &name))
			if (pick(q, set, name, &import))
				put(files, import);
	}
	q->resp->message_response_case = ANSWER(FILE_DESCRIPTOR_RESPONSE);
	q->resp->file_descriptor_response = files;
}

static void
tell_sought(const struct question *q, file_test *fits, const void *what,
    const char *kind, const char *name)
{
	struct describe_bytes set, file;

	if (seek(q, fits, what, &set, &file))
		tell_file(q, set, file);
	else
		fail(q, GRPCD_NOT_FOUND, kind, name);
}

/*
 * Lists
 */

/* Numbers in ascending order, each once. */
struct numbers {
	int32_t *all;
	size_t n, room;
};

static bool
add_number(void *arg, int32_t number)
{
	struct numbers *numbers = arg;
	size_t i = 0;

	while (i < numbers->n && numbers->all[i] < number)
		i++;
	if ((i < numbers->n && numbers->all[i] == number) ||
	    numbers->n == numbers->room)
		return true;
	memmove(&numbers->all[i + 1], &numbers->all[i],
	    (numbers->n - i) * sizeof(*numbers->all));
	numbers->all[i] = number;
	numbers->n++;
	return true;
}

static bool
count_number(void *arg, int32_t number)
{
	size_t *n = arg;

	(void)number;
	(*n)++;
	return true;
}

/* Calls found for each extension of a type, in whatever file. */
static void
each_extension(const struct question *q, const char *type,
    bool (*found)(void *arg, int32_t number), void *arg)
{
	struct describe_bytes set, file;

	for (size_t i = 0; i < introspect_services(); i++) {
		if (!set_of(q, i, &set))
			continue;
		while (describe_next(&set, &file))
			describe_extensions(file, type, found, arg);
	}
}

static void
tell_numbers(const struct question *q, const char *type)
{
	TYPE(ExtensionNumberResponse) *reply =
	    grpcd_scratch(q->call, sizeof(*reply));
	struct describe_bytes set, file;
	struct numbers numbers = { NULL, 0, 0 };

	if (!seek(q, declares, type, &set, &file)) {
		fail(q, GRPCD_NOT_FOUND, "type", type);
		return;
	}
	each_extension(q, type, count_number, &numbers.room);
	numbers.all =
	    grpcd_scratch(q->call, numbers.room * sizeof(*numbers.all));
	each_extension(q, type, add_number, &numbers);
	grpc__reflection__v1__extension_number_response__init(reply);
	reply->base_type_name = (char *)(uintptr_t)type;
	reply->extension_number = numbers.all;
	reply->n_extension_number = numbers.n;
	q->resp->message_response_case = ANSWER(ALL_EXTENSION_NUMBERS_RESPONSE);
	q->resp->all_extension_numbers_response = reply;
}

static void
tell_services(const struct question *q)
{
	size_t n = introspect_services();
	TYPE(ListServiceResponse) *list = grpcd_scratch(q->call, sizeof(*list));
	TYPE(ServiceResponse) *all = grpcd_scratch(q->call, n * sizeof(*all));

	grpc__reflection__v1__list_service_response__init(list);
	list->service = grpcd_scratch(q->call, n * sizeof(*list->service));
	for (size_t i = 0; i < n; i++) {
		if (!introspect_reaches(q->call, i))
			continue;
		grpc__reflection__v1__service_response__init(&all[i]);
		all[i].name = (char *)(uintptr_t)introspect_service(i)->name;
		list->service[list->n_service++] = &all[i];
	}
	q->resp->message_response_case = ANSWER(LIST_SERVICES_RESPONSE);
	q->resp->list_services_response = list;
}

/*
 * Questions
 */

/* False: nothing was asked. */
static bool
find_answer(const struct question *q)
{
	const request *req = q->req;

	switch (req->message_request_case) {
	case ASKED(FILE_BY_FILENAME):
		tell_sought(q, is_named, req->file_by_filename, "file",
		    req->file_by_filename);
		return true;
	case ASKED(FILE_CONTAINING_SYMBOL):
		tell_sought(q, declares, req->file_containing_symbol, "symbol",
		    req->file_containing_symbol);
		return true;
	case ASKED(FILE_CONTAINING_EXTENSION):
		tell_sought(q, extends, req->file_containing_extension,
		    "extension of",
		    req->file_containing_extension->containing_type);
		return true;
	case ASKED(ALL_EXTENSION_NUMBERS_OF_TYPE):
		tell_numbers(q, req->all_extension_numbers_of_type);
		return true;
	case ASKED(LIST_SERVICES):
		tell_services(q);
		return true;
	default:
		return false;
	}
}

/*
 * Answers a question of either version: type is the version's response.  All
 * that differs is the names of the types, and these are not sent.
 */
static void
answer(struct grpcd_call *call, const request *req,
    const ProtobufCMessageDescriptor *type)
{
	response resp = CONSTANT(RESPONSE__INIT);
	const struct question q = { call, req, &resp };

	if (!find_answer(&q)) {
		grpcd_fail(call, GRPCD_INVALID_ARGUMENT,
		    "the request asks for nothing");
		return;
	}
	resp.base.descriptor = type;
	resp.valid_host = req->host;
	resp.original_request = (request *)(uintptr_t)req;
	if (grpcd_write(call, &resp.base) == GRPCD_WAIT)
		grpcd_pause(call);
}

static void
message(struct grpcd_call *call, const request *req)
{
	answer(call, req,
	    &grpc__reflection__v1__server_reflection_response__descriptor);
}

static void
alpha_message(struct grpcd_call *call, const alpha_request *req)
{
	answer(call, (const request *)req,
	    &grpc__reflection__v1alpha__server_reflection_response__descriptor);
}

static void
on_drain(struct grpcd_call *call, int64_t ms_left)
{
	(void)ms_left;
	grpcd_finish(call);
}

/* A client that does not read its answers must wait with its questions. */
static void
open(struct grpcd_call *call)
{
	static const struct grpcd_events events = {
		.writable = grpcd_resume,
		.drain = on_drain,
	};

	grpcd_keep(call, &events, NULL);
}

static void
close(struct grpcd_call *call)
{
	grpcd_finish(call);
}

static const struct grpc_reflection_v1_server_reflection_ops ops = {
	.server_reflection_info = { open, message, close },
};

static const struct grpc_reflection_v1alpha_server_reflection_ops alpha_ops = {
	.server_reflection_info = { open, alpha_message, close },
};

static const struct grpcd_service reflection = {
	GRPC_REFLECTION_V1_SERVER_REFLECTION(&ops),
};

static const struct grpcd_service alpha_reflection = {
	GRPC_REFLECTION_V1ALPHA_SERVER_REFLECTION(&alpha_ops),
};

GRPCD_MODULE(&reflection, &alpha_reflection)
