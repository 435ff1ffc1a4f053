/*
 * fuzz_services.c - any messages to the built-in services
 *
 * The first byte picks a service and a method, the second how much memory a
 * call may take.  Then come steps for two calls at once: a byte that says what
 * happens, and for a message its length and bytes.  fake.c checks that nothing
 * is left in the end.
 */
#include <config.h>

#include "fake.h"

#include <string.h>

#include "base/check.h"
#include "base/log.h"
#include "grpc/framing.h"
#include "services/builtin.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define CALLS 2
#define SERVICES 16
#define MESSAGE_MAX 4096

/* What is left of the input. */
static const uint8_t *input, *input_end;

static uint8_t
any(void)
{
	return input < input_end ? *input++ : 0;
}

static const struct grpcd_service *
any_service(uint8_t which)
{
	const struct grpcd_service *all[SERVICES];
	size_t n = 0;

	for (size_t i = 0; builtin_modules[i]; i++)
		for (size_t j = 0; builtin_modules[i]->services[j]; j++)
			all[n++] = builtin_modules[i]->services[j];
	ENSURE(n <= SERVICES);
	return all[which % n];
}

static const char *
any_path(const struct grpcd_service *service, uint8_t which)
{
	static char path[256];
	const struct grpcd_descriptor *d = service->descriptor;

	snprintf(path, sizeof(path), "/%s/%s", d->name,
	    d->methods[which % d->n_methods].name);
	return path;
}

static void
send_message(struct http2_stream *s)
{
	uint8_t message[FRAMING_PREFIX + MESSAGE_MAX];
	size_t n = any();

	n = (n << 8 | any()) % (MESSAGE_MAX + 1);
	if (n > (size_t)(input_end - input))
		n = (size_t)(input_end - input);
	framing_prefix(message, n);
	memcpy(message + FRAMING_PREFIX, input, n);
	input += n;
	fake_data(s, message, FRAMING_PREFIX + n);
}

enum { STEP_OPEN, STEP_MESSAGE, STEP_END, STEP_READ, STEP_CLOSE, STEPS };

static void
step(struct fake *f, const char *path, struct http2_stream **s, bool *done)
{
	uint8_t what = any() % STEPS;

	if (!*s) {
		*s = fake_call(f, path);
		*done = false;
	} else if (what == STEP_MESSAGE && !*done) {
		send_message(*s);
	} else if (what == STEP_END && !*done) {
		fake_end(*s);
		*done = true;
	} else if (what == STEP_READ) {
		fake_read(*s, any() * 64u);
	} else if (what == STEP_CLOSE) {
		fake_close(s, HTTP2_CANCEL);
	}
}

static void
play(struct fake *f, const char *path)
{
	struct http2_stream *calls[CALLS] = { NULL };
	bool done[CALLS] = { false };
	size_t at;

	while (input < input_end) {
		at = any();
		if (at == 0xff)
			grpc_warn(f->grpc);
		else if (at == 0xfe)
			grpc_drain(f->grpc, 1000);
		else
			step(f, path, &calls[at % CALLS], &done[at % CALLS]);
	}
	for (at = 0; at < CALLS; at++)
		if (calls[at])
			fake_close(&calls[at], HTTP2_CANCEL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct config_messages errors = { NULL, 0 };
	const struct grpcd_service *service;
	struct fake f;
	uint8_t which;

	log_use(2, "stderr", LOG_LEVEL_ALERT);
	input = bytes;
	input_end = bytes + len;
	which = any();
	service = any_service(which);
	fake_init(&f, service);
	ENSURE(grpc_start(f.grpc, 0, &errors));
	FAKE_LIMIT(&f, max_call_memory, 4096 + any() * 64);
	play(&f, any_path(service, which >> 4));
	grpc_stop(f.grpc, 0);
	fake_fini(&f);
	return 0;
}
