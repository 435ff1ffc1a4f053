/*
 * fuzz_http2.c - any frames into a session of http2, with an echo behind it
 *
 * The first byte says how: in what pieces the rest comes, with the preface or
 * without, to which service, and whether the session is drained meanwhile.
 * loop_fini fails unless each stream was closed exactly once.
 */
#include <config.h>

#include "loop.h"

#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define HOW_PIECE 0x0f /* bytes of a piece: this to the third, and 1 */
#define HOW_BARE 0x10  /* no preface */
#define HOW_HOLD 0x20  /* nothing is answered */
#define HOW_DRAIN 0x40
#define HOW_REFUSE 0x80

static struct loop_script
script_for(uint8_t how)
{
	struct loop_script script = how & HOW_HOLD ? loop_hold : loop_echo;

	script.refuse = how & HOW_REFUSE;
	return script;
}

static void
feed(struct loop *l, const uint8_t *bytes, size_t len, uint8_t how)
{
	size_t piece = how & HOW_PIECE;

	piece = piece * piece * piece + 1;
	for (size_t at = 0; at < len && !http2_session_done(l->session);
	     at += piece) {
		if (piece > len - at)
			piece = len - at;
		buffer_append(&l->up, bytes + at, piece);
		loop_run(l);
		buffer_clear(&l->down);
		if (how & HOW_DRAIN && at > len / 2)
			http2_session_drain(l->session);
		loop_wait(l, CLOCK_SECOND / 10);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t how = len > 0 ? bytes[0] : 0;
	struct loop_script script = script_for(how);
	struct loop l;

	if (len == 0)
		return 0;
	loop_init(&l, &script);
	l.limits.frame_burst = 200;
	l.limits.max_header_list_size = 1024;
	loop_open(&l);
	if (how & HOW_BARE)
		buffer_clear(&l.up);
	feed(&l, bytes + 1, len - 1, how);
	loop_fini(&l);
	return 0;
}
