/*
 * api.c - the functions of grpcd.h
 *
 * Runs in workers, called by services, which are trusted to be neither correct
 * nor careful: every handle is looked up, and what comes too late is told.
 */
#include <config.h>

#include "grpcd.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/identity.h"
#include "base/log.h"
#include "grpc/access.h"
#include "grpc/allot.h"
#include "grpc/answer.h"
#include "grpc/call.h"
#include "grpc/deadline.h"
#include "grpc/detail.h"
#include "grpc/handle.h"
#include "grpc/metadata.h"
#include "grpc/private.h"
#include "grpc/registry.h"
#include "grpc/retry.h"
#include "grpc/server.h"
#include "grpc/service.h"

/* One list of each, in two headers. */
_Static_assert((int)GRPCD_TLS_PROTOCOL == IDENTITY_PROTOCOL &&
		   (int)GRPCD_TLS_CIPHER == IDENTITY_CIPHER &&
		   (int)GRPCD_TLS_SERVER_NAME == IDENTITY_SERVER_NAME &&
		   (int)GRPCD_TLS_SUBJECT == IDENTITY_SUBJECT &&
		   (int)GRPCD_TLS_FINGERPRINT == IDENTITY_FINGERPRINT,
    "facts");
_Static_assert((int)GRPCD_TLS_URI == IDENTITY_URI &&
		   (int)GRPCD_TLS_DNS == IDENTITY_DNS &&
		   (int)GRPCD_TLS_EMAIL == IDENTITY_EMAIL &&
		   (int)GRPCD_TLS_IP == IDENTITY_IP,
    "kinds of names");

/* Logs, once a method, that a function came after the end. */
static void
tell_late(struct registry_method *method, const char *function)
{
	if (!method) {
		log_limited(LOG_LEVEL_WARN,
		    "%s() for a call that ended long ago", function);
		return;
	}
	if (method->told_late)
		return;
	method->told_late = true;
	log_warn("%s: %s() for a call that has ended (told once)", method->path,
	    function);
}

/*
 * The call, if it may still be answered.  NULL if it has ended, which is told
 * unless the service could not know.
 */
static struct call *
find_open(struct grpcd_call *handle, const char *function)
{
	struct call *c = handle_find(handle);

	if (c && c->state == CALL_OPEN)
		return c;
	if (!c)
		tell_late(handle_method(handle), function);
	else if (c->state != CALL_LOST && !c->cancelled &&
		 !allot_is_past_cap(c))
		tell_late(c->method, function);
	return NULL;
}

/* A service has used a function that is not of this kind of method. */
static void
end_misused(struct call *c, const char *function)
{
	log_limited(LOG_LEVEL_ERROR, "%s: %s() is not for this kind of method",
	    c->method->path, function);
	call_fail(c, GRPCD_INTERNAL,
	    "the service used %s() for another kind of method", function);
}

/* Packs a message; the call ends if it is not of the method's type. */
static bool
send_message(struct call *c, const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *type = c->method->method->output;

	if (message->descriptor == type)
		return answer_message(c, message);
	log_limited(LOG_LEVEL_ERROR, "%s: message of type %s instead of %s",
	    c->method->path, message->descriptor->name, type->name);
	call_fail(c, GRPCD_INTERNAL,
	    "the service answered with a message of another type");
	return false;
}

/*
 * Answers
 */

bool
grpcd_reply(struct grpcd_call *call, const ProtobufCMessage *message)
{
	struct call *c = find_open(call, __func__);

	if (!c)
		return false;
	if (c->method->method->server_streams) {
		end_misused(c, __func__);
		return false;
	}
	if (!send_message(c, message))
		return false;
	call_end(c, GRPCD_OK, NULL);
	return true;
}

enum grpcd_flow
grpcd_write(struct grpcd_call *call, const ProtobufCMessage *message)
{
	struct call *c = find_open(call, __func__);

	if (!c)
		return GRPCD_GONE;
	if (!c->method->method->server_streams) {
		end_misused(c, __func__);
		return GRPCD_GONE;
	}
	if (!send_message(c, message))
		return GRPCD_GONE;
	answer_flush(c);
	if (c->output.waiting > ANSWER_MUCH)
		c->blocked = true;
	return c->blocked ? GRPCD_WAIT : GRPCD_GO;
}

bool
grpcd_finish(struct grpcd_call *call)
{
	struct call *c = find_open(call, __func__);

	if (!c)
		return false;
	if (!c->method->method->server_streams) {
		end_misused(c, __func__);
		return false;
	}
	call_end(c, GRPCD_OK, NULL);
	return true;
}

