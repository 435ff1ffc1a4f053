/*
 * turns.c - two sessions that are emptied in turns, a frame at a time
 *
 * They put their frames together in one buffer (http2/pool.h).  nghttp2's own
 * client reads what each has said: headers of three frames, and a body.
 */
#include <config.h>

#include "loop.h"

#include <nghttp2/nghttp2.h>
#include <string.h>

#include "base/check.h"
#include "tap.h"

#define VALUE 20000 /* bytes of a field: two of them take three frames */
#define BODY 40000

struct client {
	nghttp2_session *ng;
	struct http2_session *server;
	uint8_t salt; /* what tells its body from the other's */
	size_t n_fields, n_body, n_wrong;
	bool ended;
};

static char values[2][VALUE];

static void
answer(struct loop_call *call)
{
	const struct http2_field fields[] = {
		HTTP2_FIELD(":status", "200"),
		{ "one", values[0], 3, VALUE, true },
		{ "two", values[1], 3, VALUE, true },
	};

	call->left = BODY;
	ENSURE(http2_respond(call->stream, fields, 3, false));
}

static uint8_t
body_byte(size_t at, uint8_t salt)
{
	return (uint8_t)(at * 7 + salt);
}

/* The salt is the number of the request's fields. */
static size_t
pull(struct loop_call *call, uint8_t *to, size_t room, bool *ret_end)
{
	size_t at = BODY - call->left;
	size_t n = call->left < room ? call->left : room;

	for (size_t i = 0; i < n; i++)
		to[i] = body_byte(at + i, (uint8_t)call->n_fields);
	call->left -= n;
	*ret_end = call->left == 0;
	return n;
}

static const struct loop_script script = { .end = answer, .pull = pull };

static int
on_header(nghttp2_session *ng, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
    void *arg)
{
	struct client *c = arg;
	const char *wanted = name[0] == 'o' ? values[0] : values[1];

	(void)ng, (void)frame, (void)flags;
	c->n_fields++;
	if (name_len == 3 &&
	    (value_len != VALUE || memcmp(value, wanted, VALUE) != 0))
		c->n_wrong++;
	return 0;
}

static int
on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *bytes,
    size_t len, void *arg)
{
	struct client *c = arg;

	(void)ng, (void)flags, (void)id;
	for (size_t i = 0; i < len; i++)
		c->n_wrong += bytes[i] != body_byte(c->n_body++, c->salt);
	return 0;
}

static int
on_close(nghttp2_session *ng, int32_t id, uint32_t error, void *arg)
{
	(void)ng, (void)id;
	((struct client *)arg)->ended = error == 0;
	return 0;
}

/* Sends what the client has to say. */
static void
speak(struct client *c)
{
	const uint8_t *bytes;
	ssize_t n;

	while ((n = nghttp2_session_mem_send(c->ng, &bytes)) > 0)
		ENSURE(http2_session_input(c->server, bytes, (size_t)n));
}

/* Takes a frame; false if there was none. */
static bool
hear(struct client *c)
{
	struct buffer bytes = BUFFER_INIT;
	size_t len;

	ENSURE(http2_session_output(c->server, &bytes, 1));
	len = buffer_length(&bytes);
	if (len > 0)
		ENSURE(nghttp2_session_mem_recv(c->ng, buffer_bytes(&bytes),
			   len) == (ssize_t)len);
	buffer_release(&bytes);
	return len > 0;
}

#define NV(name, value)                                                       \
	{                                                                     \
		(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value,      \
		    sizeof(name) - 1, sizeof(value) - 1, NGHTTP2_NV_FLAG_NONE \
	}

/* A client that has sent a request of so many fields. */
static void
begin(struct client *c, struct loop *l, uint8_t n_fields)
{
	static const nghttp2_nv fields[] = { NV(":method", "POST"),
		NV(":scheme", "http"), NV(":path", "/"), NV(":authority", "a"),
		NV("more", "x") };
	nghttp2_session_callbacks *callbacks;

	*c = (struct client){ .salt = n_fields };
	ENSURE(nghttp2_session_callbacks_new(&callbacks) == 0);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
	    on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
	    on_close);
	ENSURE(nghttp2_session_client_new(&c->ng, callbacks, c) == 0);
	nghttp2_session_callbacks_del(callbacks);
	ENSURE(nghttp2_submit_settings(c->ng, 0, NULL, 0) == 0);
	ENSURE(nghttp2_submit_request(c->ng, NULL, fields, n_fields, NULL,
		   NULL) == 1);
	c->server = http2_session_new(l->http2, l, &l->limits);
	ENSURE(c->server != NULL);
	speak(c);
}

static void
check(struct client *c, const char *which)
{
	is_int(3, c->n_fields, "%s: three fields", which);
	is_int(BODY, c->n_body, "%s: a body", which);
	is_int(0, c->n_wrong, "%s: nothing wrong in them", which);
	ok(c->ended, "%s: an end", which);
	http2_session_free(&c->server);
	nghttp2_session_del(c->ng);
}

int
main(void)
{
	struct client first, second;
	struct loop l;
	size_t n_turns = 0;

	memset(values[0], 'x', VALUE);
	memset(values[1], 'y', VALUE);
	loop_init(&l, &script);
	begin(&first, &l, 4);
	begin(&second, &l, 5);
	for (; hear(&first); n_turns++)
		hear(&second);
	ok(n_turns > 6, "%zu turns", n_turns);
	check(&first, "the first");
	check(&second, "the second");
	loop_fini(&l);
	return done();
}
