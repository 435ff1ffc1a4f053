/*
 * loop.c - a session of http2 without a socket or a clock
 */
#include <config.h>

#include "loop.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/text.h"

/* The defaults that directives.def writes as text. */
static int64_t
loop_number(bool (*parse)(const char *text, int64_t *ret), const char *text)
{
	int64_t number;

	ENSURE(parse(text, &number));
	return number;
}

static void
loop_limits(struct config_limits *limits)
{
#define LOOP_INT(text) loop_number(text_parse_int, text)
#define LOOP_SIZE(text) loop_number(text_parse_size, text)
#define LOOP_TIME(text) loop_number(text_parse_time, text)
#define LOOP_BOOL(text) (strcmp(text, "on") == 0)
#define LOOP_MAIN(...)
#define LOOP_LISTENER(...)
#define LOOP_UNIX(...)
#define LOOP_TLS(...)
#define LOOP_METHOD(...)
#define LOOP_LIMITS(name, type, fallback) limits->name = LOOP_##type(fallback);
#define LOOP_CONNECTION LOOP_LIMITS
#define DIRECTIVE(context, name, type, min, max, fallback, help) \
	LOOP_##context(name, type, fallback)
#include "config/directives.def"
}

static void *
on_open(void *owner, struct http2_stream *stream)
{
	struct loop *loop = owner;
	struct loop_call *call;

	if (loop->script->refuse)
		return NULL;
	call = calloc(1, sizeof(*call));
	ENSURE(call != NULL);
	call->loop = loop;
	call->stream = stream;
	LIST_INSERT_HEAD(&loop->calls, call, link);
	loop->n_opened++;
	return call;
}

static void
on_field(void *arg, struct http2_text name, struct http2_text value)
{
	struct loop_call *call = arg;

	(void)value;
	ENSURE(name.len > 0);
	call->n_fields++;
	call->loop->n_fields++;
}

static void
on_headers(void *arg, size_t list_size)
{
	struct loop_call *call = arg;

	call->list_size = call->loop->list_size = list_size;
	call->loop->n_headers++;
	if (call->loop->script->headers != NULL)
		call->loop->script->headers(call);
}

static void
on_data(void *arg, const uint8_t *bytes, size_t len)
{
	struct loop_call *call = arg;

	call->loop->n_data += len;
	if (call->loop->script->data != NULL)
		call->loop->script->data(call, bytes, len);
	else
		ENSURE(buffer_append(&call->body, bytes, len));
}

static void
on_end(void *arg)
{
	struct loop_call *call = arg;

	call->ended = true;
	call->loop->n_ended++;
	if (call->loop->script->end != NULL)
		call->loop->script->end(call);
}

static size_t
on_pull(void *arg, uint8_t *to, size_t room, bool *ret_end)
{
	struct loop_call *call = arg;

	ENSURE(call->loop->script->pull != NULL);
	return call->loop->script->pull(call, to, room, ret_end);
}

static void
on_expired(void *arg, const char *why)
{
	struct loop_call *call = arg;

	if (call->loop->script->expired != NULL)
		call->loop->script->expired(call, why);
}

static void
on_closed(void *arg, uint32_t error)
{
	struct loop_call *call = arg;
	struct loop *loop = call->loop;

	loop->n_closed++;
	loop->last_error = error;
	if (loop->script->closed != NULL)
		loop->script->closed(call);
	LIST_REMOVE(call, link);
	buffer_release(&call->body);
	free(call);
}

static void
on_wake(void *owner)
{
	((struct loop *)owner)->n_woken++;
}

static const struct http2_handler loop_handler = {
	.open = on_open,
	.field = on_field,
	.headers = on_headers,
	.data = on_data,
	.end = on_end,
	.pull = on_pull,
	.expired = on_expired,
	.closed = on_closed,
	.wake = on_wake,
};

static const struct http2_field loop_fields[] = {
	HTTP2_FIELD(":status", "200"),
	HTTP2_FIELD("content-type", "application/grpc"),
};
static const struct http2_field loop_trailers[] = {
	HTTP2_FIELD("grpc-status", "0"),
};

void
loop_answer(struct loop_call *call)
{
	if (!http2_respond(call->stream, loop_fields, 2, false))
		http2_reset(call->stream, HTTP2_INTERNAL_ERROR);
}

size_t
loop_pull_body(struct loop_call *call, uint8_t *to, size_t room, bool *ret_end)
{
	size_t n = buffer_length(&call->body);

	if (n > room)
		n = room;
	if (n > 0) {
		memcpy(to, buffer_bytes(&call->body), n);
		buffer_consume(&call->body, n);
	}
	if (buffer_length(&call->body) == 0) {
		*ret_end = true;
		http2_trailers(call->stream, loop_trailers, 1);
	}
	return n;
}

static void
loop_take(struct loop_call *call, const uint8_t *bytes, size_t len)
{
	ENSURE(buffer_append(&call->body, bytes, len));
	http2_consume(call->stream, len);
}

const struct loop_script loop_echo = {
	.data = loop_take,
	.end = loop_answer,
	.pull = loop_pull_body,
};

const struct loop_script loop_hold = { .refuse = false };

void
loop_init(struct loop *loop, const struct loop_script *script)
{
	*loop = (struct loop){ .script = script };
	LIST_INIT(&loop->calls);
	loop_limits(&loop->limits);
	loop->http2 = http2_new(&loop_handler, &loop->row);
	ENSURE(loop->http2 != NULL);
	loop_wait(loop, 3600 * CLOCK_SECOND);
}

void
loop_open(struct loop *loop)
{
	loop->session = http2_session_new(loop->http2, loop, &loop->limits);
	ENSURE(loop->session != NULL);
	wire_preface(&loop->up);
}

void
loop_fini(struct loop *loop)
{
	http2_session_free(&loop->session);
	ENSURE(LIST_EMPTY(&loop->calls) && loop->n_opened == loop->n_closed);
	ENSURE(loop->row.streams == 0);
	http2_free(&loop->http2);
	buffer_release(&loop->up);
	buffer_release(&loop->down);
}

void
loop_wait(struct loop *loop, int64_t us)
{
	loop->now_us += us;
	http2_set_time(loop->http2, loop->now_us);
	if (loop->session != NULL &&
	    http2_session_due(loop->session) <= loop->now_us)
		http2_session_tick(loop->session);
}

void
loop_run(struct loop *loop)
{
	loop->good = http2_session_input(loop->session, buffer_bytes(&loop->up),
	    buffer_length(&loop->up));
	buffer_clear(&loop->up);
	ENSURE(http2_session_output(loop->session, &loop->down, SIZE_MAX));
}

bool
loop_expect(struct loop *loop, uint8_t type, int64_t id,
    struct wire_frame *ret_frame)
{
	while (wire_next(&loop->down, ret_frame))
		if (ret_frame->type == type &&
		    (id == -1 || ret_frame->id == id))
			return true;
	return false;
}

size_t
loop_count(struct loop *loop, uint8_t type)
{
	struct wire_frame frame;
	size_t n = 0;

	while (loop_expect(loop, type, -1, &frame))
		n++;
	return n;
}
