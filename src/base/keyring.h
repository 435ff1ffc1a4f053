/*
 * keyring.h - random keys that processes share, the newest and the one before
 *
 * One mapping, made by the master and inherited by fork; in no core dump, in no
 * swap where the system lets us, never on disk.  The master turns it, any child
 * reads: no lock, since a key stays in place for two turns after it is old.
 */
#ifndef BASE_KEYRING_H
#define BASE_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#define KEYRING_NAME 16
#define KEYRING_SECRET 32

struct keyring_key {
	uint8_t name[KEYRING_NAME];
	uint8_t cipher[KEYRING_SECRET];
	uint8_t mac[KEYRING_SECRET];
};

struct keyring;

/* With its first key; NULL with errno. */
struct keyring *keyring_new(void);

/* Wipes the keys, for all processes. */
void keyring_free(struct keyring **keyring);

/* Makes another key the newest; false with errno: all stays. */
bool keyring_turn(struct keyring *keyring);

/* From now on this process can read it alone. */
void keyring_protect(const struct keyring *keyring);

/* The newest key. */
const struct keyring_key *keyring_newest(const struct keyring *keyring);

/* The newest key or the one before, by its name; NULL if it is neither. */
const struct keyring_key *keyring_find(const struct keyring *keyring,
    const uint8_t name[KEYRING_NAME]);

#endif
