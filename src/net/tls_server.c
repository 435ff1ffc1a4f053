/*
 * tls_server.c - what the tls section of a listener comes to
 *
 * Runs in checker and workers.  A context holds the certificates of the same
 * names, one of each kind of key; the first is where handshakes begin, and the
 * name that a client asks for leads to another.
 */
#include <config.h>

#include "net/tls_server.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/identity.h"
#include "config/config.h"
#include "net/peer.h"
#include "net/pem.h"
#include "net/tickets.h"
#include "net/tls.h"
#include "net/tls_reason.h"

/*
 * Room for private keys, apart from all else: 4k each is plenty, and some for
 * what handshakes need meanwhile.  OpenSSL wants a power of two.
 */
#define SECURE_KEY ((size_t)4 << 10)
#define SECURE_HEAP ((size_t)256 << 10) /* at least, half of it to spare */

struct tls_server {
	const struct config_listener *listener;
	int64_t session_ms; /* how long a session may be resumed */
	SSL_CTX **contexts; /* with room for one a certificate */
	X509 **leaves;      /* of each context, one; the context has it */
	size_t n_contexts;
};

/* Which protocol: RFC 9113, 3.2; RFC 7301, 3.2. */
static int
on_alpn(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
    const unsigned char *offered, unsigned offered_len, void *arg)
{
	static const unsigned char h2[] = { 2, 'h', '2' };
	unsigned char *chosen;

	(void)arg;
	if (SSL_select_next_proto(&chosen, ret_len, h2, sizeof(h2), offered,
		offered_len) != OPENSSL_NPN_NEGOTIATED) {
		tls_refuse(ssl, "its client does not offer h2 by ALPN");
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	*ret = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* on_alpn is not asked about a client that offers nothing. */
static int
on_client_hello(SSL *ssl, int *ret_alert, void *arg)
{
	const unsigned char *extension;
	size_t len;

	(void)arg;
	if (SSL_client_hello_get0_ext(ssl,
		TLSEXT_TYPE_application_layer_protocol_negotiation, &extension,
		&len) == 1)
		return SSL_CLIENT_HELLO_SUCCESS;
	tls_refuse(ssl, "its client offers no protocol by ALPN, gRPC needs h2");
	*ret_alert = SSL_AD_NO_APPLICATION_PROTOCOL;
	return SSL_CLIENT_HELLO_ERROR;
}

static SSL_CTX *
find_name(const struct tls_server *s, const char *name, unsigned flags)
{
	for (size_t i = 0; i < s->n_contexts; i++)
		if (X509_check_host(s->leaves[i], name, 0, flags, NULL) == 1)
			return s->contexts[i];
	return NULL;
}

/* A certificate with the very name goes before one with a wildcard. */
static int
on_server_name(SSL *ssl, int *ret_alert, void *arg)
{
	const struct tls_server *s = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	SSL_CTX *context = NULL;

	if (name) {
		context = find_name(s, name, X509_CHECK_FLAG_NO_WILDCARDS);
		if (!context)
			context = find_name(s, name, 0);
	}
	if (context) {
		SSL_set_SSL_CTX(ssl, context);
		return SSL_TLSEXT_ERR_OK;
	}
	if (!s->listener->tls.d.tls_strict_sni)
		return SSL_TLSEXT_ERR_NOACK;
	tls_refuse(ssl, "%s (tls_strict_sni)",
	    name ? "no certificate has the name that its client asks for"
		 : "its client asks for no name");
	*ret_alert = SSL_AD_UNRECOGNIZED_NAME;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* Options with words of OpenSSL's own; each says what it does not know. */
static bool
set_words(SSL_CTX *context, const struct pem_blame *blame)
{
	const struct config_tls_directives *d = &blame->tls->d;
	const struct {
		const char *directive, *text, *manual;
		bool good;
	} words[] = {
		{ "ciphers", d->ciphers, "openssl-ciphers(1)",
		    SSL_CTX_set_cipher_list(context, d->ciphers) == 1 },
		{ "ciphersuites", d->ciphersuites, "openssl-ciphers(1)",
		    SSL_CTX_set_ciphersuites(context, d->ciphersuites) == 1 },
		{ "curves", d->curves, "SSL_CTX_set1_groups_list(3)",
		    SSL_CTX_set1_groups_list(context, d->curves) == 1 },
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!words[i].good)
			pem_tell(blame, words[i].directive,
			    "= \"%s\": OpenSSL does not know all of it; see %s",
			    words[i].text, words[i].manual);
		good &= words[i].good;
	}
	return good;
}

static void
set_protocols(SSL_CTX *context, enum config_protocols protocols)
{
	SSL_CTX_set_min_proto_version(context,
	    protocols & CONFIG_TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION);
	SSL_CTX_set_max_proto_version(context,
	    protocols & CONFIG_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
}

/* Those CAs that clients' certificates may come from. */
static bool
add_cas(SSL_CTX *context, const struct config_file *file,
    const struct pem_blame *blame)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	STACK_OF(X509) *all = pem_certificates(file, blame);

	if (!all)
		return false;
	for (int i = 0; i < sk_X509_num(all); i++) {
		X509 *ca = sk_X509_value(all, i);

		X509_STORE_add_cert(store, ca);
		SSL_CTX_add_client_CA(context, ca);
	}
	sk_X509_pop_free(all, X509_free);
	return true;
}

/* Whoever looks for the client that is refused needs more than its address. */
static int
on_verify(int good, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	char shown[IDENTITY_TEXT];

	if (!good)
		tls_refuse(ssl, "%s; its client shows that of \"%s\"",
		    X509_verify_cert_error_string(
			X509_STORE_CTX_get_error(store)),
		    peer_claim(X509_STORE_CTX_get0_cert(store), shown));
	return good;
}

static bool
add_crls(X509_STORE *store, const struct config_file *file,
    const struct pem_blame *blame)
{
	STACK_OF(X509_CRL) *all = pem_crls(file, blame);

	if (!all)
		return false;
	for (int i = 0; i < sk_X509_CRL_num(all); i++)
		X509_STORE_add_crl(store, sk_X509_CRL_value(all, i));
	sk_X509_CRL_pop_free(all, X509_CRL_free);
	return true;
}

static bool
set_verification(SSL_CTX *context, const struct pem_blame *blame)
{
	static const int modes[] = {
		[CONFIG_VERIFY_NONE] = SSL_VERIFY_NONE,
		[CONFIG_VERIFY_REQUEST] = SSL_VERIFY_PEER,
		[CONFIG_VERIFY_REQUIRE] =
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
	};
	const struct config_tls_directives *d = &blame->tls->d;
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	bool good = true;

	for (size_t i = 0; i < d->client_ca.n; i++)
		good &= add_cas(context, &d->client_ca.v[i], blame);
	for (size_t i = 0; i < d->crl.n; i++)
		good &= add_crls(store, &d->crl.v[i], blame);
	if (d->crl.n > 0)
		X509_STORE_set_flags(store,
		    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	SSL_CTX_set_verify(context, modes[d->verify], on_verify);
	SSL_CTX_set_verify_depth(context, (int)d->verify_depth);
	return good;
}

/*
 * A session is good for all that decides on who may be a client: one that was
 * made under other rules, of another listener or before a reload, is not
 * resumed.
 */
static bool
set_session_context(SSL_CTX *context, const struct config_listener *listener)
{
	const struct config_tls_directives *d = &listener->tls.d;
	const struct config_files *lists[] = { &d->client_ca, &d->crl };
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char id[EVP_MAX_MD_SIZE];
	unsigned len;
	bool good = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(md, listener->name,
			strlen(listener->name) + 1) == 1 &&
		    EVP_DigestUpdate(md, &d->verify, sizeof(d->verify)) == 1 &&
		    EVP_DigestUpdate(md, &d->verify_depth,
			sizeof(d->verify_depth)) == 1;

	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; good && j < lists[i]->n; j++)
			good = EVP_DigestUpdate(md, lists[i]->v[j].bytes,
				   lists[i]->v[j].len) == 1;
	good = good && EVP_DigestFinal_ex(md, id, &len) == 1 &&
	       SSL_CTX_set_session_id_context(context, id, len) == 1;
	EVP_MD_CTX_free(md);
	return good;
}

static SSL_CTX *
make_context(struct tls_server *s, const struct pem_blame *blame)
{
	const struct config_listener *l = s->listener;
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context)
		return NULL;
	SSL_CTX_set_options(context,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
		SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 1);
	SSL_CTX_set_timeout(context, (long)(s->session_ms / 1000));
	tickets_use(context);
	SSL_CTX_set_alpn_select_cb(context, on_alpn, NULL);
	SSL_CTX_set_client_hello_cb(context, on_client_hello, NULL);
	SSL_CTX_set_tlsext_servername_callback(context, on_server_name);
	SSL_CTX_set_tlsext_servername_arg(context, s);
	set_protocols(context, l->tls.d.protocols);
	if (set_words(context, blame) && set_verification(context, blame) &&
	    set_session_context(context, l))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

static bool
same_names(X509 *a, X509 *b)
{
	int at[] = { X509_get_ext_by_NID(a, NID_subject_alt_name, -1),
		X509_get_ext_by_NID(b, NID_subject_alt_name, -1) };

	return at[0] >= 0 && at[1] >= 0 &&
	       ASN1_OCTET_STRING_cmp(X509_EXTENSION_get_data(X509_get_ext(a,
					 at[0])),
		   X509_EXTENSION_get_data(X509_get_ext(b, at[1]))) == 0;
}

/* The context that a certificate belongs in: of its names, or a new one. */
static SSL_CTX *
context_for(struct tls_server *s, X509 *leaf, const struct pem_blame *blame)
{
	size_t i = 0;

	while (i < s->n_contexts && !same_names(s->leaves[i], leaf))
		i++;
	if (i < s->n_contexts)
		return s->contexts[i];
	s->contexts[i] = make_context(s, blame);
	if (!s->contexts[i])
		return NULL;
	s->leaves[i] = leaf;
	s->n_contexts++;
	return s->contexts[i];
}

static bool
use_pair(struct tls_server *s, STACK_OF(X509) * chain, EVP_PKEY *key,
    const struct config_file *file, const struct pem_blame *blame)
{
	X509 *leaf = sk_X509_shift(chain);
	SSL_CTX *context = context_for(s, leaf, blame);
	bool good;

	ERR_clear_error();
	/* 0: it takes no place that another certificate has. */
	good = context &&
	       SSL_CTX_use_cert_and_key(context, leaf, key, chain, 0) == 1;
	if (!good && context)
		pem_tell(blame, file->path, "cannot be used: %s",
		    tls_reason(ERR_peek_last_error()));
	X509_free(leaf);
	return good;
}

/* A key that is not the first certificate's may be that of another one. */
static void
tell_mismatch(STACK_OF(X509) * chain, EVP_PKEY *key, size_t pair,
    const struct pem_blame *blame)
{
	const struct config_tls_directives *d = &blame->tls->d;
	int i = 1;

	while (i < sk_X509_num(chain) &&
	       X509_check_private_key(sk_X509_value(chain, i), key) != 1)
		i++;
	if (i < sk_X509_num(chain))
		pem_tell(blame, d->certificate.v[pair].path,
		    "has the certificate of the key in %s as number %d: it has"
		    " to be the first",
		    d->key.v[pair].path, i + 1);
	else
		pem_tell(blame, d->key.v[pair].path,
		    "is not the key of the certificate in %s",
		    d->certificate.v[pair].path);
}

static bool
add_pair(struct tls_server *s, size_t i, const struct pem_blame *blame)
{
	const struct config_tls_directives *d = &s->listener->tls.d;
	const struct config_file *file = &d->certificate.v[i];
	STACK_OF(X509) *chain = pem_certificates(file, blame);
	EVP_PKEY *key = pem_key(&d->key.v[i], blame);
	bool good = false;

	if (chain && key) {
		if (X509_check_private_key(sk_X509_value(chain, 0), key) == 1)
			good = use_pair(s, chain, key, file, blame);
		else
			tell_mismatch(chain, key, i, blame);
	}
	sk_X509_pop_free(chain, X509_free);
	EVP_PKEY_free(key);
	return good;
}

static size_t
secure_heap(const struct config *config)
{
	size_t size = SECURE_HEAP, wanted = SECURE_HEAP / 2;

	for (size_t i = 0; i < config->n_listeners; i++)
		if (config->listeners[i].tls.on)
			wanted += config->listeners[i].tls.d.key.n * SECURE_KEY;
	while (size < wanted)
		size *= 2;
	return size;
}

struct tls_server *
tls_server_new(const struct config *config, size_t number,
    struct config_messages *errors)
{
	const struct config_listener *listener = &config->listeners[number];
	const struct config_tls_directives *d = &listener->tls.d;
	struct tls_server *s = calloc(1, sizeof(*s));
	const struct pem_blame blame = { &listener->tls, errors };
	size_t n_errors = errors->n;
	bool good;

	if (CRYPTO_secure_malloc_initialized() == 0)
		CRYPTO_secure_malloc_init(secure_heap(config), 32);
	if (s) {
		s->listener = listener;
		s->session_ms = config->main.tls_ticket_rotation;
		s->contexts = calloc(d->certificate.n, sizeof(*s->contexts));
		s->leaves = calloc(d->certificate.n, sizeof(*s->leaves));
	}
	good = s && s->contexts && s->leaves;
	for (size_t i = 0; good && i < d->certificate.n; i++)
		good &= add_pair(s, i, &blame);
	if (good)
		return s;
	if (errors->n == n_errors)
		pem_tell(&blame, "tls:", "no memory");
	tls_server_free(&s);
	return NULL;
}

void
tls_server_free(struct tls_server **server)
{
	struct tls_server *s = *server;

	*server = NULL;
	if (!s)
		return;
	for (size_t i = 0; i < s->n_contexts; i++)
		SSL_CTX_free(s->contexts[i]);
	free(s->contexts);
	free(s->leaves);
	free(s);
}

SSL_CTX *
tls_server_context(const struct tls_server *server)
{
	return server->contexts[0];
}
