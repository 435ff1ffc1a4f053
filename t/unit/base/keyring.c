/*
 * keyring.c - keys turn, and another process sees them
 */
#include <config.h>

#include "base/keyring.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static void
test_turns(void)
{
	struct keyring *k = keyring_new();
	struct keyring_key first = *keyring_newest(k), second;

	ok(keyring_find(k, first.name) == keyring_newest(k),
	    "the newest is found by its name");
	ok(keyring_find(k, (const uint8_t[KEYRING_NAME]){ 0 }) == NULL,
	    "a name of zeros is none");
	ok(keyring_turn(k), "it turns");
	second = *keyring_newest(k);
	ok(memcmp(&first, &second, sizeof(first)) != 0, "to another key");
	ok(keyring_find(k, first.name) != NULL, "the one before is good");
	ok(memcmp(keyring_find(k, first.name), &first, sizeof(first)) == 0,
	    "and as it was");
	keyring_turn(k);
	ok(keyring_find(k, first.name) == NULL, "the one before that is not");
	for (int i = 0; i < 10; i++)
		keyring_turn(k);
	ok(keyring_find(k, second.name) == NULL, "nor is any older");
	keyring_free(&k);
	ok(k == NULL, "free clears the pointer");
}

/* 0 if a child that may only read sees what the parent turns to. */
static int
watch(const struct keyring *k, int ready, int turned)
{
	struct keyring_key before = *keyring_newest(k);
	char byte;

	keyring_protect(k);
	if (write(ready, "", 1) != 1 || read(turned, &byte, 1) != 1)
		return 1;
	return memcmp(&before, keyring_newest(k), sizeof(before)) == 0 ||
	       keyring_find(k, before.name) == NULL;
}

static void
test_shared(void)
{
	struct keyring *k = keyring_new();
	int ready[2], turned[2], status = -1;
	char byte;
	pid_t child;

	if (pipe(ready) == -1 || pipe(turned) == -1 || (child = fork()) == -1)
		return;
	if (child == 0)
		_exit(watch(k, ready[1], turned[0]));
	ok(read(ready[0], &byte, 1) == 1, "a child has the keys");
	ok(keyring_turn(k), "the parent can still turn them");
	ok(write(turned[1], "", 1) == 1, "the child looks again");
	ok(waitpid(child, &status, 0) == child, "and ends");
	is_int(0, status, "having seen the new key and the old");
	keyring_free(&k);
}

int
main(void)
{
	test_turns();
	test_shared();
	return done();
}
