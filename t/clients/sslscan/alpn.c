/*
 * alpn.c - has sslscan offer h2 by ALPN, of which it knows nothing
 *
 * Loaded by LD_PRELOAD.  Its handshakes with OpenSSL are told to offer it;
 * into the hellos that it makes by hand the extension is put on the way out,
 * which no transcript notices since it reads no more than their answer.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define HELLO_MAX 16384

static const uint8_t protocols[] = { 2, 'h', '2' };
static const uint8_t extension[] = { 0, 16, 0, 5, 0, 3, 2, 'h', '2' };

SSL *
SSL_new(SSL_CTX *context)
{
	SSL *(*real)(SSL_CTX *);
	SSL *ssl;

	*(void **)&real = dlsym(RTLD_NEXT, "SSL_new");
	ssl = real(context);
	if (ssl)
		SSL_set_alpn_protos(ssl, protocols, sizeof(protocols));
	return ssl;
}

static unsigned
number(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static void
add(uint8_t *at)
{
	unsigned n = number(at) + (unsigned)sizeof(extension);

	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

/*
 * Where the length of the extensions stands in a record that is one hello (RFC
 * 8446, 4.1.2); 0 if it is none, or has no extensions.
 */
static size_t
find_extensions(const uint8_t *hello, size_t len)
{
	size_t at = 5 + 4 + 2 + 32;

	if (len <= at || len > HELLO_MAX || hello[0] != 22 || hello[5] != 1 ||
	    number(hello + 3) + 5 != len)
		return 0;
	at += 1 + (size_t)hello[at];
	if (at + 2 > len)
		return 0;
	at += 2 + number(hello + at);
	if (at >= len)
		return 0;
	at += 1 + (size_t)hello[at];
	return at + 2 <= len && at + 2 + number(hello + at) == len ? at : 0;
}

ssize_t
send(int fd, const void *bytes, size_t len, int flags)
{
	ssize_t (*real)(int, const void *, size_t, int);
	uint8_t hello[HELLO_MAX + sizeof(extension)];
	size_t at = find_extensions(bytes, len);

	*(void **)&real = dlsym(RTLD_NEXT, "send");
	if (at == 0)
		return real(fd, bytes, len, flags);
	memcpy(hello, bytes, len);
	memcpy(hello + len, extension, sizeof(extension));
	add(hello + at);
	add(hello + 7);
	add(hello + 3);
	return real(fd, hello, len + sizeof(extension), flags) == -1
		   ? -1
		   : (ssize_t)len;
}
