/*
 * fuzz_unpack.c - any bytes as a message
 *
 * What is taken is nested no deeper than it may be, has text that is UTF-8, and
 * packed again is taken again.
 */
#include <config.h>

#include "node.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "grpc/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct arena_pool pool;

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check(const struct node *node, int depth)
{
	must(depth <= UNPACK_DEPTH);
	if (node->text)
		must(text_is_utf8((const uint8_t *)node->text,
		    strlen(node->text)));
	if (node->child)
		check(node->child, depth + 1);
	for (size_t i = 0; i < node->n_many; i++)
		check(node->many[i], depth + 1);
}

static void
pack_again(const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);
	uint8_t *bytes = malloc(len > 0 ? len : 1);
	ProtobufCMessage *again;
	struct arena arena;

	must(bytes != NULL);
	arena_init(&arena, &pool, SIZE_MAX);
	must(protobuf_c_message_pack(message, bytes) == len);
	must(unpack_message(&node_type, bytes, len, &arena, &again) ==
	     UNPACK_OK);
	must(protobuf_c_message_get_packed_size(again) == len);
	arena_reset(&arena);
	free(bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	ProtobufCMessage *message;
	struct arena arena;

	arena_pool_init(&pool, 0);
	arena_init(&arena, &pool, 1 << 20);
	if (unpack_message(&node_type, bytes, len, &arena, &message) ==
	    UNPACK_OK) {
		check((struct node *)message, 0);
		pack_again(message);
	}
	must(arena.used <= 1 << 20);
	arena_reset(&arena);
	arena_pool_fini(&pool);
	return 0;
}
