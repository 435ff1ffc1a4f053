/*
 * interop.c - grpc.testing.TestService, for gRPC's interoperability tests
 *
 * Shows all four kinds of method, metadata both ways, and a stream that is
 * paced by a timer and by its client.  For tests alone: it sends what it is
 * asked for.
 */
#include "interop.grpcd.h"

#include <string.h>
#include <unistd.h>

typedef Grpc__Testing__SimpleRequest simple_request;
typedef Grpc__Testing__SimpleResponse simple_response;
typedef Grpc__Testing__StreamingInputCallRequest input_request;
typedef Grpc__Testing__StreamingInputCallResponse input_response;
typedef Grpc__Testing__StreamingOutputCallRequest output_request;
typedef Grpc__Testing__StreamingOutputCallResponse output_response;
typedef Grpc__Testing__Payload payload;

/* A payload to write. */
struct part {
	int32_t size, interval_us;
	bool compress;
};

/* A call that writes payloads one after the other. */
struct writer {
	struct part *parts; /* for the request at hand */
	size_t n_parts, next, room;
	bool waited;  /* for the interval of the next one */
	bool answers; /* each request; otherwise there is but one */
};

/* Sends back the metadata that the tests look for. */
static void
echo_metadata(struct grpcd_call *call)
{
	static const char initial[] = "x-grpc-test-echo-initial";
	static const char trailing[] = "x-grpc-test-echo-trailing-bin";
	const struct grpcd_metadata *all;
	size_t n;

	all = grpcd_metadata_all(call, &n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i].key, initial) == 0)
			grpcd_header(call, initial, all[i].value, all[i].len);
		if (strcmp(all[i].key, trailing) == 0)
			grpcd_trailer(call, trailing, all[i].value, all[i].len);
	}
}

/* True, and the call has ended, if the client asked for an error. */
static bool
fail_as_asked(struct grpcd_call *call, const Grpc__Testing__EchoStatus *status)
{
	if (!status || status->code == 0)
		return false;
	grpcd_fail(call, (enum grpcd_status)status->code, "%s",
	    status->message);
	return true;
}

/* True, and the call has ended, if there is no such payload. */
static bool
fail_unsupported(struct grpcd_call *call, int type, int32_t size)
{
	if (type == GRPC__TESTING__PAYLOAD_TYPE__COMPRESSABLE && size >= 0)
		return false;
	grpcd_fail(call, GRPCD_INVALID_ARGUMENT,
	    "no payload of type %d and size %d", type, (int)size);
	return true;
}

/* True, and the call has ended, if the message came in the wrong way. */
static bool
fail_unexpected(struct grpcd_call *call, const Grpc__Testing__BoolValue *wanted)
{
	if (!wanted || wanted->value == grpcd_compressed(call))
		return false;
	grpcd_fail(call, GRPCD_INVALID_ARGUMENT, "the message came %s",
	    wanted->value ? "uncompressed" : "compressed");
	return true;
}

/* Zeros, until the service's function returns. */
static payload *
make_payload(struct grpcd_call *call, int32_t size)
{
	payload *made = grpcd_scratch(call, sizeof(*made));

	grpc__testing__payload__init(made);
	made->body.len = (size_t)size;
	made->body.data = grpcd_scratch(call, (size_t)size);
	return made;
}

static void
empty_call(struct grpcd_call *call, const Grpc__Testing__Empty *req)
{
	(void)req;
	echo_metadata(call);
	grpc_testing_test_service_empty_call_reply(call,
	    &(Grpc__Testing__Empty)GRPC__TESTING__EMPTY__INIT);
}

/* Which of several servers this is. */
static char *
server_id(struct grpcd_call *call)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	return grpcd_printf(call, "%s-%ld", host, (long)getpid());
}

static void
unary_call(struct grpcd_call *call, const simple_request *req)
{
	simple_response reply = GRPC__TESTING__SIMPLE_RESPONSE__INIT;

	echo_metadata(call);
	if (fail_unexpected(call, req->expect_compressed) ||
	    fail_as_asked(call, req->response_status) ||
	    fail_unsupported(call, (int)req->response_type, req->response_size))
		return;
	if (req->response_compressed)
		grpcd_compress(call, req->response_compressed->value);
	reply.payload = make_payload(call, req->response_size);
	if (req->fill_server_id)
		reply.server_id = server_id(call);
	grpc_testing_test_service_unary_call_reply(call, &reply);
}

