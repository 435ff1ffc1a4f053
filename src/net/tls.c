/*
 * tls.c - the transport that speaks TLS
 *
 * Runs in workers.  The handshake goes on inside decode, and what it has to say
 * waits with the connection until the next encode.
 */
#include <config.h>

#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/freelist.h"
#include "net/peer.h"
#include "net/tls_reason.h"

/* The plain bytes of one decode: a full read and a record begun before it. */
#define TLS_PLAIN (65536 + SSL3_RT_MAX_PLAIN_LENGTH)

/*
 * Nothing of a record can be read before all of it is there.  One that fits
 * into a segment need not wait for the next, which may come a round trip later
 * while the kernel sends few at a time: at first, and after a rest.  From then
 * on large ones cost less.  Small messages that go together share a record in
 * either case.
 */
#define RECORD_SMALL 1300  /* with IPv6, options and its own 22 bytes: 1,400 */
#define RECORD_BOOST 65536 /* bytes in small ones, then */
#define RECORD_REST_US CLOCK_SECOND

#define TLS_MAGIC 0x746c7373u
#define KEEP_SESSIONS 256

/* A record of the type alert, of TLS 1.2 as all first ones; fatal. */
static const uint8_t unavailable[] = { SSL3_RT_ALERT, 3, 3, 0, 2, SSL3_AL_FATAL,
	SSL_AD_INTERNAL_ERROR };

const struct span tls_unavailable = { unavailable, sizeof(unavailable) };

/* What all connections of a worker share. */
struct tls {
	const struct keyring *keyring;
	BIO_METHOD *method;
	BIO *wire;         /* the one BIO; its data is this struct */
	struct span in;    /* raw bytes that came, not yet taken */
	struct buffer out; /* raw bytes that go */
	struct freelist sessions;
	uint8_t plain[TLS_PLAIN];
};

/* The state of one connection's transport. */
struct tls_session {
	uint32_t magic;
	struct tls *tls;
	SSL_CTX *context;    /* in which it begins */
	SSL *ssl;            /* NULL until something comes */
	size_t in_small;     /* bytes sent in small records */
	int64_t wrote_us;    /* when more than one was last wanted */
	struct buffer early; /* said in decode, to go with the next encode */
	unsigned long error; /* OpenSSL's, of what broke it */
	char *why;           /* what we had against it ourselves; NULL */
	bool begun;          /* something has come */
	bool plain;          /* and it began like HTTP, not like TLS */
	bool broken;
	bool ended; /* by the client's close_notify */
};

static struct tls_session *
session_of(const struct transport *t)
{
	struct tls_session *s = t->state;

	CHECK(s, TLS_MAGIC);
	return s;
}

static int
wire_read(BIO *bio, char *to, size_t room, size_t *ret_len)
{
	struct tls *tls = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (tls->in.len == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	if (room > tls->in.len)
		room = tls->in.len;
	memcpy(to, tls->in.bytes, room);
	tls->in.bytes += room;
	tls->in.len -= room;
	*ret_len = room;
	return 1;
}

static int
wire_write(BIO *bio, const char *bytes, size_t len, size_t *ret_len)
{
	struct tls *tls = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (!buffer_append(&tls->out, bytes, len))
		return 0;
	*ret_len = len;
	return 1;
}

static long
wire_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)bio, (void)number, (void)pointer;
	return command == BIO_CTRL_FLUSH;
}

static bool
make_wire(struct tls *tls)
{
	tls->method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
	    "grpcd wire");
	if (!tls->method || !BIO_meth_set_read_ex(tls->method, wire_read) ||
	    !BIO_meth_set_write_ex(tls->method, wire_write) ||
	    !BIO_meth_set_ctrl(tls->method, wire_ctrl))
		return false;
	tls->wire = BIO_new(tls->method);
	if (!tls->wire)
		return false;
	BIO_set_data(tls->wire, tls);
	BIO_set_init(tls->wire, 1);
	return true;
}

struct tls *
tls_new(const struct keyring *keyring)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	tls->keyring = keyring;
	freelist_init(&tls->sessions, sizeof(struct tls_session),
	    KEEP_SESSIONS);
	if (!make_wire(tls))
		tls_free(&tls);
	return tls;
}

void
tls_free(struct tls **tls)
{
	struct tls *t = *tls;

	*tls = NULL;
	if (!t)
		return;
	BIO_free(t->wire);
	BIO_meth_free(t->method);
	buffer_release(&t->out);
	freelist_fini(&t->sessions);
	OPENSSL_cleanse(t->plain, sizeof(t->plain));
	free(t);
}

/* Moves what the handshake said to the session, where it waits. */
static bool
keep_early(struct tls_session *s)
{
	struct buffer *out = &s->tls->out;
	bool kept =
	    buffer_append(&s->early, buffer_bytes(out), buffer_length(out));

	buffer_clear(out);
	return kept;
}

