/*
 * identity.h - who a client is, by its TLS connection
 *
 * Plain texts: net takes them from certificates, services and the directive
 * `allow` ask for them.  What certificates hold may be anything; what stands
 * here is printable ASCII, and only of certificates that have been verified.
 */
#ifndef BASE_IDENTITY_H
#define BASE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

/* Alternative names of a certificate (RFC 5280, 4.2.1.6). */
enum identity_kind {
	IDENTITY_URI,
	IDENTITY_DNS,
	IDENTITY_EMAIL,
	IDENTITY_IP,
	IDENTITY_KINDS
};

/* Their words: "uri", "dns", "email", "ip". */
extern const char *const identity_words[IDENTITY_KINDS];

/* Names kept of a certificate, and bytes of one: others are left out. */
#define IDENTITY_NAMES 256
#define IDENTITY_NAME_BYTES 2048

/* Room for identity_text. */
#define IDENTITY_TEXT 160

struct identity_name {
	enum identity_kind kind;
	const char *text;
};

enum identity_fact {
	IDENTITY_PROTOCOL,
	IDENTITY_CIPHER,
	IDENTITY_SERVER_NAME, /* that the client asked for */
	IDENTITY_SUBJECT,     /* of its certificate, RFC 4514 */
	IDENTITY_FINGERPRINT, /* SHA-256 of it, 64 digits; NULL: it has none */
	IDENTITY_FACTS
};

/* One block of memory, which goes with its last reference. */
struct identity {
	unsigned references;
	const char *facts[IDENTITY_FACTS]; /* each may be NULL */
	size_t n_names;
	struct identity_name names[];
};

/* A name as a certificate has it: of an IP 4 or 16 bytes. */
struct identity_raw {
	enum identity_kind kind;
	const unsigned char *bytes;
	size_t len;
};

/*
 * With one reference, or NULL without memory.  All is copied; names that are
 * no plain text are left out, facts are the caller's to vouch for.
 */
struct identity *identity_new(const char *const facts[IDENTITY_FACTS],
    const struct identity_raw *names, size_t n_names);

/* Are bytes from outside a text that may stand here? */
bool identity_is_plain(const unsigned char *bytes, size_t len);

/* One reference more; NULL stays NULL. */
struct identity *identity_ref(struct identity *identity);

/* One less; clears the pointer. */
void identity_unref(struct identity **identity);

/* Name i of a kind, in the certificate's order; NULL if there are no more. */
const char *identity_find(const struct identity *identity,
    enum identity_kind kind, size_t i);

/*
 * The client in a few words, for the log, cut if it is long: its first URI,
 * DNS name, address of mail or IP as `allow` has them, else its subject.
 * Returns out; "" for NULL and for one without certificate.
 */
const char *identity_text(const struct identity *identity,
    char out[IDENTITY_TEXT]);

#endif
