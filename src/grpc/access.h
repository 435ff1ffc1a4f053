/*
 * access.h - who the client of a connection is, and what it may call
 *
 * Both are found out when somebody asks, once a connection.
 */
#ifndef GRPC_ACCESS_H
#define GRPC_ACCESS_H

#include "grpc/request.h"

struct access;
struct allow;
struct call;
struct grpc_peer;
struct identity;

/*
 * The connection's, as long as that; NULL: it is not TLS, or there is no
 * memory.
 */
struct identity *access_identity(struct grpc_peer *peer);

/*
 * May this call, whose headers are good, go to its method from this listener
 * and this client?  REFUSALS: it may; else what is against it, which is logged
 * once a connection.
 */
enum refusal access_ask(const struct call *c);

void access_free(struct access **access);

#endif
