/*
 * tls.h - TLS as a transport, over OpenSSL
 *
 * OpenSSL sees no socket: raw bytes reach it and leave it through one BIO that
 * all connections of a worker share, since only one of them is at work at any
 * time.  Runs in workers.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "net/transport.h"

struct keyring;
struct ssl_ctx_st;
struct ssl_st;
struct tls;

/* The keys of tickets, which must stay; NULL without memory. */
struct tls *tls_new(const struct keyring *keyring);
void tls_free(struct tls **tls);

/*
 * Makes a server's side of a new connection; context is the caller's and stays
 * as long as it.
 * False without memory.
 */
bool tls_open(struct tls *tls, struct ssl_ctx_st *context,
    struct transport *ret_transport);

/* From a callback of OpenSSL's that is going to fail: why, for the log. */
void tls_refuse(struct ssl_st *ssl, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * What a client is told that gets no handshake: the alert internal_error, which
 * blames neither side's TLS (RFC 8446, 6.2).
 */
extern const struct span tls_unavailable;

/* From a callback of OpenSSL's: the keys of tickets. */
const struct keyring *tls_keyring(const struct ssl_st *ssl);

#endif