bool
grpcd_fail(struct grpcd_call *call, enum grpcd_status status, const char *fmt,
    ...)
{
	struct call *c = find_open(call, __func__);
	va_list args;

	if (!c)
		return false;
	if (status == GRPCD_OK && !c->method->method->server_streams) {
		end_misused(c, "grpcd_fail(GRPCD_OK)");
		return false;
	}
	va_start(args, fmt);
	call_vfail(c, status, fmt, args);
	va_end(args);
	return true;
}

bool
grpcd_push_back(struct grpcd_call *call, int64_t ms)
{
	struct call *c = find_open(call, __func__);

	return c && retry_push_back(c, ms);
}

bool
grpcd_detail(struct grpcd_call *call, const ProtobufCMessage *detail)
{
	struct call *c = find_open(call, __func__);

	return c && detail_add(&c->details, allot_arena(c, &c->arena), detail);
}

/*
 * Later
 */

bool
grpcd_keep(struct grpcd_call *call, const struct grpcd_events *events,
    void *data)
{
	struct call *c = find_open(call, __func__);

	if (!c)
		return false;
	c->kept = true;
	c->events = events;
	c->data = data;
	if (call_is_leaving(c))
		service_queue(c);
	return true;
}

void *
grpcd_data(struct grpcd_call *call)
{
	struct call *c = handle_find(call);

	return c ? c->data : NULL;
}

bool
grpcd_after(struct grpcd_call *call, int64_t ms)
{
	struct call *c = find_open(call, __func__);
	int64_t most = (INT64_MAX - CLOCK_SECOND) / CLOCK_MS;

	if (!c)
		return false;
	if (ms < 0)
		return deadline_after(c, CLOCK_NEVER);
	most -= c->grpc->now_us / CLOCK_MS;
	return deadline_after(c,
	    c->grpc->now_us + (ms < most ? ms : most) * CLOCK_MS);
}

void
grpcd_pause(struct grpcd_call *call)
{
	struct call *c = handle_find(call);

	if (c)
		c->paused = true;
}

void
grpcd_resume(struct grpcd_call *call)
{
	struct call *c = handle_find(call);

	if (!c || !c->paused)
		return;
	c->paused = false;
	if (c->state == CALL_OPEN)
		service_queue(c);
}

/*
 * Questions
 */

bool
grpcd_cancelled(struct grpcd_call *call)
{
	struct call *c = handle_find(call);

	return !c || c->cancelled;
}

int64_t
grpcd_time_left(struct grpcd_call *call)
{
	struct call *c = handle_find(call);
	int64_t us;

	if (!c)
		return 0;
	if (c->deadline_us == CLOCK_NEVER)
		return INT64_MAX;
	us = c->deadline_us - c->grpc->now_us;
	return us > 0 ? us / CLOCK_MS : 0;
}

const char *
grpcd_method(struct grpcd_call *call)
{
	struct call *c = handle_find(call);

	return c ? c->method->path : NULL;
}

static const char *
peer_of(const struct call *c)
{
	if (c->peer)
		return c->peer->address;
	return c->peer_text ? c->peer_text : "";
}

const char *
grpcd_peer(struct grpcd_call *call)
{
	struct call *c = handle_find(call);

	return c ? peer_of(c) : NULL;
}

const char *
grpcd_authority(struct grpcd_call *call)
{
	struct call *c = handle_find(call);

	if (!c)
		return NULL;
	return c->request.authority ? c->request.authority : "";
}

unsigned
grpcd_previous_attempts(struct grpcd_call *call)
{
	struct call *c = handle_find(call);

	return c ? retry_attempts(c) : 0;
}

/* What there is to say of the client; NULL: nothing. */
static const struct identity *
identity_of(struct grpcd_call *handle)
{
	struct call *c = handle_find(handle);

	if (!c)
		return NULL;
	return c->peer ? access_identity(c->peer) : c->identity;
}

const char *
grpcd_tls(struct grpcd_call *call, enum grpcd_tls_fact fact)
{
	const struct identity *identity = identity_of(call);

	return identity && (unsigned)fact < IDENTITY_FACTS
		   ? identity->facts[fact]
		   : NULL;
}

const char *
grpcd_tls_name(struct grpcd_call *call, enum grpcd_tls_kind kind, size_t i)
{
	const struct identity *identity = identity_of(call);

	return identity ? identity_find(identity, (enum identity_kind)kind, i)
			: NULL;
}

/*
 * Metadata
 */

