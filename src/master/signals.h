/*
 * signals.h - the master's signals, read from a descriptor by its loop
 *
 * All signals that one may block are blocked while the master runs: nothing
 * ever runs in a signal handler.
 */
#ifndef MASTER_SIGNALS_H
#define MASTER_SIGNALS_H

#include <signal.h>

struct master;

/*
 * Blocks the signals and opens the signalfd.  The mask as it was is in
 * ret_mask, for children and for the end.  -1 with errno.
 */
int signals_open(sigset_t *ret_mask);

/* Does what each signal that has arrived asks for. */
void signals_read(struct master *m);

/* The signal that `grpcd -s WORD` sends; 0 if there is no such word. */
int signals_of_word(const char *word);

/* "stop, quit, reload" */
const char *signals_words(void);

#endif
