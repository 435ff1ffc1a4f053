/*
 * address.c - addresses read, refused, compared and written
 */
#include <config.h>

#include "sock/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/un.h>

#include "tap.h"

static void
test_good(void)
{
	static const char *const good[] = { "127.0.0.1:50051", "0.0.0.0:1",
		"[::1]:50051", "[::]:65535", "[2001:db8::7]:443", "*:50051",
		"[fe80::1%lo]:50051", "unix:/run/grpcd/grpcd.sock",
		"unix:a:b" };
	char out[ADDRESS_TEXT];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct address a;

		is_text(NULL, address_parse(good[i], &a), "%s", good[i]);
		is_text(good[i], address_format(&a, out), "written again");
		is_int(strncmp(good[i], "unix:", 5) == 0, address_is_unix(&a),
		    "told from a Unix socket");
		is_int(*good[i] == '*', a.dual, "told from the wildcard");
	}
}

static void
test_bad(void)
{
	static const struct {
		const char *text, *advice;
	} bad[] = {
		{ "localhost:50051",
		    "\"localhost:50051\" names a host; write a numeric address "
		    "such as 127.0.0.1:50051" },
		{ "::1:50051",
		    "\"::1:50051\" is IPv6 without brackets; write an address "
		    "such as [::1]:50051" },
		{ "::1",
		    "\"::1\" is IPv6 without brackets; write an address such "
		    "as [::1]:1" },
		{ "50051",
		    "\"50051\" has no address; write *:PORT for all addresses, "
		    "or 127.0.0.1:PORT" },
		{ ":50051", "\":50051\" has no address; write *:50051 for all "
			    "addresses, or 127.0.0.1:50051" },
		{ "127.0.0.1",
		    "\"127.0.0.1\" has no port; write 127.0.0.1:50051" },
		{ "[::1]", "\"[::1]\" has no port; write [::1]:50051" },
		{ "*:0",
		    "\"*:0\": port 0 is any free port, which no client would "
		    "know; write a number from 1 to 65535" },
		{ "*:65536",
		    "\"*:65536\" has the port \"65536\"; write a number from 1 "
		    "to 65535" },
		{ "127.0.0.256:1",
		    "\"127.0.0.256:1\" is no IPv4 address; write four numbers "
		    "such as 127.0.0.1:1" },
		{ "[::ffff:127.0.0.1]:1",
		    "\"[::ffff:127.0.0.1]:1\" is an IPv4 address; write it "
		    "without brackets, such as 127.0.0.1:1" },
		{ "[fe80::1%nowhere0]:1",
		    "\"[fe80::1%nowhere0]:1\": there is no network interface "
		    "\"nowhere0\"" },
		{ "unix:", "\"unix:\" has no path; write one such as "
			   "unix:/run/grpcd/grpcd.sock" },
	};
	static const char *const worse[] = { "", ":", "*", "*:", "*:-1", "*:+1",
		"*: 1", "*:1 ", "*:1x", "**:1", " *:1", "1.2.3:1", "[::1:1",
		"[::1]x:1", "[]:1", "[127.0.0.1]:1", "[::1]1", "unix",
		"ipv4:127.0.0.1:1x",
		"999999999999999999999999999999999999999"
		"99999999999999999999999999999999999999999999999999999999999999"
		"99999999999999999999999999999999999999999999999999999999:1" };
	struct address a = { .len = 77 };
	char path[200] = "unix:/";

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		is_text(bad[i].advice, address_parse(bad[i].text, &a),
		    "advice on %s", bad[i].text);
	for (size_t i = 0; i < sizeof(worse) / sizeof(*worse); i++)
		ok(address_parse(worse[i], &a) != NULL, "refused: \"%s\"",
		    worse[i]);
	memset(path + strlen(path), 'x', 107);
	ok(address_parse(path, &a) != NULL, "a path of 108 bytes");
	is_int(77, a.len, "what is refused changes nothing");
	path[5 + 107] = '\0';
	ok(address_parse(path, &a) == NULL, "a path of 107");
	is_int(112, strlen(address_format(&a, (char[ADDRESS_TEXT]){ "" })),
	    "is written whole");
}

