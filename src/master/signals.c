/*
 * signals.c - the master's signals, read from a descriptor by its loop
 *
 * Runs in the master.  signals.def says which function of the master each
 * signal calls; they run between two turns of the loop, as any other code.
 */
#include <config.h>

#include "master/signals.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "master/logs.h"
#include "master/reload.h"
#include "master/state.h"

static const struct row {
	int number;
	const char *name;
	const char *word;
	void (*act)(struct master *m);
	const char *help;
} rows[] = {
#define SIGNAL(name, word, function, help) \
	{ SIG##name, #name, word, function, help },
#include "master/signals.def"
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/*
 * Not to be blocked: the kernel kills whoever blocks a fault, and a master that
 * ignores what a terminal uses to suspend a job could not be suspended.
 */
static const int unblocked[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
	SIGSYS, SIGABRT, SIGTSTP, SIGTTIN, SIGTTOU };

int
signals_open(sigset_t *ret_mask)
{
	sigset_t all, ours;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(unblocked) / sizeof(unblocked[0]); i++)
		sigdelset(&all, unblocked[i]);
	sigemptyset(&ours);
	for (size_t i = 0; i < N_ROWS; i++) {
		sigaddset(&ours, rows[i].number);
		/*
		 * A shell starts background jobs with INT and QUIT ignored, and
		 * whoever ignores CHLD gets no status of its children.
		 */
		signal(rows[i].number, SIG_DFL);
	}
	sigprocmask(SIG_SETMASK, &all, ret_mask);
	return signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The terminal's come from the kernel, from no process. */
static void
log_signal(const struct row *row, const struct signalfd_siginfo *info)
{
	if (row->help == NULL)
		return;
	if (info->ssi_pid == 0)
		log_notice("signal %s", row->name);
	else
		log_notice("signal %s from process %u (user %u)", row->name,
		    info->ssi_pid, info->ssi_uid);
}

/*
 * A terminal tells all that run on it when its window changes.  Its WINCH comes
 * from the kernel; what an operator sends, from a process.
 */
static bool
is_resize(const struct signalfd_siginfo *info)
{
	return info->ssi_signo == SIGWINCH && info->ssi_code == SI_KERNEL;
}

/* Keeps what has arrived at the place of its row. */
static void
take(struct signalfd_siginfo taken[N_ROWS], const struct signalfd_siginfo *info)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if ((uint32_t)rows[i].number == info->ssi_signo)
			taken[i] = *info;
}

void
signals_read(struct master *m)
{
	struct signalfd_siginfo taken[N_ROWS] = { 0 }, info;

	while (read(m->signals, &info, sizeof(info)) == sizeof(info))
		if (!is_resize(&info))
			take(taken, &info);
	for (size_t i = 0; i < N_ROWS; i++) {
		if (taken[i].ssi_signo == 0)
			continue;
		log_signal(&rows[i], &taken[i]);
		rows[i].act(m);
	}
}

int
signals_of_word(const char *word)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].word != NULL && strcmp(rows[i].word, word) == 0)
			return rows[i].number;
	return 0;
}

const char *
signals_words(void)
{
	static char words[64];

	if (words[0] != '\0')
		return words;
	for (size_t i = 0; i < N_ROWS; i++) {
		if (rows[i].word == NULL)
			continue;
		if (words[0] != '\0')
			strcat(words, ", ");
		strcat(words, rows[i].word);
	}
	return words;
}
