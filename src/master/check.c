/*
 * check.c - the checker, as the master sees it
 *
 * Runs in the master (and in `grpcd -t`); the checker itself is another process
 * from fork on.
 */
#include <config.h>

#include "master/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "master/spawn.h"

/*
 * Of a longer answer the rest is read and dropped, its end with it, and so the
 * check fails: each service and each file of TLS takes a few hundred bytes.
 */
#define ANSWER_MAX (16 << 20)

/* The life of the new process. */
_Noreturn static void
become_checker(const struct check_subject *subject, int answer)
{
	size_t n = 0;
	int *fds = calloc(2 + subject->config->n_modules, sizeof(*fds));

	if (fds == NULL)
		log_fatal("out of memory");
	fds[n++] = answer;
	fds[n++] = log_descriptor();
	for (size_t i = 0; i < subject->config->n_modules; i++)
		fds[n++] = subject->modules[i];
	spawn_settle(subject->mask, fds, n);
	free(fds);
	exit(subject->main(subject->config, subject->modules, answer));
}

bool
check_start(struct check *check, const struct check_subject *subject,
    struct config_messages *errors)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1) {
		config_message(errors, NULL, 0, "cannot make a pipe: %s",
		    strerror(errno));
		return false;
	}
	*check = (struct check)CHECK_INIT;
	check->pid = fork();
	if (check->pid == 0)
		become_checker(subject, ends[1]);
	close(ends[1]);
	if (check->pid == -1) {
		config_message(errors, NULL, 0,
		    "cannot fork the check of the services: %s",
		    strerror(errno));
		check->pid = 0;
		close(ends[0]);
		return false;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	check->pipe = ends[0];
	check->n_listeners = subject->config->n_listeners;
	check->limit_ms = subject->config->main.start_timeout;
	check->due_us = clock_now_us() + check->limit_ms * CLOCK_MS;
	return true;
}

bool
check_running(const struct check *check)
{
	return check->pid != 0;
}

void
check_read(struct check *check)
{
	char bytes[4096];
	ssize_t n;

	while (check->pipe != -1) {
		n = read(check->pipe, bytes, sizeof(bytes));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close(check->pipe);
			check->pipe = -1;
		} else if (buffer_length(&check->answer) < ANSWER_MAX) {
			buffer_append(&check->answer, bytes, (size_t)n);
		}
	}
}

void
check_due(struct check *check)
{
	check->late = true;
	check->due_us = CLOCK_NEVER;
	kill(check->pid, SIGKILL);
}

void
check_ended(struct check *check, int status)
{
	/* What it left in the pipe; a child of its may hold the other end. */
	check_read(check);
	if (check->pipe != -1)
		close(check->pipe);
	check->pipe = -1;
	check->pid = 0;
	check->status = status;
	check->due_us = CLOCK_NEVER;
}

/* What stands behind a word that a line begins with; NULL if it does not. */
static const char *
behind(const char *line, const char *word)
{
	size_t len = strlen(word);

	return strncmp(line, word, len) == 0 ? line + len : NULL;
}

/* What the answer of a checker was. */
struct verdict {
	struct config_messages lines; /* errors, or what was found */
	const char *at;               /* what it looked at in the end */
	bool done;                    /* it came to its end */
};

/* Takes a line that is no news by itself: what is looked at, what ends. */
static bool
take_note(struct check *check, const char *line, struct verdict *v)
{
	const char *at = behind(line, CHECKER_AT);
	const char *expiry = behind(line, CHECKER_EXPIRES);
	bool done = strcmp(line, CHECKER_DONE) == 0;

	if (at != NULL)
		v->at = at;
	v->done |= done;
	return at != NULL || done ||
	       (expiry != NULL &&
		   expiries_take(&check->expiries, check->n_listeners, expiry));
}

static void
take_lines(struct check *check, struct verdict *v)
{
	char *line, *rest;

	if (!buffer_append(&check->answer, "", 1))
		return;
	rest = (char *)buffer_bytes(&check->answer);
	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0] != '\0' && !take_note(check, line, v))
			config_message(&v->lines, NULL, 0, "%s", line);
}

/* The process ended without an answer of its own, when it was at that place. */
static void
explain_end(const struct check *check, const char *at,
    struct config_messages *errors)
{
	const char *colon = at[0] == '\0' ? "" : ": ";
	char limit[TEXT_MAX];

	if (check->late)
		config_message(errors, NULL, 0,
		    "%s%sthe check of the services took longer than "
		    "start_timeout (%s)",
		    at, colon, text_format_time(check->limit_ms, limit));
	else if (WIFSIGNALED(check->status))
		config_message(errors, NULL, 0,
		    "%s%sthe check of the services was killed by signal %d "
		    "(%s)",
		    at, colon, WTERMSIG(check->status),
		    strsignal(WTERMSIG(check->status)));
	else
		config_message(errors, NULL, 0,
		    "%s%sthe check of the services exited with status %d", at,
		    colon, WEXITSTATUS(check->status));
}

bool
check_finish(struct check *check, struct config_messages *errors)
{
	struct verdict v = { .at = "" };
	bool good;

	take_lines(check, &v);
	good = check->status == 0 && !check->late && v.done;
	for (size_t i = 0; i < v.lines.n; i++)
		if (good)
			log_debug("checked: %s", v.lines.text[i]);
		else
			config_message(errors, NULL, 0, "%s", v.lines.text[i]);
	if (!good && (!v.done || v.lines.n == 0))
		explain_end(check, v.at, errors);
	if (!good)
		expiries_free(&check->expiries);
	config_messages_free(&v.lines);
	buffer_release(&check->answer);
	return good;
}

void
check_cancel(struct check *check)
{
	if (check->pipe != -1)
		close(check->pipe);
	check->pipe = -1;
	buffer_release(&check->answer);
	expiries_free(&check->expiries);
	check->due_us = CLOCK_NEVER;
	if (check->pid != 0)
		kill(check->pid, SIGKILL);
}