static void
test_equal(void)
{
	static const char *const places[] = { "127.0.0.1:1", "127.0.0.1:2",
		"127.0.0.2:1", "[::1]:1", "[::]:1", "*:1", "[fe80::1%1]:1",
		"[fe80::1%2]:1", "unix:/a", "unix:/ab" };
	const size_t n = sizeof(places) / sizeof(*places);
	struct address a, b;

	for (size_t i = 0; i < n * n; i++) {
		address_parse(places[i / n], &a);
		address_parse(places[i % n], &b);
		is_int(i / n == i % n, address_equal(&a, &b), "%s and %s",
		    places[i / n], places[i % n]);
	}
}

static void
test_peer(void)
{
	char out[ADDRESS_TEXT];
	struct address a;
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(40000) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr *sa = (struct sockaddr *)&a.sa;

	address_parse("127.0.0.1:40000", &a);
	is_text("ipv4:127.0.0.1:40000", address_format_peer(sa, a.len, out),
	    "an IPv4 peer");
	address_parse("[::1]:40000", &a);
	is_text("ipv6:[::1]:40000", address_format_peer(sa, a.len, out),
	    "an IPv6 peer");
	inet_pton(AF_INET6, "::ffff:10.0.0.1", &in6.sin6_addr);
	is_text("ipv4:10.0.0.1:40000",
	    address_format_peer((struct sockaddr *)&in6, sizeof(in6), out),
	    "an IPv4 peer of a dual socket");
	is_text("unix:",
	    address_format_peer((struct sockaddr *)&un,
		offsetof(struct sockaddr_un, sun_path), out),
	    "a Unix peer without a name");
	address_parse("unix:/tmp/peer", &a);
	is_text("unix:/tmp/peer", address_format_peer(sa, a.len - 1, out),
	    "a Unix peer's name need not end in a zero byte");
	is_text("unknown", address_format_peer(sa, 0, out), "no address");
}

/* The network of an address, or -1. */
static int64_t
network(const char *text)
{
	struct address a;
	uint64_t got;

	address_parse(text, &a);
	if (!address_network((struct sockaddr *)&a.sa, a.len, &got))
		return -1;
	return (int64_t)got;
}

static void
test_network(void)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	uint64_t mapped = 0;

	is_int(network("10.0.0.1:1"), network("10.0.0.1:2"),
	    "a port makes no difference");
	ok(network("10.0.0.1:1") != network("10.0.0.2:1"), "an address does");
	is_int(network("[2001:db8::1]:1"), network("[2001:db8::2:3]:1"),
	    "IPv6: not its second half");
	ok(network("[2001:db8:0:1::1]:1") != network("[2001:db8:0:2::1]:1"),
	    "but its first");
	is_int(-1, network("unix:/tmp/peer"), "a Unix peer has none");
	inet_pton(AF_INET6, "::ffff:10.0.0.1", &in6.sin6_addr);
	ok(address_network((struct sockaddr *)&in6, sizeof(in6), &mapped),
	    "an IPv4 peer of a dual socket");
	is_int(network("10.0.0.1:1"), mapped, "is one of IPv4");
}

static void
test_of_path(void)
{
	struct address named, found;
	char longest[300] = "";

	address_parse("unix:/run/x.sock", &named);
	ok(address_of_path("/run/x.sock", &found) == NULL &&
		address_equal(&named, &found),
	    "a path is the address that its text is");
	memset(longest, 'x', sizeof(longest) - 1);
	ok(address_of_path(longest, &found) != NULL, "unless it is too long");
}

int
main(void)
{
	test_of_path();
	test_good();
	test_bad();
	test_equal();
	test_peer();
	test_network();
	return done();
}
