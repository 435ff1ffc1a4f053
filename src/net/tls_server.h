/*
 * tls_server.h - what the tls section of a listener comes to
 *
 * Contexts of OpenSSL, by the names of the certificates.  Made by the checker,
 * which wants to know what is wrong, and by each worker.
 */
#ifndef NET_TLS_SERVER_H
#define NET_TLS_SERVER_H

#include <stddef.h>

struct config;
struct config_messages;
struct ssl_ctx_st;
struct tls_server;

/*
 * Of a listener, by its number.  The config must stay, but not the bytes of its
 * files.  NULL if anything is wrong with them: all that is found is in errors.
 */
struct tls_server *tls_server_new(const struct config *config, size_t listener,
    struct config_messages *errors);
void tls_server_free(struct tls_server **server);

/* For tls_open: the context in which a handshake begins. */
struct ssl_ctx_st *tls_server_context(const struct tls_server *server);

#endif