/* What the client sent, NULL if the call has ended. */
static const struct metadata *
metadata_of(struct grpcd_call *handle)
{
	struct call *c = handle_find(handle);

	if (!c)
		return NULL;
	/* No more of it than max_header_list_size. */
	if (!metadata_show(&c->request.metadata, allot_reserve(c)) &&
	    c->state == CALL_OPEN)
		retry_later(c, "no memory for metadata");
	return &c->request.metadata;
}

const struct grpcd_metadata *
grpcd_metadata_all(struct grpcd_call *call, size_t *ret_count)
{
	const struct metadata *m = metadata_of(call);

	*ret_count = m ? m->n : 0;
	return m ? m->entries : NULL;
}

const char *
grpcd_metadata_get(struct grpcd_call *call, const char *key)
{
	const struct metadata *m = metadata_of(call);

	return m ? metadata_find(m, key) : NULL;
}

bool
grpcd_header(struct grpcd_call *call, const char *key, const void *value,
    size_t len)
{
	struct call *c = find_open(call, __func__);

	return c && !c->headers_sent &&
	       metadata_give(&c->headers, allot_arena(c, &c->arena), key, value,
		   len);
}

bool
grpcd_trailer(struct grpcd_call *call, const char *key, const void *value,
    size_t len)
{
	struct call *c = find_open(call, __func__);

	return c && metadata_give(&c->trailers, allot_arena(c, &c->arena), key,
			value, len);
}

bool
grpcd_send_headers(struct grpcd_call *call)
{
	struct call *c = find_open(call, __func__);

	if (c)
		answer_headers(c);
	return c != NULL;
}

/*
 * Health
 */

bool
grpcd_set_serving(const char *service, bool serving)
{
	return grpc_here && health_set(grpc_here, service, serving);
}

/*
 * Compression
 */

bool
grpcd_compress(struct grpcd_call *call, bool compress)
{
	struct call *c = find_open(call, __func__);

	return c && answer_compress(c, compress);
}

bool
grpcd_compressed(struct grpcd_call *call)
{
	const struct call *c = handle_find(call);

	return c && c->compressed;
}

/*
 * Memory
 */

void *
grpcd_alloc(struct grpcd_call *call, size_t size)
{
	struct call *c = handle_find(call);

	return c ? memset(allot_alloc(c, size), 0, size) : NULL;
}

char *
grpcd_strdup(struct grpcd_call *call, const char *text)
{
	struct call *c = handle_find(call);
	size_t size = strlen(text) + 1;

	return c ? memcpy(allot_alloc(c, size), text, size) : NULL;
}

/* A text for which there is no room: the call ends, the text lasts a while. */
static __attribute__((noinline, format(printf, 2, 0))) char *
print_past_cap(struct call *c, const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = allot_alloc(c, len < 0 ? 1 : (size_t)len + 1);
	text[0] = '\0';
	if (len > 0)
		vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

static inline __attribute__((format(printf, 3, 0))) char *
print(struct call *c, struct arena *arena, const char *fmt, va_list args)
{
	char *text = arena_vprintf(allot_arena(c, arena), fmt, args);

	return text ? text : print_past_cap(c, fmt, args);
}

char *
grpcd_printf(struct grpcd_call *call, const char *fmt, ...)
{
	struct call *c = handle_find(call);
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (c)
		text = print(c, &c->arena, fmt, args);
	va_end(args);
	return text;
}

void *
grpcd_scratch(struct grpcd_call *call, size_t size)
{
	struct call *c = handle_find(call);

	return c ? memset(allot_scratch(c, size), 0, size) : NULL;
}

char *
grpcd_scratch_printf(struct grpcd_call *call, const char *fmt, ...)
{
	struct call *c = handle_find(call);
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (c)
		text = print(c, &c->grpc->scratch, fmt, args);
	va_end(args);
	return text;
}

/*
 * The log
 */

static const enum log_level log_levels[] = {
	[GRPCD_LOG_DEBUG] = LOG_LEVEL_DEBUG,
	[GRPCD_LOG_INFO] = LOG_LEVEL_INFO,
	[GRPCD_LOG_NOTICE] = LOG_LEVEL_NOTICE,
	[GRPCD_LOG_WARN] = LOG_LEVEL_WARN,
	[GRPCD_LOG_ERROR] = LOG_LEVEL_ERROR,
};

void
grpcd_log(struct grpcd_call *call, enum grpcd_level level, const char *fmt, ...)
{
	struct call *c = handle_find(call);
	enum log_level as = (unsigned)level <= GRPCD_LOG_ERROR
				? log_levels[level]
				: LOG_LEVEL_ERROR;
	char text[1024];
	va_list args;

	if (!log_wants(as))
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (c)
		log_write(as, "%s %s: %s", c->method->path, peer_of(c), text);
	else
		log_write(as, "%s", text);
}
