/* describe.c - descriptors that are whole, and such as are not */
#include <config.h>

#include "services/describe.h"

#include <stdlib.h>
#include <string.h>
#include <tap.h>

#include "helloworld.grpcd.h"

static struct describe_bytes
greeter(void)
{
	const struct grpcd_descriptor *d = &helloworld_greeter_descriptor;

	return (struct describe_bytes){ d->files, d->files_len };
}

static bool
never(void *arg, int32_t number)
{
	(void)arg, (void)number;
	return false;
}

/* Everything that can be asked of a set; how many questions said yes. */
static unsigned
ask_all(struct describe_bytes set)
{
	struct describe_bytes file, name;
	const uint8_t *at = NULL;
	unsigned yes = 0;

	while (describe_next(&set, &file)) {
		yes += describe_is_named(file, "helloworld.proto");
		yes += describe_declares(file, "helloworld.Greeter.SayHello");
		yes += describe_declares(file, "helloworld.HelloReply.message");
		yes += describe_next_import(file, &at, &name);
		describe_extensions(file, "helloworld.HelloReply", never, NULL);
	}
	return yes;
}

static void
check_cut(void)
{
	struct describe_bytes set = greeter();
	unsigned yes = 0;

	/* In memory of its own, so that a sanitizer sees its end. */
	for (size_t len = 0; len < set.len; len++) {
		uint8_t *copy = malloc(len + 1);
		struct describe_bytes cut = { copy + 1, len };

		memcpy(copy + 1, set.at, len);
		yes += ask_all(cut);
		free(copy);
	}
	is_int(0, yes, "a set that is cut has no file");
}

static void
check_broken(void)
{
	struct describe_bytes set = greeter();
	uint8_t *copy = malloc(set.len);

	for (size_t i = 0; i < set.len * 8; i++) {
		memcpy(copy, set.at, set.len);
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
		ask_all((struct describe_bytes){ copy, set.len });
	}
	free(copy);
	ok(true, "whatever a bit says, nothing is read past the end");
}

int
main(void)
{
	is_int(3, ask_all(greeter()), "name, method, field; no import");
	check_cut();
	check_broken();
	return done();
}