static void
input_open(struct grpcd_call *call)
{
	int64_t *sum = grpcd_alloc(call, sizeof(*sum));

	echo_metadata(call);
	grpcd_keep(call, NULL, sum);
}

static void
input_message(struct grpcd_call *call, const input_request *req)
{
	int64_t *sum = grpcd_data(call);

	if (fail_unexpected(call, req->expect_compressed))
		return;
	if (req->payload)
		*sum += (int64_t)req->payload->body.len;
}

static void
input_close(struct grpcd_call *call)
{
	input_response reply =
	    GRPC__TESTING__STREAMING_INPUT_CALL_RESPONSE__INIT;
	const int64_t *sum = grpcd_data(call);

	reply.aggregated_payload_size = (int32_t)*sum;
	grpc_testing_test_service_streaming_input_call_reply(call, &reply);
}

static enum grpcd_flow
write_part(struct grpcd_call *call, const struct part *part)
{
	output_response message =
	    GRPC__TESTING__STREAMING_OUTPUT_CALL_RESPONSE__INIT;

	grpcd_compress(call, part->compress);
	message.payload = make_payload(call, part->size);
	return grpcd_write(call, &message.base);
}

/* Writes until there is something to wait for, or all is written. */
static void
write_on(struct grpcd_call *call)
{
	struct writer *w = grpcd_data(call);
	enum grpcd_flow flow = GRPCD_GO;

	while (flow == GRPCD_GO && w->next < w->n_parts) {
		const struct part *part = &w->parts[w->next];

		if (part->interval_us > 0 && !w->waited) {
			w->waited = true;
			grpcd_after(call, (part->interval_us + 999) / 1000);
			return;
		}
		w->waited = false;
		w->next++;
		flow = write_part(call, part);
	}
	if (flow != GRPCD_GO)
		return;
	if (w->answers)
		grpcd_resume(call);
	else
		grpcd_finish(call);
}

static const struct grpcd_events writer_events = {
	.writable = write_on,
	.timer = write_on,
};

static struct writer *
writer_new(struct grpcd_call *call, bool answers)
{
	struct writer *w = grpcd_alloc(call, sizeof(*w));

	w->answers = answers;
	echo_metadata(call);
	grpcd_keep(call, &writer_events, w);
	return w;
}

/* Takes the request's parts, in memory that serves the next one too. */
static void
take_parts(struct grpcd_call *call, struct writer *w, const output_request *req)
{
	size_t n = req->n_response_parameters;

	if (n > w->room) {
		w->parts = grpcd_alloc(call, n * sizeof(*w->parts));
		w->room = n;
	}
	w->n_parts = n;
	w->next = 0;
	for (size_t i = 0; i < n; i++) {
		const Grpc__Testing__ResponseParameters *from =
		    req->response_parameters[i];

		w->parts[i] = (struct part){ from->size, from->interval_us,
			from->compressed && from->compressed->value };
		if (w->parts[i].compress)
			grpcd_compress(call, true);
	}
}

static void
write_all(struct grpcd_call *call, struct writer *w, const output_request *req)
{
	if (fail_as_asked(call, req->response_status))
		return;
	for (size_t i = 0; i < req->n_response_parameters; i++)
		if (fail_unsupported(call, (int)req->response_type,
			req->response_parameters[i]->size))
			return;
	take_parts(call, w, req);
	if (w->answers)
		grpcd_pause(call);
	write_on(call);
}

static void
streaming_output_call(struct grpcd_call *call, const output_request *req)
{
	write_all(call, writer_new(call, false), req);
}

static void
duplex_open(struct grpcd_call *call)
{
	writer_new(call, true);
}

static void
duplex_message(struct grpcd_call *call, const output_request *req)
{
	write_all(call, grpcd_data(call), req);
}

static void
duplex_close(struct grpcd_call *call)
{
	grpcd_finish(call);
}

static const struct grpc_testing_test_service_ops ops = {
	.empty_call = empty_call,
	.unary_call = unary_call,
	.streaming_output_call = streaming_output_call,
	.streaming_input_call = { input_open, input_message, input_close },
	.full_duplex_call = { duplex_open, duplex_message, duplex_close },
};

static const struct grpcd_service interop = {
	GRPC_TESTING_TEST_SERVICE(&ops),
};

GRPCD_MODULE(&interop)
