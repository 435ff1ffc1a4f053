/*
 * pidfile.h - the file that names the master, and that only one may hold
 *
 * Held by a lock of fcntl(2), which belongs to the process: no child inherits
 * it, and it goes with the master however that dies.  A process must not open
 * and close the file again while it holds it: any close drops the lock.
 */
#ifndef MASTER_PIDFILE_H
#define MASTER_PIDFILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "config/config.h"

struct pidfile {
	char *path; /* NULL: there is none */
	int fd;
};

#define PIDFILE_INIT     \
	{                \
		NULL, -1 \
	}

/* Makes the file if it is missing, and locks it; false with an error. */
bool pidfile_open(struct pidfile *p, const char *path,
    struct config_messages *errors);

/* Writes our process number; false with an error. */
bool pidfile_write(struct pidfile *p, struct config_messages *errors);

/* Removes the file, if it is still ours, and gives the lock up. */
void pidfile_close(struct pidfile *p);

/* True if path is the file that p holds. */
bool pidfile_is(const struct pidfile *p, const char *path);

/*
 * Who holds the file of that name: a process number, 0 if nobody does (or it is
 * not there), -1 with errno.
 */
pid_t pidfile_holder(const char *path);

#endif
