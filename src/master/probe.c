/*
 * probe.c - are the addresses of a config to be had?
 *
 * Runs in the master before it makes workers, and in `grpcd -t`.  SO_REUSEPORT
 * would let a second server in without a word: so it is asked for first.
 */
#include <config.h>

#include "master/probe.h"

#include <errno.h>
#include <string.h>

static const char *
cure(const struct address *a, int error)
{
	switch (error) {
	case EACCES:
		return address_is_unix(a)
			   ? "; grpcd must be allowed to write to its directory"
			   : "; a port below 1024 takes privileges";
	case EADDRNOTAVAIL:
		return "; no interface of this machine has it";
	default:
		return "";
	}
}

static enum listening_use
probe_listener(const struct probe *probe, const struct config_listener *l,
    struct config_messages *errors)
{
	const struct config_address *a = &l->d.address;

	if (probe->known != NULL && slots_know(probe->known, &a->address))
		return LISTENING_FREE;
	switch (listening_probe(&a->address, probe->clean, 0, probe->ours)) {
	case LISTENING_FREE:
	case LISTENING_OURS:
		return LISTENING_FREE;
	case LISTENING_BUSY:
		config_message(errors, l->file, l->line,
		    "address %s of listener \"%s\" is in use by another "
		    "process",
		    a->text, l->name);
		return LISTENING_BUSY;
	case LISTENING_ERROR:
		break;
	}
	config_message(errors, l->file, l->line,
	    "address %s of listener \"%s\" cannot be had: %s%s", a->text,
	    l->name, strerror(errno), cure(&a->address, errno));
	return LISTENING_ERROR;
}

enum listening_use
probe_listeners(const struct probe *probe, struct config_messages *errors)
{
	enum listening_use use, worst = LISTENING_FREE;

	for (size_t i = 0; i < probe->config->n_listeners; i++) {
		use =
		    probe_listener(probe, &probe->config->listeners[i], errors);
		if (use > worst)
			worst = use;
	}
	return worst;
}
