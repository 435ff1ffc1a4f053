/*
 * pem.c - certificates, keys and lists of revocations out of PEM texts
 *
 * Runs in checker and workers, where a file is bytes that the master has read.
 */
#include <config.h>

#include "net/pem.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"

void
pem_tell(const struct pem_blame *blame, const char *path, const char *fmt, ...)
{
	char what[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	config_message(blame->errors, blame->tls->file, blame->tls->line,
	    "%s %s", path, what);
}

/* NULL without memory; a file has at most 16m. */
static BIO *
open_bytes(const struct config_file *file)
{
	return BIO_new_mem_buf(file->bytes, (int)file->len);
}

/* Did reading end where no more begins?  Else something is broken. */
static bool
ended_well(void)
{
	unsigned long error = ERR_peek_last_error();

	return ERR_GET_LIB(error) == ERR_LIB_PEM &&
	       ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static const char *
last_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason ? reason : "no memory";
}

STACK_OF(X509) * pem_certificates(const struct config_file *file,
		     const struct pem_blame *blame)
{
	BIO *bio = open_bytes(file);
	STACK_OF(X509) *all = sk_X509_new_null();
	X509 *one;

	ERR_clear_error();
	while (bio && all &&
	       (one = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		sk_X509_push(all, one);
	BIO_free(bio);
	if (all && sk_X509_num(all) > 0 && ended_well())
		return all;
	if (ended_well())
		pem_tell(blame, file->path,
		    "has no certificate: a PEM file is wanted, with"
		    " \"-----BEGIN CERTIFICATE-----\"");
	else
		pem_tell(blame, file->path, "has a broken certificate: %s",
		    last_reason());
	sk_X509_pop_free(all, X509_free);
	return NULL;
}

/* OpenSSL would ask the terminal for the password. */
static int
on_password(char *to, int size, int writing, void *arg)
{
	bool *asked = arg;

	(void)to, (void)size, (void)writing;
	*asked = true;
	return -1;
}

EVP_PKEY *
pem_key(const struct config_file *file, const struct pem_blame *blame)
{
	BIO *bio = open_bytes(file);
	bool asked = false;
	EVP_PKEY *key = NULL;

	ERR_clear_error();
	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, on_password, &asked);
	BIO_free(bio);
	if (asked)
		pem_tell(blame, file->path,
		    "is encrypted, and nobody is there to be asked for the"
		    " password: decrypt it with \"openssl pkey -in FILE -out"
		    " NEW\"");
	else if (!key && !strstr(file->bytes, "PRIVATE KEY-----"))
		pem_tell(blame, file->path,
		    "has no private key: a PEM file is wanted, with"
		    " \"-----BEGIN PRIVATE KEY-----\"");
	else if (!key)
		pem_tell(blame, file->path, "has a broken private key: %s",
		    last_reason());
	return key;
}

STACK_OF(X509_CRL) *
    pem_crls(const struct config_file *file, const struct pem_blame *blame)
{
	BIO *bio = open_bytes(file);
	STACK_OF(X509_CRL) *all = sk_X509_CRL_new_null();
	X509_CRL *one;

	ERR_clear_error();
	while (bio && all &&
	       (one = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL)
		sk_X509_CRL_push(all, one);
	BIO_free(bio);
	if (all && sk_X509_CRL_num(all) > 0 && ended_well())
		return all;
	if (ended_well())
		pem_tell(blame, file->path,
		    "has no list of revocations: a PEM file is wanted, with"
		    " \"-----BEGIN X509 CRL-----\"");
	else
		pem_tell(blame, file->path,
		    "has a broken list of revocations: %s", last_reason());
	sk_X509_CRL_pop_free(all, X509_CRL_free);
	return NULL;
}
