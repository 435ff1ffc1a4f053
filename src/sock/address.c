/*
 * address.c - where a listener listens and a peer calls from
 *
 * Runs in every process; parsing is for the master, before any thread.  It
 * must never ask a name server: an address is numeric.
 */
#include <config.h>

#include "sock/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stddef.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/text.h"

#define UNIX_PREFIX "unix:"
#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)

/* Writes an advice; returns it. */
__attribute__((format(printf, 1, 2))) static const char *
advise(const char *fmt, ...)
{
	static char advice[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(advice, sizeof(advice), fmt, args);
	va_end(args);
	return advice;
}

static const struct sockaddr_in *
as_in(const struct sockaddr_storage *sa)
{
	return (const struct sockaddr_in *)sa;
}

static const struct sockaddr_in6 *
as_in6(const struct sockaddr_storage *sa)
{
	return (const struct sockaddr_in6 *)sa;
}

static const struct sockaddr_un *
as_un(const struct sockaddr_storage *sa)
{
	return (const struct sockaddr_un *)sa;
}

static const char *
parse_unix(const char *text, struct address *ret)
{
	const char *path = text + strlen(UNIX_PREFIX);
	struct sockaddr_un *un = (struct sockaddr_un *)&ret->sa;

	if (*path == '\0')
		return advise("\"%s\" has no path; write one such as "
			      "unix:/run/grpcd/grpcd.sock",
		    text);
	if (strlen(path) >= sizeof(un->sun_path))
		return advise("the path of \"%.40s...\" has %zu bytes; a Unix "
			      "socket's has %zu at most",
		    text, strlen(path), sizeof(un->sun_path) - 1);
	un->sun_family = AF_UNIX;
	strcpy(un->sun_path, path);
	ret->len = (socklen_t)(PATH_OFFSET + strlen(path) + 1);
	return NULL;
}

static const char *
parse_ipv4(const char *text, const char *host, in_port_t port,
    struct address *ret)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&ret->sa;

	if (inet_pton(AF_INET, host, &in->sin_addr) != 1) {
		if (strchr(host, ':') != NULL)
			return advise("\"%s\" is IPv6 without brackets; write "
				      "an address such as [::1]:%u",
			    text, ntohs(port));
		if (host[strspn(host, "0123456789.")] == '\0')
			return advise("\"%s\" is no IPv4 address; write four "
				      "numbers such as 127.0.0.1:%u",
			    text, ntohs(port));
		return advise("\"%s\" names a host; write a numeric address "
			      "such as 127.0.0.1:%u",
		    text, ntohs(port));
	}
	in->sin_family = AF_INET;
	in->sin_port = port;
	ret->len = sizeof(*in);
	return NULL;
}

/* "eth0" or "2" as an interface's number; 0 if it is none. */
static unsigned
parse_scope(const char *scope)
{
	unsigned index = if_nametoindex(scope);
	int64_t number;

	if (index == 0 && text_parse_int(scope, &number) && number > 0 &&
	    number <= INT32_MAX)
		index = (unsigned)number;
	return index;
}

/* host is without the brackets, and changed. */
static const char *
parse_ipv6(const char *text, char *host, in_port_t port, struct address *ret)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ret->sa;
	char *scope = strchr(host, '%');

	if (scope != NULL) {
		*scope++ = '\0';
		in6->sin6_scope_id = parse_scope(scope);
		if (in6->sin6_scope_id == 0)
			return advise("\"%s\": there is no network interface "
				      "\"%s\"",
			    text, scope);
	}
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
		return advise("\"%s\" has no IPv6 address in its brackets; "
			      "write one such as [::1]:%u",
		    text, ntohs(port));
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return advise("\"%s\" is an IPv4 address; write it without "
			      "brackets, such as 127.0.0.1:%u",
		    text, ntohs(port));
	in6->sin6_family = AF_INET6;
	in6->sin6_port = port;
	ret->len = sizeof(*in6);
	return NULL;
}

static void
any_address(in_port_t port, struct address *ret)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ret->sa;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = port;
	ret->len = sizeof(*in6);
	ret->dual = true;
}

/* The port behind the last colon; NULL, or what is wrong with it. */
static const char *
parse_port(const char *text, const char *colon, in_port_t *ret)
{
	int64_t port;

	if (colon == NULL && text[strspn(text, "0123456789")] == '\0')
		return advise("\"%s\" has no address; write *:PORT for all "
			      "addresses, or 127.0.0.1:PORT",
		    text);
	if (colon == NULL || strchr(colon, ']') != NULL)
		return advise("\"%s\" has no port; write %s:50051", text,
		    *text == '\0' ? "*" : text);
	if (colon[1] < '0' || colon[1] > '9' ||
	    !text_parse_int(colon + 1, &port) || port > 65535)
		return advise("\"%s\" has the port \"%s\"; write a number from "
			      "1 to 65535",
		    text, colon + 1);
	if (port == 0)
		return advise(
		    "\"%s\": port 0 is any free port, which no client "
		    "would know; write a number from 1 to 65535",
		    text);
	*ret = htons((uint16_t)port);
	return NULL;
}

static const char *
parse_inet(const char *text, struct address *ret)
{
	const char *colon = strrchr(text, ':'), *wrong;
	char host[ADDRESS_TEXT];
	in_port_t port = 0;
	size_t len;

	wrong = parse_port(text, colon, &port);
	if (wrong != NULL)
		return wrong;
	len = (size_t)(colon - text);
	if (len == 0)
		return advise("\"%s\" has no address; write *%s for all "
			      "addresses, or 127.0.0.1%s",
		    text, text, text);
	if (len >= sizeof(host))
		return advise("\"%.40s...\" is too long for an address", text);
	memcpy(host, text, len);
	host[len] = '\0';
	if (strcmp(host, "*") == 0) {
		any_address(port, ret);
		return NULL;
	}
	if (host[0] != '[')
		return parse_ipv4(text, host, port, ret);
	if (host[len - 1] != ']')
		return advise("\"%s\" has no \"]:\" behind the address; write "
			      "one such as [::1]:%u",
		    text, ntohs(port));
	host[len - 1] = '\0';
	return parse_ipv6(text, host + 1, port, ret);
}

