/*
 * fuzz_control.c - any bytes to the master's control socket, cut anyhow
 *
 * The first byte says in what pieces the others come.  The one request is the
 * first line, or an empty one if that is too long, and its answer arrives
 * whole, whatever comes behind it.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "master/requests.h"
#include "master/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
bool __wrap_request_take(struct master *m, struct control_client *client,
    FILE *out);

static char asked[REQUEST_MAX];
static int n_asked;

/* In the place of requests.c's: answers with the request. */
bool
__wrap_request_take(struct master *m, struct control_client *client, FILE *out)
{
	(void)m;
	n_asked++;
	ENSURE(memchr(client->request, '\0', REQUEST_MAX) != NULL);
	strcpy(asked, client->request);
	fprintf(out, "ok %s\n", asked);
	return true;
}

/* What is to be asked; NULL: no line is whole. */
static const char *
wanted(const uint8_t *bytes, size_t len)
{
	static char line[REQUEST_MAX];
	const uint8_t *end = len > 0 ? memchr(bytes, '\n', len) : NULL;
	size_t n = end ? (size_t)(end - bytes) : 0;

	if (!end)
		return NULL;
	if (n >= REQUEST_MAX)
		n = 0;
	memcpy(line, bytes, n);
	line[n] = '\0';
	return line;
}

static void
step(struct master *m)
{
	struct pollfd fds[CONTROL_FDS];
	size_t n = control_prepare(&m->control, fds);

	ENSURE(n <= 1);
	if (n > 0 && poll(fds, n, 0) >= 0)
		control_step(m, fds, n);
}

static void
check_answer(int s, const char *line)
{
	char got[REQUEST_MAX + 8], want[REQUEST_MAX + 8];
	ssize_t n = recv(s, got, sizeof(got), MSG_DONTWAIT);

	ENSURE(n_asked == (line != NULL));
	if (!line)
		return;
	ENSURE(strcmp(asked, line) == 0);
	snprintf(want, sizeof(want), "ok %s\n", line);
	ENSURE(n == (ssize_t)strlen(want) && memcmp(got, want, (size_t)n) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct master m;
	struct control_client *client = calloc(1, sizeof(*client));
	size_t piece = len > 0 ? bytes[0] + 1u : 1;
	int fds[2];

	ENSURE(client != NULL);
	ENSURE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	client->fd = fds[0];
	client->due_us = CLOCK_NEVER;
	m.control = (struct control)CONTROL_INIT;
	m.control.clients[0] = client;
	n_asked = 0;
	for (size_t at = 1, n; at < len && m.control.clients[0]; at += n) {
		n = piece < len - at ? piece : len - at;
		ENSURE(send(fds[1], bytes + at, n, MSG_NOSIGNAL) == (ssize_t)n);
		for (size_t i = 0; i <= n / REQUEST_MAX + 1; i++)
			step(&m);
	}
	check_answer(fds[1], len > 0 ? wanted(bytes + 1, len - 1) : NULL);
	control_close(&m.control);
	close(fds[1]);
	return 0;
}
