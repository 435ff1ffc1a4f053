/*
 * peer.c - what a TLS connection tells of the client
 *
 * Runs in workers, once a connection that somebody asks about.  OpenSSL reads
 * the certificate; base/identity.c sees to it that texts are texts.
 */
#include <config.h>

#include "net/peer.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/identity.h"

/* A subject longer than this is not told at all: half of one may mislead. */
#define SUBJECT_BYTES 4096

#define DIGEST_BYTES 32

/* The client's certificate if it was asked for and found good; else NULL. */
static X509 *
good_certificate(const SSL *ssl)
{
	/* Before its end the client has yet to prove that it has the key. */
	if (!SSL_is_init_finished(ssl) ||
	    !(SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) ||
	    SSL_get_verify_result(ssl) != X509_V_OK)
		return NULL;
	return SSL_get0_peer_certificate(ssl);
}

/* With all that is not printable ASCII escaped; NULL without memory. */
static const char *
write_subject(const X509 *x, BIO *bio)
{
	char *text;
	long len;

	if (!bio ||
	    X509_NAME_print_ex(bio, X509_get_subject_name(x), 0,
		XN_FLAG_RFC2253) == -1 ||
	    BIO_write(bio, "", 1) != 1)
		return NULL;
	len = BIO_get_mem_data(bio, &text);
	return len <= SUBJECT_BYTES ? text : NULL;
}

static const char *
write_fingerprint(const X509 *x, char out[2 * DIGEST_BYTES + 1])
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	if (X509_digest(x, EVP_sha256(), digest, NULL) != 1)
		return NULL;
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		sprintf(out + 2 * i, "%02x", digest[i]);
	return out;
}

/* A name of the client's own choice. */
static const char *
server_name(const SSL *ssl)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	return name && identity_is_plain((const unsigned char *)name,
			   strlen(name))
		   ? name
		   : NULL;
}

static bool
take_name(const GENERAL_NAME *name, struct identity_raw *ret)
{
	static const struct {
		int type;
		enum identity_kind kind;
	} rows[] = {
		{ GEN_URI, IDENTITY_URI },
		{ GEN_DNS, IDENTITY_DNS },
		{ GEN_EMAIL, IDENTITY_EMAIL },
		{ GEN_IPADD, IDENTITY_IP },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const ASN1_STRING *text = name->d.ia5;

		if (name->type != rows[i].type)
			continue;
		*ret = (struct identity_raw){ rows[i].kind,
			ASN1_STRING_get0_data(text),
			(size_t)ASN1_STRING_length(text) };
		return true;
	}
	return false;
}

/* The first names of the kinds that are known. */
static size_t
take_names(const GENERAL_NAMES *all, struct identity_raw names[IDENTITY_NAMES])
{
	size_t n = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(all) && n < IDENTITY_NAMES; i++)
		n += take_name(sk_GENERAL_NAME_value(all, i), &names[n]);
	return n;
}

/* Adds to the facts what the certificate says. */
static struct identity *
with_certificate(const X509 *x, const char *facts[IDENTITY_FACTS])
{
	char fingerprint[2 * DIGEST_BYTES + 1];
	struct identity_raw names[IDENTITY_NAMES];
	BIO *bio = BIO_new(BIO_s_mem());
	/* NULL if there are none, if they are malformed, or there twice. */
	GENERAL_NAMES *all =
	    X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	struct identity *identity = NULL;

	facts[IDENTITY_SUBJECT] = write_subject(x, bio);
	facts[IDENTITY_FINGERPRINT] = write_fingerprint(x, fingerprint);
	if (facts[IDENTITY_FINGERPRINT])
		identity = identity_new(facts, names, take_names(all, names));
	GENERAL_NAMES_free(all);
	BIO_free(bio);
	return identity;
}

struct identity *
peer_identity(const SSL *ssl)
{
	X509 *x = good_certificate(ssl);
	const char *facts[IDENTITY_FACTS] = {
		[IDENTITY_PROTOCOL] = SSL_get_version(ssl),
		[IDENTITY_CIPHER] =
		    SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl)),
		[IDENTITY_SERVER_NAME] = server_name(ssl),
	};

	return x ? with_certificate(x, facts) : identity_new(facts, NULL, 0);
}

const char *
peer_claim(const X509 *x, char out[IDENTITY_TEXT])
{
	const char *facts[IDENTITY_FACTS] = { NULL };
	struct identity *identity = with_certificate(x, facts);

	identity_text(identity, out);
	identity_unref(&identity);
	return out;
}
