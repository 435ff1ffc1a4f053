/*
 * keepalive.h - PINGs both ways: is the client there, does it ask too often?
 *
 * The rules are those of grpc-go's server, so that a client which is well with
 * that is well with us (gRPC's keepalive.md, proposals A8 and A9).
 */
#ifndef HTTP2_KEEPALIVE_H
#define HTTP2_KEEPALIVE_H

#include <stdbool.h>
#include <stdint.h>

struct config_limits;

struct keepalive {
	int64_t heard_us;  /* when the client sent anything the last time */
	int64_t asked_us;  /* when our PING went; CLOCK_NEVER: it is answered */
	int64_t pinged_us; /* when the client's last PING came */
	unsigned strikes;  /* PINGs of the client that came too soon */
	bool excused;      /* HEADERS or DATA have gone since its last one */
};

void keepalive_init(struct keepalive *k, int64_t now_us);

/* The client has sent something, of whatever kind. */
void keepalive_heard(struct keepalive *k, int64_t now_us);

/*
 * We have sent HEADERS or DATA.  A client may measure the path after each, as
 * grpc-go does: its next PING is never too soon, and the strikes are forgotten.
 */
static inline void
keepalive_sent(struct keepalive *k)
{
	k->excused = true;
}

/* When keepalive_tick wants to be called; CLOCK_NEVER if not. */
int64_t keepalive_due(const struct keepalive *k,
    const struct config_limits *limits);

enum keepalive_turn {
	KEEPALIVE_WELL,
	KEEPALIVE_ASK, /* send a PING */
	KEEPALIVE_GONE /* nothing has come since the last one */
};

enum keepalive_turn keepalive_tick(struct keepalive *k,
    const struct config_limits *limits, int64_t now_us);

/* A PING of the client's; false: there have been too many too soon. */
bool keepalive_pinged(struct keepalive *k, const struct config_limits *limits,
    int64_t now_us, bool calls_open);

#endif
