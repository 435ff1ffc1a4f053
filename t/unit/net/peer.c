/*
 * peer.c - what is told of a client, by handshakes in memory
 *
 * Certificates are made here, with whatever a CA might be talked into signing.
 */
#include <config.h>

#include "net/peer.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/identity.h"
#include "tap.h"

static EVP_PKEY *ca_key, *key;
static X509 *ca;

/* What the client's certificate holds; NULL: it shows none. */
struct wish {
	const char *subject; /* its common name */
	GENERAL_NAMES *names;
	bool twice; /* the extension is there twice */
	bool self;  /* signed by itself, not by the CA */
};

static X509 *
sign(const char *subject, EVP_PKEY *own, X509 *issuer, EVP_PKEY *by)
{
	X509 *x = X509_new();
	X509_EXTENSION *is_ca = X509V3_EXT_conf_nid(NULL, NULL,
	    NID_basic_constraints, issuer ? "CA:FALSE" : "CA:TRUE");

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
	    MBSTRING_UTF8, (const unsigned char *)subject, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	X509_set_pubkey(x, own);
	X509_add_ext(x, is_ca, -1);
	X509_EXTENSION_free(is_ca);
	X509_sign(x, by, EVP_sha256());
	return x;
}

static X509 *
make_certificate(const struct wish *wish)
{
	EVP_PKEY *by = wish->self ? key : ca_key;
	X509 *x = sign(wish->subject, key, wish->self ? NULL : ca, by);

	for (int i = 0; wish->names && i < 1 + wish->twice; i++)
		X509_add1_ext_i2d(x, NID_subject_alt_name, wish->names, 0,
		    X509V3_ADD_APPEND);
	X509_sign(x, by, EVP_sha256());
	return x;
}

static GENERAL_NAME *
name_of(int type, const void *bytes, size_t len)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *text =
	    ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING
						   : V_ASN1_IA5STRING);

	ASN1_STRING_set(text, bytes, (int)len);
	GENERAL_NAME_set0_value(name, type, text);
	return name;
}

static void
add(struct wish *wish, int type, const void *bytes, size_t len)
{
	if (!wish->names)
		wish->names = sk_GENERAL_NAME_new_null();
	sk_GENERAL_NAME_push(wish->names, name_of(type, bytes, len));
}

#define ADD(wish, type, text) add(wish, type, text, sizeof(text) - 1)

static int
on_any(int good, X509_STORE_CTX *store)
{
	(void)good, (void)store;
	return 1;
}

/* One end, the client's with a certificate of its own. */
static SSL *
make_end(const struct wish *wish, bool server, int verify)
{
	SSL_CTX *context =
	    SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	X509 *x = wish ? make_certificate(wish) : NULL;
	SSL *ssl;

	if (x) {
		SSL_CTX_use_certificate(context, x);
		SSL_CTX_use_PrivateKey(context, key);
	}
	X509_free(x);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
	SSL_CTX_set_verify(context, verify, server ? NULL : on_any);
	ssl = SSL_new(context);
	SSL_CTX_free(context);
	if (server)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	return ssl;
}

/* What a server that verifies so tells of a client; the server in ret. */
static struct identity *
meet_with(const struct wish *wish, int verify, const char *name,
    int (*on_verify)(int, X509_STORE_CTX *))
{
	const struct wish own = { .subject = "server" };
	SSL *client = make_end(wish, false, SSL_VERIFY_NONE);
	SSL *server = make_end(&own, true, verify);
	BIO *a, *b;
	struct identity *identity;

	SSL_set_verify(server, verify, on_verify);
	BIO_new_bio_pair(&a, 1 << 18, &b, 1 << 18);
	SSL_set_bio(client, a, a);
	SSL_set_bio(server, b, b);
	if (name)
		SSL_set_tlsext_host_name(client, name);
	for (int i = 0; i < 10; i++) {
		SSL_do_handshake(client);
		SSL_do_handshake(server);
	}
	identity = peer_identity(server);
	SSL_free(client);
	SSL_free(server);
	return identity;
}

