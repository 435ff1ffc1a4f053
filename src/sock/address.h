/*
 * address.h - where a listener listens and a peer calls from
 */
#ifndef SOCK_ADDRESS_H
#define SOCK_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Room for "ipv6:[....%scope]:65535" and for "unix:" with the longest path. */
#define ADDRESS_TEXT 128

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
	bool dual; /* "*": IPv6 that takes IPv4 as well */
};

/*
 * Parses "127.0.0.1:50051", "[::1]:50051", "*:50051" or "unix:PATH".  NULL if
 * done; else what is wrong and what would be right, a text that needs no free
 * and holds until the next call.  Names, port 0 and paths too long are refused.
 */
const char *address_parse(const char *text, struct address *ret);

/* The Unix socket at a path; what it returns is as of address_parse. */
const char *address_of_path(const char *path, struct address *ret);

/* Two addresses are the same place; the key of a slot's sockets. */
bool address_equal(const struct address *a, const struct address *b);

bool address_is_unix(const struct address *a);

/* As one writes it in the config; returns out. */
const char *address_format(const struct address *a, char out[ADDRESS_TEXT]);

/*
 * What of a peer's address is the same for all that it may call from: all of an
 * IPv4 address (on a dual socket too), the first half of an IPv6 one, which is
 * what a customer is given.  False: it has none, as on a Unix socket.
 */
bool address_network(const struct sockaddr *sa, socklen_t len, uint64_t *ret);

/*
 * A peer as gRPC's naming writes it: "ipv4:127.0.0.1:40000",
 * "ipv6:[::1]:40000" (an IPv4 peer on a dual socket is ipv4), "unix:".
 */
const char *address_format_peer(const struct sockaddr *sa, socklen_t len,
    char out[ADDRESS_TEXT]);

#endif
