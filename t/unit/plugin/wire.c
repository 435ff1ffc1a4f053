/*
 * wire.c - no bytes are called sound that would hurt protobuf-c
 */
#include <config.h>

#include <google/protobuf/descriptor.pb-c.h>

#include "plugin/wire.h"
#include "tap.h"

static const ProtobufCMessageDescriptor *const type =
    &google__protobuf__descriptor_proto__descriptor;

#define SOUND(bytes) \
	wire_sound(type, (const uint8_t *)(bytes), sizeof(bytes) - 1, 100)

/*
 * Messages of one another, `levels` deep: each is field 3 (nested_type) of the
 * one around it.  Written from the innermost outwards, so from the end.
 */
static bool
nested_sound(unsigned levels)
{
	uint8_t bytes[1024];
	size_t at = sizeof(bytes), len;

	for (unsigned i = 1; i < levels; i++) {
		len = sizeof(bytes) - at;
		if (len > 127) {
			bytes[--at] = (uint8_t)(len >> 7);
			bytes[--at] = (uint8_t)(len | 0x80);
		} else {
			bytes[--at] = (uint8_t)len;
		}
		bytes[--at] = 3 << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
	}
	return wire_sound(type, bytes + at, sizeof(bytes) - at, 100);
}

int
main(void)
{
	ok(SOUND(""), "nothing");
	ok(SOUND("\012\003abc"), "text");
	ok(SOUND("\370\377\377\377\017\001"), "an unknown field, a large one");
	ok(SOUND("\020\377\377\377\377\377\377\377\377\377\001"),
	    "the longest number");
	ok(SOUND("\012\003\377\377\377"), "text is not looked into");
	ok(nested_sound(100), "a hundred levels");
	ok(!nested_sound(101), "a hundred and one");
	ok(!SOUND("\012\004abc"), "a text longer than what is there");
	ok(!SOUND("\012"), "no length");
	ok(!SOUND("\012\377\377\377\377\377\001"), "a length without an end");
	ok(!SOUND("\020\377\377\377\377\377\377\377\377\377\377\001"),
	    "a number without an end");
	ok(!SOUND("\000\000"), "field number 0");
	ok(!SOUND("\013\014"), "groups");
	ok(!SOUND("\017"), "a wire type that does not exist");
	ok(!SOUND("\015abc"), "three bytes of four");
	ok(!SOUND("\011abcdefg"), "seven bytes of eight");
	ok(!SOUND("\032\002\012\004"), "an unsound message in a sound one");
	return done();
}