const char *
address_parse(const char *text, struct address *ret)
{
	struct address address = { .dual = false };
	const char *wrong;

	if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
		wrong = parse_unix(text, &address);
	else
		wrong = parse_inet(text, &address);
	if (wrong == NULL)
		*ret = address;
	return wrong;
}

/* Equality is of bytes: address_parse leaves all that is unused zero. */
bool
address_equal(const struct address *a, const struct address *b)
{
	return a->len == b->len && a->dual == b->dual &&
	       memcmp(&a->sa, &b->sa, a->len) == 0;
}

const char *
address_of_path(const char *path, struct address *ret)
{
	char text[sizeof(UNIX_PREFIX) + PATH_MAX];

	snprintf(text, sizeof(text), UNIX_PREFIX "%s", path);
	return address_parse(text, ret);
}

bool
address_is_unix(const struct address *a)
{
	return a->sa.ss_family == AF_UNIX;
}

static const char *
format_ipv4(const char *prefix, const struct in_addr *ip, in_port_t port,
    char out[ADDRESS_TEXT])
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, ip, text, sizeof(text));
	snprintf(out, ADDRESS_TEXT, "%s%s:%u", prefix, text, ntohs(port));
	return out;
}

static const char *
format_ipv6(const char *prefix, const struct sockaddr_in6 *in6,
    char out[ADDRESS_TEXT])
{
	char text[INET6_ADDRSTRLEN], scope[IF_NAMESIZE + 1] = "";

	inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
	if (in6->sin6_scope_id != 0) {
		scope[0] = '%';
		if (if_indextoname(in6->sin6_scope_id, scope + 1) == NULL)
			snprintf(scope + 1, IF_NAMESIZE, "%u",
			    in6->sin6_scope_id);
	}
	snprintf(out, ADDRESS_TEXT, "%s[%s%s]:%u", prefix, text, scope,
	    ntohs(in6->sin6_port));
	return out;
}

const char *
address_format(const struct address *a, char out[ADDRESS_TEXT])
{
	switch (a->sa.ss_family) {
	case AF_UNIX:
		snprintf(out, ADDRESS_TEXT, "%s%s", UNIX_PREFIX,
		    as_un(&a->sa)->sun_path);
		return out;
	case AF_INET:
		return format_ipv4("", &as_in(&a->sa)->sin_addr,
		    as_in(&a->sa)->sin_port, out);
	default:
		if (!a->dual)
			return format_ipv6("", as_in6(&a->sa), out);
		snprintf(out, ADDRESS_TEXT, "*:%u",
		    ntohs(as_in6(&a->sa)->sin6_port));
		return out;
	}
}

/* A Unix peer's path, where it has one; unix(7) promises no zero byte. */
static const char *
format_unix_peer(const struct sockaddr_un *un, socklen_t len,
    char out[ADDRESS_TEXT])
{
	int path_len = (int)len - (int)PATH_OFFSET;

	if (path_len < 0 || un->sun_path[0] == '\0')
		path_len = 0;
	snprintf(out, ADDRESS_TEXT, "%s%.*s", UNIX_PREFIX, path_len,
	    un->sun_path);
	return out;
}

/* No network of IPv6's in use begins with these 32 bits. */
#define NETWORK_IPV4 (UINT64_C(1) << 32)

bool
address_network(const struct sockaddr *sa, socklen_t len, uint64_t *ret)
{
	struct sockaddr_storage whole = { .ss_family = AF_UNSPEC };
	const struct in6_addr *ip6 = &as_in6(&whole)->sin6_addr;
	const uint8_t *bytes = ip6->s6_addr;
	uint64_t network = 0;
	size_t n = 8;

	memcpy(&whole, sa, len < sizeof(whole) ? len : sizeof(whole));
	if (whole.ss_family == AF_INET) {
		bytes = (const uint8_t *)&as_in(&whole)->sin_addr;
		n = 4;
	} else if (whole.ss_family != AF_INET6) {
		return false;
	} else if (IN6_IS_ADDR_V4MAPPED(ip6)) {
		bytes += 12;
		n = 4;
	}
	for (size_t i = 0; i < n; i++)
		network = network << 8 | bytes[i];
	*ret = n == 4 ? NETWORK_IPV4 | network : network;
	return true;
}

const char *
address_format_peer(const struct sockaddr *sa, socklen_t len,
    char out[ADDRESS_TEXT])
{
	struct sockaddr_storage whole = { .ss_family = AF_UNSPEC };
	const struct sockaddr_in6 *in6 = as_in6(&whole);
	struct in_addr mapped;

	memcpy(&whole, sa, len < sizeof(whole) ? len : sizeof(whole));
	switch (whole.ss_family) {
	case AF_UNIX:
		return format_unix_peer(as_un(&whole), len, out);
	case AF_INET:
		return format_ipv4("ipv4:", &as_in(&whole)->sin_addr,
		    as_in(&whole)->sin_port, out);
	case AF_INET6:
		if (!IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
			return format_ipv6("ipv6:", in6, out);
		memcpy(&mapped, &in6->sin6_addr.s6_addr[12], sizeof(mapped));
		return format_ipv4("ipv4:", &mapped, in6->sin6_port, out);
	default:
		return strcpy(out, "unknown");
	}
}
