/*
 * describe.h - what stands in a packed google.protobuf.FileDescriptorSet
 *
 * Walks over the bytes that protoc-gen-grpcd embeds, in place: nothing is
 * unpacked, nothing is kept.  They are a module's, so they are believed but for
 * their lengths.
 */
#ifndef SERVICES_DESCRIBE_H
#define SERVICES_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct describe_bytes {
	const uint8_t *at;
	size_t len;
};

/* Takes the next file of a set off its front; false at the end. */
bool describe_next(struct describe_bytes *set, struct describe_bytes *ret_file);

bool describe_is_named(struct describe_bytes file, const char *name);

/* Does the file declare that full name: "helloworld.Greeter.SayHello"? */
bool describe_declares(struct describe_bytes file, const char *symbol);

/* Has the file an import after the one that *at, at first NULL, is about? */
bool describe_next_import(struct describe_bytes file, const uint8_t **at,
    struct describe_bytes *ret_name);

/*
 * Calls found for each extension of a message, by its full name, that the file
 * declares, until that returns false.
 */
void describe_extensions(struct describe_bytes file, const char *message,
    bool (*found)(void *arg, int32_t number), void *arg);

#endif
