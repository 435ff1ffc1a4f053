/*
 * tickets.c - session tickets that every worker of the server can open
 *
 * Runs in workers.  A ticket is what RFC 5077, 4, recommends: the key's name,
 * AES-256-CBC, HMAC-SHA-256; OpenSSL does it with the keys that it is given
 * here.  A ticket of the key before the newest still opens, and is renewed.  In
 * TLS 1.3 each is: a client should use a ticket only once (RFC 8446, C.4).
 */
#include <config.h>

#include "net/tickets.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <string.h>

#include "base/keyring.h"
#include "net/tls.h"

static int
set_mac(EVP_MAC_CTX *mac, const struct keyring_key *key)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_octet_string(OSSL_MAC_PARAM_KEY,
		    (void *)(uintptr_t)key->mac, KEYRING_SECRET),
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		    sizeof(digest) - 1),
		OSSL_PARAM_END,
	};

	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int
seal(const struct keyring *keyring, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	const struct keyring_key *key = keyring_newest(keyring);

	if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1 ||
	    EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher, iv,
		NULL) != 1 ||
	    !set_mac(mac, key))
		return -1;
	memcpy(name, key->name, KEYRING_NAME);
	return 1;
}

/* 0: a full handshake; 1, 2: the session goes on, 2 with a new ticket. */
static int
open_sealed(SSL *ssl, const unsigned char *name, const unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	const struct keyring *keyring = tls_keyring(ssl);
	const struct keyring_key *key = keyring_find(keyring, name);

	if (!key)
		return 0;
	if (EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher, iv,
		NULL) != 1 ||
	    !set_mac(mac, key))
		return -1;
	return SSL_version(ssl) == TLS1_2_VERSION &&
		       key == keyring_newest(keyring)
		   ? 1
		   : 2;
}

/* As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) has it. */
static int
on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int sealing)
{
	return sealing ? seal(tls_keyring(ssl), name, iv, cipher, mac)
		       : open_sealed(ssl, name, iv, cipher, mac);
}

/*
 * What a client once proved by a certificate ends with that certificate, which
 * nobody looks at again when a session is resumed.
 */
static SSL_TICKET_RETURN
on_session(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
    size_t name_len, SSL_TICKET_STATUS status, void *arg)
{
	X509 *peer = session ? SSL_SESSION_get0_peer(session) : NULL;

	(void)ssl, (void)name, (void)name_len, (void)arg;
	if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	if (peer && X509_cmp_current_time(X509_get0_notAfter(peer)) <= 0)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE
					    : SSL_TICKET_RETURN_USE_RENEW;
}

void
tickets_use(SSL_CTX *context)
{
	SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
	SSL_CTX_set_session_ticket_cb(context, NULL, on_session, NULL);
}
