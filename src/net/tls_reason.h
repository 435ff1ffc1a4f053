/*
 * tls_reason.h - why a connection of TLS has failed, or a certificate is not
 * taken
 */
#ifndef NET_TLS_REASON_H
#define NET_TLS_REASON_H

/*
 * Of the error that OpenSSL gave, 0 for none; the cure too where there is one.
 * The text stays.
 */
const char *tls_reason(unsigned long error);

#endif
