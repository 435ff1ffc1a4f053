/*
 * tls_check.h - what can be said of a tls section that OpenSSL takes
 */
#ifndef NET_TLS_CHECK_H
#define NET_TLS_CHECK_H

#include <stddef.h>

struct net_expiries;
struct pem_blame;

/*
 * Logs, as warnings, what clients may not take, and tells of each file when the
 * first thing in it ends.  To be called when tls_server_new was content.
 */
void tls_check(const struct pem_blame *blame, size_t listener,
    const struct net_expiries *to);

#endif
