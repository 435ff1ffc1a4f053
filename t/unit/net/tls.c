/*
 * tls.c - the TLS transport against OpenSSL's own client, without sockets
 *
 * The client writes into memory; its bytes reach the transport in pieces of any
 * size, and the other way round.
 */
#include <config.h>

#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

static SSL_CTX *server_context, *client_context;
static struct tls *tls;

/* One client and the transport it talks to. */
struct pair {
	SSL *client;
	struct transport transport;
	size_t piece;     /* bytes carried at a time */
	char got[200000]; /* plain bytes at the server */
	size_t n_got;
	enum transport_result result;
};

static void
make_contexts(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();

	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_sign(cert, key, EVP_sha256());
	server_context = SSL_CTX_new(TLS_server_method());
	client_context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_use_certificate(server_context, cert);
	SSL_CTX_use_PrivateKey(server_context, key);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static struct pair *
pair_new(size_t piece)
{
	struct pair *p = calloc(1, sizeof(*p));

	p->piece = piece;
	p->client = SSL_new(client_context);
	SSL_set_bio(p->client, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_connect_state(p->client);
	ok(tls_open(tls, server_context, &p->transport), "a transport opens");
	return p;
}

static void
pair_free(struct pair *p)
{
	p->transport.ops->free(&p->transport);
	SSL_free(p->client);
	free(p);
}

/* Bytes for the client. */
static void
deliver(struct pair *p, struct span raw)
{
	if (raw.len > 0)
		BIO_write(SSL_get_rbio(p->client), raw.bytes, (int)raw.len);
}

/* Sends plain bytes from the server. */
static void
serve(struct pair *p, const char *bytes, size_t len)
{
	struct span raw;

	ok(p->transport.ops->encode(&p->transport,
	       (struct span){ (const uint8_t *)bytes, len }, &raw),
	    "%zu bytes are encoded", len);
	deliver(p, raw);
}

/* Carries one piece from the client to the server; false if there is none. */
static bool
carry(struct pair *p)
{
	uint8_t raw[65536];
	int n = BIO_read(SSL_get_wbio(p->client), raw, (int)p->piece);
	struct span plain, answer;

	if (n <= 0)
		return false;
	p->result = p->transport.ops->decode(&p->transport,
	    (struct span){ raw, (size_t)n }, &plain);
	memcpy(p->got + p->n_got, plain.bytes, plain.len);
	p->n_got += plain.len;
	if (p->transport.ops->encode(&p->transport, (struct span){ NULL, 0 },
		&answer))
		deliver(p, answer);
	return true;
}

static void
carry_all(struct pair *p)
{
	while (p->result == TRANSPORT_GOOD && carry(p))
		;
}

static void
shake_hands(struct pair *p)
{
	for (int i = 0; i < 10 && SSL_do_handshake(p->client) != 1; i++)
		carry_all(p);
	carry_all(p);
	ok(p->transport.ops->ready(&p->transport),
	    "the handshake ends with pieces of %zu", p->piece);
}

static void
test_echo(size_t piece)
{
	struct pair *p = pair_new(piece);
	char big[100000], back[100000];
	size_t n = 0, got;

	ok(!p->transport.ops->ready(&p->transport), "not ready at first");
	shake_hands(p);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7);
	SSL_write(p->client, big, sizeof(big));
	carry_all(p);
	is_int(sizeof(big), p->n_got, "all bytes arrive");
	ok(memcmp(big, p->got, sizeof(big)) == 0, "as they were");
	serve(p, big, sizeof(big));
	while (n < sizeof(back) &&
	       SSL_read_ex(p->client, back + n, sizeof(back) - n, &got) == 1)
		n += got;
	is_int(sizeof(big), n, "all bytes go back");
	ok(memcmp(big, back, sizeof(big)) == 0, "as they were");
	pair_free(p);
}

/* The longest record among raw bytes, of n of them. */
static size_t
longest_record(struct span raw, size_t *ret_n)
{
	size_t longest = 0, len;

	*ret_n = 0;
	for (size_t at = 0; at + 5 <= raw.len; at += 5 + len) {
		len = (size_t)raw.bytes[at + 3] << 8 | raw.bytes[at + 4];
		longest = len > longest ? len : longest;
		++*ret_n;
	}
	return longest;
}

static void
test_records(void)
{
	static uint8_t bytes[100000];
	struct pair *p = pair_new(1000);
	struct transport *t = &p->transport;
	struct span raw;
	size_t n;

	shake_hands(p);
	t->ops->encode(t, (struct span){ bytes, 1200 }, &raw);
	longest_record(raw, &n);
	is_int(1, n, "what goes together shares a record");
	t->ops->encode(t, (struct span){ bytes, 40000 }, &raw);
	ok(longest_record(raw, &n) < 1400,
	    "records fit into segments at first");
	is_int(40000 / 1300 + 1, n, "all of them");
	t->ops->encode(t, (struct span){ bytes, 100000 }, &raw);
	ok(longest_record(raw, &n) > 16384, "and are large later on");
	t->ops->encode(t, (struct span){ bytes, 100000 }, &raw);
	longest_record(raw, &n);
	is_int(100000 / 16384 + 1, n, "all of them");
	usleep(1100000); /* the rest */
	t->ops->encode(t, (struct span){ bytes, 40000 }, &raw);
	ok(longest_record(raw, &n) < 1400, "and small again after a rest");
	pair_free(p);
}

static void
test_ends(void)
{
	struct pair *p = pair_new(1000);
	struct span raw;
	char byte;

	shake_hands(p);
	ok(p->transport.ops->end(&p->transport, &raw) && raw.len > 0,
	    "the server says that it closes");
	deliver(p, raw);
	SSL_read(p->client, &byte, 1);
	ok(SSL_get_shutdown(p->client) & SSL_RECEIVED_SHUTDOWN,
	    "the client hears close_notify");
	pair_free(p);

	p = pair_new(1000);
	shake_hands(p);
	SSL_write(p->client, "last", 4);
	SSL_shutdown(p->client);
	carry_all(p);
	is_int(TRANSPORT_END, p->result, "the client's end is told");
	is_int(4, p->n_got, "after its last bytes");
	pair_free(p);
}

static void
test_rubbish(void)
{
	static const char request[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	struct pair *p = pair_new(1000);
	struct span plain, raw;

	is_int(TRANSPORT_BROKEN,
	    p->transport.ops->decode(&p->transport,
		(struct span){ (const uint8_t *)request, sizeof(request) - 1 },
		&plain),
	    "plain HTTP/2 breaks the transport");
	is_int(0, plain.len, "without plain bytes");
	ok(strstr(p->transport.ops->why(&p->transport), "without TLS") != NULL,
	    "and it says so");
	ok(!p->transport.ops->ready(&p->transport), "it is not ready");
	ok(p->transport.ops->end(&p->transport, &raw), "and can be ended");
	pair_free(p);

	p = pair_new(1000);
	shake_hands(p);
	p->transport.ops->decode(&p->transport,
	    (struct span){ (const uint8_t *)"\x17\x03\x03\x00\x05hello", 10 },
	    &plain);
	is_int(0, plain.len, "a forged record gives no bytes");
	pair_free(p);
}

static void
test_tls_where_plain(void)
{
	struct transport t = { &transport_plain, NULL };
	struct span plain;

	is_int(TRANSPORT_BROKEN,
	    t.ops->decode(&t, (struct span){ (const uint8_t *)"\x16", 1 },
		&plain),
	    "TLS breaks a plain transport with its first byte");
	is_int(0, plain.len, "without plain bytes");
	ok(strstr(t.ops->why(&t), "speaks TLS") != NULL, "and it says so");
	is_int(TRANSPORT_GOOD,
	    t.ops->decode(&t, (struct span){ (const uint8_t *)"\x16", 1 },
		&plain),
	    "later on the same byte is one of many");
}

int
main(void)
{
	make_contexts();
	tls = tls_new(NULL);
	test_echo(1);
	test_echo(17);
	test_echo(65536);
	test_records();
	test_ends();
	test_rubbish();
	test_tls_where_plain();
	tls_free(&tls);
	SSL_CTX_free(server_context);
	SSL_CTX_free(client_context);
	return done();
}
