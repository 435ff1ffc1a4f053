/*
 * private.h - what all calls of a worker share; known in src/grpc alone
 */
#ifndef GRPC_PRIVATE_H
#define GRPC_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/freelist.h"
#include "grpc/health.h"
#include "grpc/host.h"
#include "grpc/output.h"
#include "grpc/server.h"

struct call;
struct compress;
struct allot_overflow;
struct registry;
struct registry_method;
struct stats_row;

#define GRPC_MAGIC 0x67727063u

struct grpc {
	uint32_t magic;
	struct registry *registry;
	const struct host *host;
	void *host_arg;
	struct stats_row *row;
	int64_t now_us;

	struct freelist calls;
	struct arena_pool chunks;
	struct output_pool blocks;
	struct arena scratch;            /* until service_leave */
	struct allot_overflow *overflow; /* of scratch, see allot.c */

	LIST_HEAD(, call) unarmed; /* deadlines without a timer yet */

	/* See service.c. */
	STAILQ_HEAD(, call) work;
	struct host_timer *soon;
	bool soon_set;
	const void *running; /* the call whose function runs, or this; NULL */
	const struct registry_method *last; /* whose path is in row->method */

	struct health health;
	struct compress *compress;

	int64_t drained_us; /* of grpc_drain: when it ends; CLOCK_NEVER */
	const char *ended;  /* of grpc_end_calls: why no call is taken now */
};

/* The one of this process, which functions without a call are about; NULL. */
extern struct grpc *grpc_here;

#endif
