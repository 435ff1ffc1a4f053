/*
 * peer.h - what a TLS connection tells of the client
 */
#ifndef NET_PEER_H
#define NET_PEER_H

struct identity;
struct ssl_st;

/*
 * After the handshake, with one reference; NULL without memory.  Subject,
 * fingerprint and names are there only if the client's certificate is good, in
 * this handshake or in the one whose session goes on.
 */
struct identity *peer_identity(const struct ssl_st *ssl);

#endif
