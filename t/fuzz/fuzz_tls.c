/*
 * fuzz_tls.c - any bytes from a client into the transport that speaks TLS
 *
 * The first byte says how: as they are, in place of a handshake; as they are,
 * behind the whole or the first half of an honest client's handshake; or as
 * what that client has to say, in records of their own.  The server is a
 * listener's, with all that decides on a client's hello, and asks for
 * certificates.
 */
#include <config.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/keyring.h"
#include "config/config.h"
#include "net/tls.h"
#include "net/tls_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define HOW_PIECE 0x07 /* bytes of a piece: this to the fourth, and 1 */
#define HOW_HELLO 0x08 /* behind an honest hello */
#define HOW_TALK 0x10  /* behind a whole handshake */
#define HOW_SEAL 0x20  /* as plain text of a client that has done it */
#define HOW_OLD 0x40   /* the honest client speaks TLS 1.2 */
#define HOW_END 0x80   /* and says goodbye at the end */

static struct config_file certificate, key;
static struct config_listener listener = { .name = "fuzzed" };
static struct config config = { .listeners = &listener, .n_listeners = 1 };
static struct tls_server *server;
static struct tls *tls;
static SSL_CTX *clients;

/* One connection. */
struct talk {
	struct transport transport;
	SSL *client;
	size_t said, heard; /* plain bytes, by the client and the server */
	enum transport_result result;
};

static void
must(bool good)
{
	if (!good)
		abort();
}

static struct config_file
file_of(const char *path, BIO *bio)
{
	char *bytes;
	long len = BIO_get_mem_data(bio, &bytes);
	char *copy = strndup(bytes, (size_t)len);

	must(copy != NULL);
	BIO_free(bio);
	return (struct config_file){ path, copy, (size_t)len };
}

static void
make_files(void)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	BIO *texts[2] = { BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()) };
	X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL,
	    NID_subject_alt_name, "DNS:localhost");

	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_set_pubkey(x, pkey);
	X509_add_ext(x, names, -1);
	X509_sign(x, pkey, EVP_sha256());
	PEM_write_bio_X509(texts[0], x);
	PEM_write_bio_PrivateKey(texts[1], pkey, NULL, NULL, 0, NULL, NULL);
	X509_EXTENSION_free(names);
	X509_free(x);
	EVP_PKEY_free(pkey);
	certificate = file_of("certificate", texts[0]);
	key = file_of("key", texts[1]);
}

static void
make_server(void)
{
	struct config_tls_directives *d = &listener.tls.d;
	struct config_messages errors = { NULL, 0 };

	make_files();
	d->certificate = d->client_ca =
	    (struct config_files){ &certificate, 1 };
	d->key = (struct config_files){ &key, 1 };
	d->protocols = CONFIG_TLS_ALL;
	d->ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
	d->ciphersuites = "TLS_AES_128_GCM_SHA256";
	d->curves = "X25519:P-256";
	d->verify = CONFIG_VERIFY_REQUEST;
	d->verify_depth = 3;
	config.main.tls_ticket_rotation = 3600000;
	server = tls_server_new(&config, 0, &errors);
	tls = tls_new(keyring_new());
	clients = SSL_CTX_new(TLS_client_method());
	must(server && tls && clients);
	SSL_CTX_set_alpn_protos(clients, (const unsigned char *)"\2h2", 3);
}

/* What the server has to say, in answer or by itself. */
static void
answer(struct talk *t, const char *text)
{
	const struct transport_ops *ops = t->transport.ops;
	struct span raw;

	if (!ops->ready(&t->transport))
		text = "";
	must(ops->encode(&t->transport,
	    (struct span){ (const uint8_t *)text, strlen(text) }, &raw));
	must(strlen(text) == 0 || raw.len > strlen(text));
	if (t->client && raw.len > 0)
		BIO_write(SSL_get_rbio(t->client), raw.bytes, (int)raw.len);
}

static void
decode(struct talk *t, const uint8_t *bytes, size_t len)
{
	const struct transport_ops *ops = t->transport.ops;
	static volatile uint8_t sum; /* each byte can be read */
	struct span plain;

	if (t->result != TRANSPORT_GOOD || len == 0)
		return;
	t->result =
	    ops->decode(&t->transport, (struct span){ bytes, len }, &plain);
	for (size_t i = 0; i < plain.len; i++)
		sum = (uint8_t)(sum + plain.bytes[i]);
	t->heard += plain.len;
	must(t->result != TRANSPORT_BROKEN || *ops->why(&t->transport));
	must(t->result != TRANSPORT_BROKEN || !ops->ready(&t->transport));
	answer(t, "pong");
}

/* Carries what the client has to say. */
static void
carry(struct talk *t, size_t piece)
{
	static uint8_t raw[65536];
	int n;

	while ((n = BIO_read(SSL_get_wbio(t->client), raw, sizeof(raw))) > 0)
		for (size_t at = 0; at < (size_t)n; at += piece)
			decode(t, raw + at,
			    piece < (size_t)n - at ? piece : (size_t)n - at);
}

/* Has an honest client go so many steps: 1 is its hello, 3 is enough. */
static void
shake_hands(struct talk *t, int steps, uint8_t how)
{
	t->client = SSL_new(clients);
	must(t->client != NULL);
	SSL_set_bio(t->client, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_connect_state(t->client);
	if (how & HOW_OLD)
		SSL_set_max_proto_version(t->client, TLS1_2_VERSION);
	for (int i = 0; i < steps; i++) {
		SSL_do_handshake(t->client);
		carry(t, 1000);
	}
	must(steps == 1 || t->transport.ops->ready(&t->transport));
}

static void
feed(struct talk *t, const uint8_t *bytes, size_t len, uint8_t how)
{
	size_t piece = how & HOW_PIECE;

	piece = piece * piece * piece * piece + 1;
	for (size_t at = 0; at < len; at += piece) {
		if (piece > len - at)
			piece = len - at;
		if (how & HOW_SEAL) {
			must(SSL_write(t->client, bytes + at, (int)piece) > 0);
			t->said += piece;
			carry(t, 1 + piece / 2);
		} else {
			decode(t, bytes + at, piece);
		}
	}
}

static void
finish(struct talk *t, uint8_t how)
{
	struct span raw;

	if (how & HOW_END && t->client) {
		SSL_shutdown(t->client);
		carry(t, 1000);
		must(!(how & HOW_SEAL) || t->result == TRANSPORT_END);
	}
	/* Whatever an honest client says is heard. */
	must(!(how & HOW_SEAL) || t->said == t->heard);
	(void)t->transport.ops->cut(&t->transport);
	t->transport.ops->end(&t->transport, &raw);
	t->transport.ops->free(&t->transport);
	SSL_free(t->client);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct talk t = { .client = NULL };
	uint8_t how = len > 0 ? bytes[0] : 0;

	if (!server)
		make_server();
	if (len == 0)
		return 0;
	must(tls_open(tls, tls_server_context(server), &t.transport));
	if (how & (HOW_SEAL | HOW_TALK))
		shake_hands(&t, 3, how);
	else if (how & HOW_HELLO)
		shake_hands(&t, 1, how);
	feed(&t, bytes + 1, len - 1, how);
	finish(&t, how);
	return 0;
}
