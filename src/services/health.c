/*
 * health.c - grpc.health.v1.Health: do the services of this server serve?
 *
 * Runs in workers, each of which answers for itself.  A client that watches is
 * told NOT_SERVING when the worker is about to drain, and the call ends when it
 * does; so no watch ever holds up a drain.
 */
#include <config.h>

#include <stdint.h>
#include <sys/queue.h>

#include "grpc/health/v1/health.grpcd.h"
#include "grpc/introspect.h"

typedef Grpc__Health__V1__HealthCheckRequest request;
typedef Grpc__Health__V1__HealthCheckResponse response;
typedef Grpc__Health__V1__HealthListRequest list_request;
typedef Grpc__Health__V1__HealthListResponse list_response;
typedef Grpc__Health__V1__HealthListResponse__StatusesEntry entry;

/* Of a list, as gRPC's other servers have it. */
#define LIST_MAX 100

/* A Watch; its memory is its call's. */
struct watch {
	struct grpcd_call *call;
	const char *service;
	enum introspect_health told;
	bool blocked; /* its client does not read: what is new waits */
	LIST_ENTRY(watch) link;
};

static LIST_HEAD(, watch) watches = LIST_HEAD_INITIALIZER(watches);

static const Grpc__Health__V1__HealthCheckResponse__ServingStatus states[] = {
#define STATE(name) \
	GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__##name
	[INTROSPECT_UNKNOWN] = STATE(SERVICE_UNKNOWN),
	[INTROSPECT_SERVING] = STATE(SERVING),
	[INTROSPECT_NOT_SERVING] = STATE(NOT_SERVING),
#undef STATE
};

static void
check(struct grpcd_call *call, const request *req)
{
	response reply = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
	enum introspect_health health = introspect_health(req->service);

	if (health == INTROSPECT_UNKNOWN) {
		grpcd_fail(call, GRPCD_NOT_FOUND, "unknown service %s",
		    req->service);
		return;
	}
	reply.status = states[health];
	grpc_health_v1_health_check_reply(call, &reply);
}

static entry *
make_entry(struct grpcd_call *call, const char *service)
{
	entry *e = grpcd_alloc(call, sizeof(*e));
	response *value = grpcd_alloc(call, sizeof(*value));

	grpc__health__v1__health_list_response__statuses_entry__init(e);
	grpc__health__v1__health_check_response__init(value);
	value->status = states[introspect_health(service)];
	e->key = (char *)(uintptr_t)service;
	e->value = value;
	return e;
}

static void
list(struct grpcd_call *call, const list_request *req)
{
	list_response reply = GRPC__HEALTH__V1__HEALTH_LIST_RESPONSE__INIT;
	size_t n = introspect_services();

	(void)req;
	if (n + 1 > LIST_MAX) {
		grpcd_push_back(call, -1);
		grpcd_fail(call, GRPCD_RESOURCE_EXHAUSTED,
		    "%zu services exceed the %d of a list: ask for one", n + 1,
		    LIST_MAX);
		return;
	}
	reply.statuses = grpcd_alloc(call, (n + 1) * sizeof(entry *));
	reply.statuses[reply.n_statuses++] = make_entry(call, "");
	for (size_t i = 0; i < n; i++)
		reply.statuses[reply.n_statuses++] =
		    make_entry(call, introspect_service(i)->name);
	grpc_health_v1_health_list_reply(call, &reply);
}

/* Tells the client how it is now. */
static void
tell(struct watch *w)
{
	response reply = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;

	w->told = introspect_health(w->service);
	reply.status = states[w->told];
	w->blocked =
	    grpc_health_v1_health_watch_write(w->call, &reply) == GRPCD_WAIT;
}

static void
tell_news(struct watch *w)
{
	if (!w->blocked && w->told != introspect_health(w->service))
		tell(w);
}

static void
on_health(void)
{
	struct watch *w;

	LIST_FOREACH (w, &watches, link)
		tell_news(w);
}

static void
on_writable(struct grpcd_call *call)
{
	struct watch *w = grpcd_data(call);

	w->blocked = false;
	tell_news(w);
}

static void
on_drain(struct grpcd_call *call, int64_t ms_left)
{
	(void)ms_left;
	grpcd_finish(call);
}

static void
on_end(struct grpcd_call *call, enum grpcd_status status)
{
	struct watch *w = grpcd_data(call);

	(void)status;
	LIST_REMOVE(w, link);
}

static const struct grpcd_events events = {
	.writable = on_writable,
	.drain = on_drain,
	.end = on_end,
};

static void
watch(struct grpcd_call *call, const request *req)
{
	struct watch *w = grpcd_alloc(call, sizeof(*w));

	w->call = call;
	w->service = req->service;
	/* Not for a call that has ended for want of memory: it would stay. */
	if (!grpcd_keep(call, &events, w))
		return;
	LIST_INSERT_HEAD(&watches, w, link);
	introspect_discount(call);
	tell(w);
}

static const char *
start(void)
{
	introspect_on_health(on_health);
	return NULL;
}

static const struct grpc_health_v1_health_ops ops = {
	.check = check,
	.list = list,
	.watch = watch,
};

static const struct grpcd_service health = {
	GRPC_HEALTH_V1_HEALTH(&ops),
	.start = start,
};

GRPCD_MODULE(&health)
