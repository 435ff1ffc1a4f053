/*
 * output.h - what a call has to say and its client has not read yet
 *
 * A queue of blocks.  Those of a call that answers once are its arena's; those
 * of a call that writes many messages come from a pool that all calls of the
 * worker share, and go back as the client reads.
 */
#ifndef GRPC_OUTPUT_H
#define GRPC_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct output_block;

/* Blocks at rest; at most `keep` of them. */
struct output_pool {
	struct output_block *idle;
	size_t n_idle, keep;
};

struct output {
	struct output_block *first, *last;
	size_t waiting; /* bytes that have not been taken */
	size_t held;    /* bytes of memory that are not an arena's */
};

void output_pool_init(struct output_pool *pool, size_t keep);
void output_pool_fini(struct output_pool *pool);

/*
 * Adds len bytes and returns where to write them; NULL without memory.  They
 * are the arena's if there is one, else the pool's.
 */
uint8_t *output_add(struct output *o, struct output_pool *pool,
    struct arena *arena, size_t len);

/* Takes at most room bytes from the front; how many they are. */
size_t output_take(struct output *o, struct output_pool *pool, uint8_t *to,
    size_t room);

/* Gives every block back. */
void output_release(struct output *o, struct output_pool *pool);

#endif
