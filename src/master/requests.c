/*
 * requests.c - what an operator may ask the master for
 *
 * Runs in the master.
 */
#include <config.h>

#include "master/requests.h"

#include <string.h>

#include "base/log.h"
#include "master/logs.h"
#include "master/state.h"
#include "master/status.h"

struct request {
	const char *line;
	/* As request_take. */
	bool (*take)(struct master *m, struct control_client *c, FILE *out);
};

static bool
take_status(struct master *m, struct control_client *c, FILE *out)
{
	(void)c;
	status_print(m, out);
	fputs("ok\n", out);
	return true;
}

static bool
take_status_json(struct master *m, struct control_client *c, FILE *out)
{
	(void)c;
	status_print_json(m, out);
	fputs("ok\n", out);
	return true;
}

static bool
is_stopping(const struct master *m, FILE *out)
{
	if (m->phase != MASTER_QUITTING && m->phase != MASTER_STOPPING)
		return false;
	fputs("error the server stops\n", out);
	return true;
}

static bool
take_reload(struct master *m, struct control_client *c, FILE *out)
{
	if (is_stopping(m, out))
		return true;
	c->event = CONTROL_RELOADED;
	c->attempt = m->reload.attempt + 1;
	reload_request(m);
	return false;
}

static bool
take_dry_run(struct master *m, struct control_client *c, FILE *out)
{
	if (is_stopping(m, out))
		return true;
	if (m->reload.phase != RELOAD_IDLE) {
		fputs("error a reload is under way: try again\n", out);
		return true;
	}
	c->event = CONTROL_RELOADED;
	c->attempt = m->reload.attempt + 1;
	reload_rehearse(m);
	return false;
}

static bool
take_stop(struct master *m, struct control_client *c, FILE *out)
{
	(void)out;
	c->event = CONTROL_STOPPED;
	master_stop(m);
	return false;
}

static bool
take_quit(struct master *m, struct control_client *c, FILE *out)
{
	(void)out;
	c->event = CONTROL_STOPPED;
	master_quit(m);
	return false;
}

static bool
take_reopen(struct master *m, struct control_client *c, FILE *out)
{
	struct config_messages errors = { 0 };
	bool good = logs_reopen(m, &errors);

	(void)c;
	for (size_t i = 0; i < errors.n; i++) {
		log_error("%s", errors.text[i]);
		fprintf(out, "%s\n", errors.text[i]);
	}
	config_messages_free(&errors);
	fputs(good ? "ok the logs are open again\n"
		   : "error logs stay as they were\n",
	    out);
	return true;
}

static const struct request requests[] = {
	{ "status", take_status },
	{ "status --json", take_status_json },
	{ "reload", take_reload },
	{ "reload --dry-run", take_dry_run },
	{ "stop", take_stop },
	{ "quit", take_quit },
	{ "reopen", take_reopen },
};

bool
request_take(struct master *m, struct control_client *client, FILE *out)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		if (strcmp(client->request, requests[i].line) == 0)
			return requests[i].take(m, client, out);
	fputs("error no such request\n", out);
	return true;
}
