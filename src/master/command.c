/*
 * command.c - grpcd -s: asks the running server, and waits for its answer
 *
 * Runs in whoever calls it.  The process is the one that holds the lock of the
 * pid file, not the number that the file holds: so a file left over never gets
 * a stranger told.  It is asked at its control socket; where that cannot be
 * reached it gets a signal, and nobody knows the outcome.
 */
#include <config.h>

#include "master/master.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "master/pidfile.h"
#include "master/signals.h"
#include "sock/address.h"

/* Exit codes of status, as LSB has them for init scripts. */
enum {
	STATUS_RUNNING = 0,
	STATUS_DEAD = 1, /* and its pid file is there */
	STATUS_STOPPED = 3,
	STATUS_UNKNOWN = 4
};

/* Whom to ask. */
struct server {
	const struct config *config;
	pid_t pid;
};

/* A connection to the server's control socket; -1 with errno. */
static int
connect_to(const char *path)
{
	struct address address;
	int s;

	if (strcmp(path, "off") == 0 ||
	    address_of_path(path, &address) != NULL) {
		errno = ENOENT;
		return -1;
	}
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s != -1 &&
	    connect(s, (struct sockaddr *)&address.sa, address.len) == -1) {
		close(s);
		return -1;
	}
	return s;
}

/* All that the server says to a request, to be freed; NULL with errno. */
static char *
ask(const struct server *server, const char *request)
{
	int s = connect_to(server->config->main.control_socket);
	FILE *f = s == -1 ? NULL : fdopen(s, "r+");
	char *answer = NULL;
	size_t room = 0;

	if (f == NULL)
		return NULL;
	fprintf(f, "%s\n", request);
	fflush(f);
	errno = 0;
	if (getdelim(&answer, &room, '\0', f) == -1) {
		free(answer);
		answer = NULL;
		if (errno == 0)
			errno = ECONNRESET;
	}
	fclose(f);
	return answer;
}

/*
 * Prints an answer, whose last line tells how it went: what goes well on
 * standard output, what does not on standard error.  True: it went well.
 */
static bool
print_answer(char *answer)
{
	char *last, *line;
	size_t len = strlen(answer);
	bool good;

	if (len > 0 && answer[len - 1] == '\n')
		answer[len - 1] = '\0';
	last = strrchr(answer, '\n');
	last = last == NULL ? answer : last + 1;
	good = strncmp(last, "ok", 2) == 0;
	while ((line = strsep(&answer, "\n")) != NULL && line != last) {
		if (good)
			puts(line);
		else
			log_error("%s", line);
	}
	if (good && last[2] == ' ')
		log_notice("%s", last + 3);
	else if (!good)
		log_error("%s",
		    strncmp(last, "error ", 6) == 0 ? last + 6 : last);
	return good;
}

static int
send_signal(const struct server *server, const char *word)
{
	int number = signals_of_word(word);

	if (kill(server->pid, number) == -1) {
		log_error("cannot tell process %d to %s: %s", (int)server->pid,
		    word, strerror(errno));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

/* Asks for a word of signals.def. */
static int
tell(const struct server *server, const struct command *command)
{
	char *answer = ask(server, command->word);
	bool good;

	if (answer == NULL) {
		log_warn("control socket %s cannot be asked: %s; sends a"
			 " signal, the log tells the outcome",
		    server->config->main.control_socket, strerror(errno));
		return send_signal(server, command->word);
	}
	good = print_answer(answer);
	free(answer);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Asks for what only the control socket can answer. */
static int
question(const struct server *server, const char *request)
{
	char *answer = ask(server, request);
	bool good;

	if (answer == NULL) {
		log_error("grpcd runs as process %d, but its control socket %s"
			  " cannot be asked: %s",
		    (int)server->pid, server->config->main.control_socket,
		    strerror(errno));
		return EXIT_FAILURE;
	}
	good = print_answer(answer);
	free(answer);
	fflush(stdout);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
status(const struct server *server, const struct command *command)
{
	const char *request = command->json ? "status --json" : "status";
	bool clear = isatty(STDOUT_FILENO) && !command->json;
	int result;

	if (command->quiet)
		return STATUS_RUNNING;
	for (;;) {
		if (command->watch && clear)
			fputs("\033[H\033[J", stdout);
		result = question(server, request);
		if (!command->watch || result != EXIT_SUCCESS)
			break;
		sleep(1);
	}
	/* Whoever it is, it runs: that is what LSB's code answers. */
	return STATUS_RUNNING;
}

/* A config that cannot be read may name another pid file than it seems. */
static int
tell_why_not(const struct config_source *source, const struct command *command,
    const char *path)
{
	struct config_messages errors = { 0 };
	struct config *config = config_load(source, &errors);
	int result = EXIT_FAILURE;

	if (!command->quiet)
		log_error("grpcd is not running: no process holds pid_file %s",
		    path);
	for (size_t i = 0; i < errors.n && !command->quiet; i++)
		log_error("%s", errors.text[i]);
	if (strcmp(command->word, "status") == 0)
		result = access(path, F_OK) == 0 ? STATUS_DEAD : STATUS_STOPPED;
	config_messages_free(&errors);
	config_free(&config);
	return result;
}

static int
command_run(const struct server *server, const struct command *command)
{
	if (strcmp(command->word, "status") == 0)
		return status(server, command);
	if (command->dry_run)
		return question(server, "reload --dry-run");
	return tell(server, command);
}

/* Options that mean nothing with the word would promise what is not done. */
static bool
is_sensible(const struct command *command)
{
	bool is_status = strcmp(command->word, "status") == 0;
	bool is_reload = strcmp(command->word, "reload") == 0;

	if (!is_status && signals_of_word(command->word) == 0)
		log_error("-s knows no \"%s\", but status, %s", command->word,
		    signals_words());
	else if ((command->json || command->watch) && !is_status)
		log_error("--json and --watch go with -s status");
	else if (command->dry_run && !is_reload)
		log_error("--dry-run goes with -s reload");
	else
		return true;
	return false;
}

int
master_command(const struct command *command,
    const struct config_source *source)
{
	struct config *config;
	struct server server;
	int result = EXIT_FAILURE;

	if (!is_sensible(command))
		return EXIT_FAILURE;
	config = config_glance(source);
	server.config = config;
	server.pid = pidfile_holder(config->main.pid_file);
	if (server.pid == -1) {
		log_error("cannot read pid_file %s: %s", config->main.pid_file,
		    strerror(errno));
		if (strcmp(command->word, "status") == 0)
			result = STATUS_UNKNOWN;
	} else if (server.pid == 0) {
		result = tell_why_not(source, command, config->main.pid_file);
	} else {
		result = command_run(&server, command);
	}
	config_free(&config);
	return result;
}
