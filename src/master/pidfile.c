/*
 * pidfile.c - the file that names the master, and that only one may hold
 *
 * Runs in the master, and in `grpcd -s` and `grpcd -t`, which only ask who
 * holds it.
 */
#include <config.h>

#include "master/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIDFILE_MODE 0644

static bool
same_file(int fd, const char *path)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && stat(path, &named) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* The process that has the file locked; 0 if none, -1 with errno. */
static pid_t
holder_of(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_GETLK, &lock) == -1)
		return -1;
	return lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}

/* Opens and locks; -1 with an error. */
static int
open_locked(const char *path, struct config_messages *errors)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, PIDFILE_MODE);
	if (fd == -1) {
		config_message(errors, NULL, 0, "cannot open pid_file %s: %s",
		    path, strerror(errno));
		return -1;
	}
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return fd;
	if (errno == EACCES || errno == EAGAIN)
		config_message(errors, NULL, 0,
		    "pid_file %s is locked by process %d: grpcd is running "
		    "already",
		    path, (int)holder_of(fd));
	else
		config_message(errors, NULL, 0, "cannot lock pid_file %s: %s",
		    path, strerror(errno));
	close(fd);
	return -1;
}

bool
pidfile_open(struct pidfile *p, const char *path,
    struct config_messages *errors)
{
	int fd;

	for (;;) {
		fd = open_locked(path, errors);
		if (fd == -1)
			return false;
		/* Whoever held it may have removed it before it let go. */
		if (same_file(fd, path))
			break;
		close(fd);
	}
	p->path = strdup(path);
	if (p->path == NULL) {
		config_message(errors, NULL, 0, "out of memory");
		close(fd);
		return false;
	}
	p->fd = fd;
	return true;
}

bool
pidfile_write(struct pidfile *p, struct config_messages *errors)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	errno = ENOSPC; /* of a short write */
	if (ftruncate(p->fd, 0) == 0 &&
	    pwrite(p->fd, text, (size_t)len, 0) == len)
		return true;
	config_message(errors, NULL, 0, "cannot write pid_file %s: %s", p->path,
	    strerror(errno));
	return false;
}

void
pidfile_close(struct pidfile *p)
{
	if (p->path == NULL)
		return;
	if (same_file(p->fd, p->path))
		unlink(p->path);
	close(p->fd);
	free(p->path);
	p->path = NULL;
	p->fd = -1;
}

bool
pidfile_is(const struct pidfile *p, const char *path)
{
	return p->path != NULL && same_file(p->fd, path);
}

pid_t
pidfile_holder(const char *path)
{
	pid_t holder;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	holder = holder_of(fd);
	close(fd);
	return holder;
}
