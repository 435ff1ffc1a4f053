/*
 * keyring.c - random keys that processes share, the newest and the one before
 *
 * Written by the master alone.
 */
#include <config.h>

#include "base/keyring.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

/* Of which two are good: who reads an old `newest` still finds whole keys. */
#define KEYS 4

struct keyring {
	uint32_t newest; /* its place; counts on for ever */
	struct keyring_key keys[KEYS];
};

static bool
fill(struct keyring_key *key)
{
	/* 80 bytes: never cut short by a signal (getrandom(2)). */
	return getrandom(key, sizeof(*key), 0) == (ssize_t)sizeof(*key);
}

struct keyring *
keyring_new(void)
{
	struct keyring *k = mmap(NULL, sizeof(*k), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (k == MAP_FAILED)
		return NULL;
	/* RLIMIT_MEMLOCK may forbid the lock: then the swap may have it. */
	(void)mlock(k, sizeof(*k));
	(void)madvise(k, sizeof(*k), MADV_DONTDUMP);
	/* The place before the first has a key that nobody was given. */
	if (!fill(&k->keys[0]) || !fill(&k->keys[KEYS - 1]))
		keyring_free(&k);
	return k;
}

void
keyring_free(struct keyring **keyring)
{
	struct keyring *k = *keyring;

	*keyring = NULL;
	if (k == NULL)
		return;
	explicit_bzero(k, sizeof(*k));
	munmap(k, sizeof(*k));
}

bool
keyring_turn(struct keyring *keyring)
{
	uint32_t next = keyring->newest + 1;

	if (!fill(&keyring->keys[next % KEYS]))
		return false;
	__atomic_store_n(&keyring->newest, next, __ATOMIC_RELEASE);
	return true;
}

void
keyring_protect(const struct keyring *keyring)
{
	(void)mprotect((void *)(uintptr_t)keyring, sizeof(*keyring), PROT_READ);
}

static const struct keyring_key *
key_at(const struct keyring *keyring, uint32_t age)
{
	uint32_t newest = __atomic_load_n(&keyring->newest, __ATOMIC_ACQUIRE);

	return &keyring->keys[(newest - age) % KEYS];
}

const struct keyring_key *
keyring_newest(const struct keyring *keyring)
{
	return key_at(keyring, 0);
}

const struct keyring_key *
keyring_find(const struct keyring *keyring, const uint8_t name[KEYRING_NAME])
{
	for (uint32_t age = 0; age < 2; age++) {
		const struct keyring_key *key = key_at(keyring, age);

		if (memcmp(key->name, name, KEYRING_NAME) == 0)
			return key;
	}
	return NULL;
}
