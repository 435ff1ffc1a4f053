/*
 * pem.h - certificates, keys and lists of revocations out of PEM texts
 *
 * From memory, never from files.  Runs in checker and workers.  Each NULL if
 * there is nothing good in the file, which is told then.
 */
#ifndef NET_PEM_H
#define NET_PEM_H

#include <openssl/ssl.h>
#include <stdbool.h>

struct config_file;
struct config_messages;
struct config_tls;

/* Where it is said what is wrong. */
struct pem_blame {
	const struct config_tls *tls; /* the section that names the files */
	struct config_messages *errors;
};

/* Adds what is wrong with a file. */
void pem_tell(const struct pem_blame *blame, const char *path, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* All certificates of a file, at least one; freed with sk_X509_pop_free. */
STACK_OF(X509) * pem_certificates(const struct config_file *file,
		     const struct pem_blame *blame);

/* The first private key. */
EVP_PKEY *pem_key(const struct config_file *file,
    const struct pem_blame *blame);

/* All CRLs of a file, at least one; freed with sk_X509_CRL_pop_free. */
STACK_OF(X509_CRL) *
    pem_crls(const struct config_file *file, const struct pem_blame *blame);

#endif
