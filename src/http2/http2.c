/*
 * http2.c - what the sessions of a worker share
 *
 * Runs in workers.  nghttp2's callbacks and options, memory and free lists are
 * made once; nothing here is on the way of a call.
 */
#include <config.h>

#include "http2/session.h"

#include <stdlib.h>

#include "base/check.h"
#include "http2/internal.h"

/* At rest at most: a burst of connections or calls gives the rest back. */
#define HTTP2_SESSIONS_KEPT 256
#define HTTP2_STREAMS_KEPT 4096

/* Our own budget counts resets, with a clock that tests can set. */
#define HTTP2_UNLIMITED (UINT64_MAX / 2)

static bool
http2_init(struct http2 *h)
{
	if (nghttp2_session_callbacks_new(&h->callbacks) != 0)
		return false;
	receive_callbacks(h->callbacks);
	send_callbacks(h->callbacks);
	if (nghttp2_option_new(&h->option) != 0)
		return false;
	nghttp2_option_set_no_auto_window_update(h->option, 1);
	nghttp2_option_set_no_closed_streams(h->option, 1);
	nghttp2_option_set_stream_reset_rate_limit(h->option, HTTP2_UNLIMITED,
	    HTTP2_UNLIMITED);
	return true;
}

struct http2 *
http2_new(const struct http2_handler *handler, struct stats_row *row)
{
	struct http2 *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->magic = HTTP2_MAGIC;
	h->handler = handler;
	h->row = row;
	pool_init(&h->pool);
	freelist_init(&h->sessions, sizeof(struct http2_session),
	    HTTP2_SESSIONS_KEPT);
	freelist_init(&h->streams, sizeof(struct http2_stream),
	    HTTP2_STREAMS_KEPT);
	if (!http2_init(h))
		http2_free(&h);
	return h;
}

void
http2_free(struct http2 **http2)
{
	struct http2 *h = *http2;

	if (h == NULL)
		return;
	CHECK(h, HTTP2_MAGIC);
	*http2 = NULL;
	nghttp2_option_del(h->option);
	nghttp2_session_callbacks_del(h->callbacks);
	freelist_fini(&h->streams);
	freelist_fini(&h->sessions);
	pool_fini(&h->pool);
	h->magic = 0;
	free(h);
}

void
http2_set_time(struct http2 *http2, int64_t now_us)
{
	CHECK(http2, HTTP2_MAGIC);
	http2->now_us = now_us;
}
