/*
 * stream.c - messages that come and go whole
 */
#include <config.h>

#include "plugin/stream.h"

#include <string.h>

#include "plugin/scratch.h"

uint8_t *
stream_read(FILE *in, size_t *ret_len)
{
	size_t size = 65536, len = 0, n;
	uint8_t *bytes = scratch_take(size), *larger;

	while ((n = fread(bytes + len, 1, size - len, in)) > 0) {
		len += n;
		if (len < size)
			continue;
		larger = scratch_take(2 * size);
		memcpy(larger, bytes, len);
		bytes = larger;
		size *= 2;
	}
	if (ferror(in))
		return NULL;
	*ret_len = len;
	return bytes;
}

uint8_t *
stream_pack(const ProtobufCMessage *message, size_t *ret_len)
{
	uint8_t *bytes;

	*ret_len = protobuf_c_message_get_packed_size(message);
	bytes = scratch_take(*ret_len);
	protobuf_c_message_pack(message, bytes);
	return bytes;
}

bool
stream_write(FILE *out, const ProtobufCMessage *message)
{
	size_t len;
	uint8_t *bytes = stream_pack(message, &len);

	return fwrite(bytes, 1, len, out) == len && fflush(out) == 0;
}