/* What to make of a step of OpenSSL's that gave no bytes. */
static enum transport_result
judge(struct tls_session *s, int result)
{
	switch (SSL_get_error(s->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return TRANSPORT_GOOD;
	case SSL_ERROR_ZERO_RETURN:
		s->ended = true;
		return TRANSPORT_END;
	default:
		s->error = ERR_peek_last_error();
		s->broken = true;
		return TRANSPORT_BROKEN;
	}
}

/* A record begins with its type, 20 to 23, and HTTP with a capital letter. */
static void
note_first(struct tls_session *s, struct span raw)
{
	if (s->begun || raw.len == 0)
		return;
	s->begun = true;
	s->plain = raw.bytes[0] >= 'A' && raw.bytes[0] <= 'Z';
}

/* Who connects and says nothing has cost nothing so far. */
static bool
make_ssl(struct tls_session *s)
{
	BIO *wire = s->tls->wire;

	s->ssl = SSL_new(s->context);
	if (!s->ssl)
		return false;
	BIO_up_ref(wire);
	BIO_up_ref(wire);
	SSL_set0_rbio(s->ssl, wire);
	SSL_set0_wbio(s->ssl, wire);
	SSL_set_app_data(s->ssl, s);
	SSL_set_accept_state(s->ssl);
	return true;
}

static enum transport_result
tls_decode(struct transport *t, struct span raw, struct span *ret_plain)
{
	struct tls_session *s = session_of(t);
	struct tls *tls = s->tls;
	enum transport_result result;
	size_t n, len = 0;
	int got;

	ERR_clear_error();
	note_first(s, raw);
	*ret_plain = (struct span){ NULL, 0 };
	if (!s->ssl && !make_ssl(s)) {
		s->broken = true;
		return TRANSPORT_BROKEN;
	}
	tls->in = raw;
	buffer_clear(&tls->out);
	while ((got = SSL_read_ex(s->ssl, tls->plain + len, TLS_PLAIN - len,
		    &n)) == 1)
		len += n;
	*ret_plain = (struct span){ tls->plain, len };
	result = judge(s, got);
	ENSURE(result != TRANSPORT_GOOD || tls->in.len == 0);
	return keep_early(s) ? result : TRANSPORT_BROKEN;
}

/* How many of the bytes that are to go share the next record. */
static size_t
record_size(struct tls_session *s, size_t len)
{
	if (len <= RECORD_SMALL || s->in_small >= RECORD_BOOST)
		return len;
	s->in_small += RECORD_SMALL;
	return RECORD_SMALL;
}

/* What goes together is more than one small record: has there been a rest? */
static void
note_large(struct tls_session *s)
{
	int64_t now_us = clock_now_us();

	if (now_us - s->wrote_us > RECORD_REST_US)
		s->in_small = 0;
	s->wrote_us = now_us;
}

static bool
seal(struct tls_session *s, struct span plain)
{
	size_t n;

	if (plain.len > RECORD_SMALL)
		note_large(s);
	for (; plain.len > 0; plain.bytes += n, plain.len -= n)
		if (SSL_write_ex(s->ssl, plain.bytes, record_size(s, plain.len),
			&n) != 1)
			return false;
	return true;
}

static bool
tls_encode(struct transport *t, struct span plain, struct span *ret_raw)
{
	struct tls_session *s = session_of(t);
	struct buffer *out = &s->tls->out;

	ERR_clear_error();
	buffer_clear(out);
	if (buffer_length(&s->early) > 0) {
		if (!buffer_append(out, buffer_bytes(&s->early),
			buffer_length(&s->early)))
			return false;
		buffer_release(&s->early);
	}
	if (!seal(s, plain))
		return false;
	*ret_raw = (struct span){ buffer_bytes(out), buffer_length(out) };
	return true;
}

static bool
tls_ready(const struct transport *t)
{
	const struct tls_session *s = session_of(t);

	return s->ssl && !s->broken && SSL_is_init_finished(s->ssl);
}

static bool
tls_end(struct transport *t, struct span *ret_raw)
{
	struct tls_session *s = session_of(t);

	buffer_clear(&s->tls->out);
	if (tls_ready(t))
		SSL_shutdown(s->ssl);
	*ret_raw = (struct span){ buffer_bytes(&s->tls->out),
		buffer_length(&s->tls->out) };
	return true;
}

static const char *
tls_why(const struct transport *t)
{
	const struct tls_session *s = session_of(t);

	if (s->plain)
		return "its client speaks HTTP without TLS, this listener has"
		       " a tls section: have the client use TLS";
	if (s->why)
		return s->why;
	return tls_reason(s->error);
}

/* Framing tells a message that was cut off, so a goodbye is but good form. */
static const char *
tls_cut(const struct transport *t)
{
	const struct tls_session *s = session_of(t);

	if (!s->begun || s->broken || s->ended)
		return NULL;
	return tls_ready(t) ? "its client left without close_notify"
			    : "its client left in its TLS handshake";
}

static struct identity *
tls_identity(const struct transport *t)
{
	const struct tls_session *s = session_of(t);

	return s->ssl ? peer_identity(s->ssl) : NULL;
}

static void
tls_close(struct transport *t)
{
	struct tls_session *s = session_of(t);
	struct tls *tls = s->tls;

	SSL_free(s->ssl);
	buffer_release(&s->early);
	free(s->why);
	s->magic = 0;
	freelist_give(&tls->sessions, s);
	t->state = NULL;
}

static const struct transport_ops transport_tls = {
	.decode = tls_decode,
	.encode = tls_encode,
	.ready = tls_ready,
	.end = tls_end,
	.why = tls_why,
	.identity = tls_identity,
	.cut = tls_cut,
	.free = tls_close,
};

bool
tls_open(struct tls *tls, SSL_CTX *context, struct transport *ret_transport)
{
	struct tls_session *s = freelist_take(&tls->sessions);

	if (!s)
		return false;
	s->magic = TLS_MAGIC;
	s->tls = tls;
	s->context = context;
	*ret_transport = (struct transport){ &transport_tls, s };
	return true;
}

const struct keyring *
tls_keyring(const SSL *ssl)
{
	const struct tls_session *s = SSL_get_app_data(ssl);

	CHECK(s, TLS_MAGIC);
	return s->tls->keyring;
}

void
tls_refuse(SSL *ssl, const char *fmt, ...)
{
	struct tls_session *s = SSL_get_app_data(ssl);
	va_list args;

	CHECK(s, TLS_MAGIC);
	free(s->why);
	va_start(args, fmt);
	if (vasprintf(&s->why, fmt, args) == -1)
		s->why = NULL;
	va_end(args);
}
