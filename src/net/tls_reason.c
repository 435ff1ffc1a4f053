/*
 * tls_reason.c - why a connection of TLS has failed, or a certificate is not
 * taken
 *
 * Runs in workers and in the checker.  OpenSSL's own words, but where they do
 * not tell an operator what to do.
 */
#include <config.h>

#include "net/tls_reason.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <stddef.h>

static const struct {
	int reason;
	const char *text;
} known[] = {
	{ SSL_R_TLSV1_ALERT_UNKNOWN_CA,
	    "its client does not know the CA of our certificate (unknown_ca):"
	    " have it trust that CA, and give certificate the whole chain" },
	{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
	    "its client refuses our certificate (bad_certificate): is the name"
	    " that it calls in there?" },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
	    "its client refuses our certificate (certificate_unknown)" },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
	    "its client refuses our certificate: it has expired"
	    " (certificate_expired)" },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
	    "its client refuses our certificate: it is revoked"
	    " (certificate_revoked)" },
	{ SSL_R_WRONG_VERSION_NUMBER,
	    "what its client sent is no TLS (wrong version number)" },
	{ SSL_R_UNSUPPORTED_PROTOCOL,
	    "its client speaks no version of TLS that is allowed here"
	    " (protocols)" },
	{ SSL_R_NO_SHARED_CIPHER,
	    "its client has no cipher that is allowed here (ciphers,"
	    " ciphersuites), or none for our kind of key" },
	{ SSL_R_NO_SUITABLE_KEY_SHARE,
	    "its client has no curve that is allowed here (curves)" },
	{ SSL_R_NO_RENEGOTIATION,
	    "its client wants to renegotiate, which nobody may here" },
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE,
	    "peer did not return a certificate (verify = require)" },
	{ SSL_R_NOT_REPLACING_CERTIFICATE,
	    "a certificate of the same names and kind of key stands before"
	    " it" },
	{ SSL_R_EE_KEY_TOO_SMALL,
	    "its key is too short: RSA needs 2048 bits, EC 224" },
	{ SSL_R_CA_KEY_TOO_SMALL,
	    "the key of a CA in it is too short: RSA needs 2048 bits, EC"
	    " 224" },
	{ SSL_R_CA_MD_TOO_WEAK,
	    "it is signed with too weak a digest: SHA-256 is good" },
};

const char *
tls_reason(unsigned long error)
{
	const char *text = ERR_reason_error_string(error);

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
		    ERR_GET_REASON(error) == known[i].reason)
			return known[i].text;
	return text ? text : "no memory";
}