static struct identity *
meet(const struct wish *wish, int verify, const char *name)
{
	return meet_with(wish, verify, name, NULL);
}

static void
test_connection(void)
{
	struct identity *id = meet(NULL, SSL_VERIFY_NONE, "a.example");

	is_text("TLSv1.3", id->facts[IDENTITY_PROTOCOL], "the protocol");
	ok(strncmp(id->facts[IDENTITY_CIPHER], "TLS_", 4) == 0, "a cipher");
	is_text("a.example", id->facts[IDENTITY_SERVER_NAME], "the name");
	ok(!id->facts[IDENTITY_SUBJECT] && !id->facts[IDENTITY_FINGERPRINT],
	    "no certificate");
	identity_unref(&id);
	id = meet(NULL, SSL_VERIFY_PEER, "a\nb");
	ok(!id->facts[IDENTITY_SERVER_NAME], "a name that is none");
	ok(!id->facts[IDENTITY_FINGERPRINT], "asked for, and not there");
	identity_unref(&id);
}

static void
test_names(void)
{
	struct wish wish = { .subject = "billing" };
	struct identity *id;

	ADD(&wish, GEN_DNS, "a.example");
	ADD(&wish, GEN_URI, "spiffe://prod/billing");
	ADD(&wish, GEN_EMAIL, "a@example");
	ADD(&wish, GEN_IPADD, "\300\0\2\7");
	id = meet(&wish, SSL_VERIFY_PEER, NULL);
	is_text("CN=billing", id->facts[IDENTITY_SUBJECT], "the subject");
	is_int(64, strlen(id->facts[IDENTITY_FINGERPRINT]), "a fingerprint");
	is_text("spiffe://prod/billing", identity_find(id, IDENTITY_URI, 0),
	    "a URI");
	is_text("a.example", identity_find(id, IDENTITY_DNS, 0), "DNS");
	is_text("a@example", identity_find(id, IDENTITY_EMAIL, 0), "mail");
	is_text("192.0.2.7", identity_find(id, IDENTITY_IP, 0), "IP");
	is_int(4, id->n_names, "and no other");
	identity_unref(&id);
	GENERAL_NAMES_free(wish.names);
}

static void
test_rubbish(void)
{
	struct wish wish = { .subject = "a\"b,c\nO=admin\xc3\xbc" };
	struct identity *id;

	ADD(&wish, GEN_URI, "spiffe://prod/admin\0x");
	ADD(&wish, GEN_DNS, "\xff\xfe");
	ADD(&wish, GEN_IPADD, "\1\2\3");
	ADD(&wish, GEN_DNS, "");
	id = meet(&wish, SSL_VERIFY_PEER, NULL);
	is_int(0, id->n_names, "names that are none are not told");
	is_text("CN=a\\\"b\\,c\\0AO=admin\\C3\\BC", id->facts[IDENTITY_SUBJECT],
	    "a subject is escaped");
	identity_unref(&id);
	wish.twice = true;
	ADD(&wish, GEN_URI, "spiffe://prod/a");
	id = meet(&wish, SSL_VERIFY_PEER, NULL);
	is_int(0, id->n_names, "nor names of which there are two lists");
	identity_unref(&id);
	GENERAL_NAMES_free(wish.names);
}

static void
test_many(void)
{
	struct wish wish = { .subject = "many" };
	struct identity *id;
	char name[40];

	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		add(&wish, GEN_DNS, name, strlen(name));
	}
	ADD(&wish, GEN_URI, "spiffe://prod/last");
	id = meet(&wish, SSL_VERIFY_PEER, NULL);
	is_int(IDENTITY_NAMES, id->n_names, "the first of thousands");
	is_text("n255.example", id->names[IDENTITY_NAMES - 1].text, "in order");
	ok(!identity_find(id, IDENTITY_URI, 0), "others are not told");
	identity_unref(&id);
	GENERAL_NAMES_free(wish.names);
}

