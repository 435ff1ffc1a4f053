/*
 * tls_reason.h - why a connection of TLS has failed, for the log
 */
#ifndef NET_TLS_REASON_H
#define NET_TLS_REASON_H

struct ssl_st;

/*
 * Of the error that OpenSSL gave, 0 for none; the cure too where there is one.
 * ssl may be NULL.  The text stays.
 */
const char *tls_reason(const struct ssl_st *ssl, unsigned long error);

#endif
