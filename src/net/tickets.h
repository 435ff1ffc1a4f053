/*
 * tickets.h - session tickets that every worker of the server can open
 */
#ifndef NET_TICKETS_H
#define NET_TICKETS_H

#include <openssl/ssl.h>

/* Has a context seal its tickets with keys of the keyring of its tls. */
void tickets_use(SSL_CTX *context);

#endif