/* Whatever is not verified is not told. */
static void
test_strangers(void)
{
	struct wish wish = { .subject = "admin", .self = true };
	struct identity *id;

	ADD(&wish, GEN_URI, "spiffe://prod/admin");
	id = meet(&wish, SSL_VERIFY_PEER, NULL);
	ok(!id->facts[IDENTITY_FINGERPRINT] && id->n_names == 0,
	    "a stranger's handshake fails, and it is nobody");
	identity_unref(&id);
	id = meet_with(&wish, SSL_VERIFY_PEER, NULL, on_any);
	ok(!id->facts[IDENTITY_FINGERPRINT] && id->n_names == 0,
	    "one that got through by mistake is nobody, too");
	identity_unref(&id);
	wish.self = false;
	id = meet(&wish, SSL_VERIFY_NONE, NULL);
	ok(!id->facts[IDENTITY_FINGERPRINT] && id->n_names == 0,
	    "who was not asked is nobody");
	identity_unref(&id);
	GENERAL_NAMES_free(wish.names);
}

/* Hands the server one record of what the client has said. */
static bool
carry_record(SSL *client, SSL *server)
{
	unsigned char record[5 + SSL3_RT_MAX_ENCRYPTED_LENGTH];
	int len;

	if (BIO_read(SSL_get_wbio(client), record, 5) != 5)
		return false;
	len = record[3] << 8 | record[4];
	if (len > 0 && BIO_read(SSL_get_wbio(client), record + 5, len) != len)
		return false;
	BIO_write(SSL_get_rbio(server), record, 5 + len);
	return true;
}

/* A stolen certificate is shown; the proof that goes with it never comes. */
static void
test_thieves(void)
{
	const struct wish wish = { .subject = "admin" },
			  own = { .subject = "server" };
	SSL *client = make_end(&wish, false, SSL_VERIFY_NONE);
	SSL *server = make_end(&own, true, SSL_VERIFY_PEER);
	BIO *back = BIO_new(BIO_s_mem());
	struct identity *id;
	int n_shown = 0;

	SSL_set_bio(client, back, BIO_new(BIO_s_mem()));
	SSL_set_bio(server, BIO_new(BIO_s_mem()), back);
	BIO_up_ref(back);
	SSL_do_handshake(client);
	while (SSL_do_handshake(server) != 1) {
		id = peer_identity(server);
		n_shown += SSL_get0_peer_certificate(server) != NULL;
		if (id->facts[IDENTITY_FINGERPRINT])
			ok(false, "it is told too early");
		identity_unref(&id);
		if (!carry_record(client, server)) {
			SSL_do_handshake(client);
			if (!ok(carry_record(client, server), "it goes on"))
				break;
		}
	}
	ok(n_shown > 0, "a certificate was shown %d steps before", n_shown);
	id = peer_identity(server);
	ok(id->facts[IDENTITY_FINGERPRINT] != NULL, "and is told at the end");
	identity_unref(&id);
	SSL_free(client);
	SSL_free(server);
}

/* What a certificate says of itself, for the log. */
static void
test_claims(void)
{
	struct wish wish = { .subject = "a\nb", .self = true };
	char text[IDENTITY_TEXT];
	X509 *x = make_certificate(&wish);

	is_text("CN=a\\0Ab", peer_claim(x, text), "a subject");
	X509_free(x);
	ADD(&wish, GEN_URI, "spiffe://prod/a");
	x = make_certificate(&wish);
	is_text("uri:spiffe://prod/a", peer_claim(x, text), "a name");
	X509_free(x);
	GENERAL_NAMES_free(wish.names);
}

int
main(void)
{
	ca_key = EVP_EC_gen("P-256");
	key = EVP_EC_gen("P-256");
	ca = sign("CA", ca_key, NULL, ca_key);
	test_connection();
	test_names();
	test_rubbish();
	test_many();
	test_strangers();
	test_thieves();
	test_claims();
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	return done();
}
