/*
 * compress.c - messages made smaller, over zlib
 *
 * Runs in workers, over a client's bytes: what grows of them is stopped while
 * it grows, at the limit and not at what the client says.
 */
#include <config.h>

#include "grpc/compress.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buffer.h"

/*
 * gRPC's deflate is zlib's format (RFC 1950), as HTTP's is; and zlib's windows
 * are 16 higher for gzip's.
 */
#define WINDOW_GZIP (MAX_WBITS + 16)
#define WINDOW_DEFLATE MAX_WBITS

/* Replies are many: the levels above take three times as long for a tenth. */
#define LEVEL 1
#define MEMORY_LEVEL 8

/* Bytes that are made at a time, and that are kept for the next message. */
#define PIECE 16384
#define KEEP 65536

struct coder {
	z_stream stream;
	bool ready;
};

struct compress {
	struct coder undo[ENCODINGS], make[ENCODINGS];
	struct buffer made;
};

#define ENCODING(text) HTTP2_FIELD("grpc-encoding", text)
const struct http2_field compress_fields[ENCODINGS] = {
	[ENCODING_IDENTITY] = ENCODING("identity"),
	[ENCODING_GZIP] = ENCODING("gzip"),
	[ENCODING_DEFLATE] = ENCODING("deflate"),
};

const struct http2_field compress_accepted =
    HTTP2_FIELD("grpc-accept-encoding", "identity,gzip,deflate");

static const int windows[ENCODINGS] = {
	[ENCODING_GZIP] = WINDOW_GZIP,
	[ENCODING_DEFLATE] = WINDOW_DEFLATE,
};

enum encoding
compress_find(const char *name, size_t len)
{
	enum encoding e = ENCODING_IDENTITY;

	while (e < ENCODINGS &&
	       (compress_fields[e].value_len != len ||
		   memcmp(compress_fields[e].value, name, len) != 0))
		e++;
	return e;
}

unsigned
compress_parse(const char *list, size_t len)
{
	const char *end = list + len, *next;
	unsigned found = 0;

	for (; list < end; list = next + (next < end)) {
		const char *last;

		next = memchr(list, ',', (size_t)(end - list));
		if (!next)
			next = end;
		for (last = next; last > list && last[-1] == ' ';)
			last--;
		while (list < last && *list == ' ')
			list++;
		found |= 1u << compress_find(list, (size_t)(last - list));
	}
	return found & ((1u << ENCODINGS) - 1);
}

enum encoding
compress_choose(unsigned accepted, enum encoding clients)
{
	if (clients != ENCODING_IDENTITY && accepted & 1u << clients)
		return clients;
	for (enum encoding e = ENCODING_GZIP; e < ENCODINGS; e++)
		if (accepted & 1u << e)
			return e;
	return ENCODING_IDENTITY;
}

struct compress *
compress_new(void)
{
	return calloc(1, sizeof(struct compress));
}

void
compress_free(struct compress **compress)
{
	struct compress *c = *compress;

	*compress = NULL;
	if (!c)
		return;
	for (enum encoding e = ENCODING_IDENTITY; e < ENCODINGS; e++) {
		if (c->undo[e].ready)
			inflateEnd(&c->undo[e].stream);
		if (c->make[e].ready)
			deflateEnd(&c->make[e].stream);
	}
	buffer_release(&c->made);
	free(c);
}

/* A stream at its beginning, with the bytes to read; NULL without memory. */
static z_stream *
begin_undo(struct compress *c, enum encoding e, struct compress_bytes bytes)
{
	struct coder *coder = &c->undo[e];
	int status = coder->ready ? inflateReset(&coder->stream)
				  : inflateInit2(&coder->stream, windows[e]);

	coder->ready |= status == Z_OK;
	coder->stream.next_in = (Bytef *)(uintptr_t)bytes.at;
	coder->stream.avail_in = (uInt)bytes.len;
	return status == Z_OK ? &coder->stream : NULL;
}

static z_stream *
begin_make(struct compress *c, enum encoding e, struct compress_bytes bytes)
{
	struct coder *coder = &c->make[e];
	int status = coder->ready
			 ? deflateReset(&coder->stream)
			 : deflateInit2(&coder->stream, LEVEL, Z_DEFLATED,
			       windows[e], MEMORY_LEVEL, Z_DEFAULT_STRATEGY);

	coder->ready |= status == Z_OK;
	coder->stream.next_in = (Bytef *)(uintptr_t)bytes.at;
	coder->stream.avail_in = (uInt)bytes.len;
	return status == Z_OK ? &coder->stream : NULL;
}

/* Runs one step, which makes at most max bytes; zlib's status. */
static int
step(z_stream *stream, struct buffer *made, size_t max,
    int (*run)(z_stream *stream, int flush), int flush)
{
	uint8_t *to = buffer_reserve(made, max);
	int status;

	if (!to)
		return Z_MEM_ERROR;
	stream->next_out = to;
	stream->avail_out = (uInt)max;
	status = run(stream, flush);
	buffer_added(made, max - stream->avail_out);
	return status;
}

enum compress_result
compress_undo(struct compress *c, enum encoding encoding,
    struct compress_bytes bytes, size_t max_len, struct compress_bytes *ret)
{
	z_stream *stream = begin_undo(c, encoding, bytes);
	struct buffer *made = &c->made;
	int status = stream ? Z_OK : Z_MEM_ERROR;

	buffer_clear(made);
	/* One more than may come tells that more does. */
	while (status == Z_OK && buffer_length(made) <= max_len) {
		size_t room = max_len + 1 - buffer_length(made);

		status = step(stream, made, room < PIECE ? room : PIECE,
		    inflate, Z_NO_FLUSH);
	}
	if (buffer_length(made) > max_len)
		return COMPRESS_TOO_LARGE;
	if (status == Z_MEM_ERROR)
		return COMPRESS_NO_MEMORY;
	if (status != Z_STREAM_END || stream->avail_in > 0)
		return COMPRESS_MALFORMED;
	*ret =
	    (struct compress_bytes){ buffer_bytes(made), buffer_length(made) };
	return COMPRESS_OK;
}

bool
compress_do(struct compress *c, enum encoding encoding,
    struct compress_bytes bytes, struct compress_bytes *ret)
{
	z_stream *stream = begin_make(c, encoding, bytes);
	struct buffer *made = &c->made;
	int status = stream ? Z_OK : Z_MEM_ERROR;

	buffer_clear(made);
	while (status == Z_OK && buffer_length(made) < bytes.len)
		status = step(stream, made, PIECE, deflate, Z_FINISH);
	if (status != Z_STREAM_END || buffer_length(made) >= bytes.len)
		return false;
	*ret =
	    (struct compress_bytes){ buffer_bytes(made), buffer_length(made) };
	return true;
}

void
compress_rest(struct compress *c)
{
	if (c->made.size > KEEP)
		buffer_release(&c->made);
}
