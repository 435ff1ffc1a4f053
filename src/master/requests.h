/*
 * requests.h - what an operator may ask the master for
 *
 * Private to the control socket.
 */
#ifndef MASTER_REQUESTS_H
#define MASTER_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "master/control.h"

struct master;

/* The longest request, its newline included. */
#define REQUEST_MAX 128

enum client_state {
	CLIENT_ASKS,   /* its line has not come yet */
	CLIENT_WAITS,  /* for an event */
	CLIENT_IS_TOLD /* the answer goes out */
};

/* A client of the control socket, owned by it. */
struct control_client {
	int fd;
	enum client_state state;
	enum control_event event; /* WAITS: for this, */
	unsigned attempt;         /* of this reload or a later one */
	char request[REQUEST_MAX];
	size_t n_request;
	bool too_long; /* to be any request */
	char *answer;
	size_t len, n_sent;
	int64_t due_us; /* it is cut off then */
};

/*
 * Does what client->request asks for.  True: the answer is in out.  False: the
 * client waits for client->event; its answer may even have been told already.
 */
bool request_take(struct master *m, struct control_client *client, FILE *out);

#endif
