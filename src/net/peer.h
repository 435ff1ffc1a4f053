/*
 * peer.h - what a TLS connection tells of the client
 */
#ifndef NET_PEER_H
#define NET_PEER_H

#include "base/identity.h"

struct ssl_st;
struct x509_st;

/*
 * After the handshake, with one reference; NULL without memory.  Subject,
 * fingerprint and names are there only if the client's certificate is good, in
 * this handshake or in the one whose session goes on.
 */
struct identity *peer_identity(const struct ssl_st *ssl);

/*
 * Who a certificate that has not been verified claims to be: for the log, and
 * for nothing else.  Returns out.
 */
const char *peer_claim(const struct x509_st *x, char out[IDENTITY_TEXT]);

#endif
