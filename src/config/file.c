/*
 * file.c - the bytes of a file, whatever its path leads to
 *
 * Runs in the master, also while it serves: it must never block, nor read
 * without end.
 */
#include <config.h>

#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "config/memory.h"

#define PIECE 4096 /* bytes a read */

/* Bytes that a file of file_load may have: a bundle of CAs has 200k. */
#define FILE_LOAD_MAX ((size_t)16 << 20)

/*
 * Opens a regular file and nothing else, and sets its len to the size that it
 * has now; NULL, or why not.
 */
static const char *
open_regular(struct file *file, int *ret_fd)
{
	struct stat st;
	const char *why = NULL;
	/* Non-blocking: the open of a FIFO would wait for its writer. */
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return strerror(errno);
	if (fstat(fd, &st) == -1)
		why = strerror(errno);
	else if (S_ISDIR(st.st_mode))
		why = "it is a directory; a file is wanted";
	else if (!S_ISREG(st.st_mode))
		why = "it is no regular file";
	if (why != NULL) {
		close(fd);
		return why;
	}
	file->len = (size_t)st.st_size;
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	*ret_fd = fd;
	return NULL;
}

/* Reads to the end of fd; NULL, or why not. */
static const char *
read_all(int fd, size_t max, struct buffer *into)
{
	ssize_t got;

	do {
		uint8_t *room = buffer_reserve(into, PIECE);

		if (room == NULL)
			return strerror(ENOMEM);
		got = read(fd, room, PIECE);
		if (got == -1 && errno != EINTR)
			return strerror(errno);
		if (got > 0)
			buffer_added(into, (size_t)got);
		if (buffer_length(into) > max)
			return "with it the configuration is larger than 16m";
	} while (got != 0);
	return NULL;
}

const char *
file_read(struct file *file, size_t max, struct memory *memory)
{
	struct buffer bytes = BUFFER_INIT;
	int fd = -1;
	const char *why = open_regular(file, &fd);

	if (why != NULL)
		return why;
	why = read_all(fd, max, &bytes);
	if (why == NULL) {
		file->len = buffer_length(&bytes);
		file->text =
		    memory_copy(memory, buffer_bytes(&bytes), file->len);
	}
	buffer_release(&bytes);
	close(fd);
	return why;
}

/* Reads exactly the size that was found; NULL, or why not. */
static const char *
read_exactly(int fd, const struct file *file)
{
	size_t len = 0;
	ssize_t got;

	while (len < file->len) {
		got = read(fd, file->text + len, file->len - len);
		if (got == 0)
			return "it became shorter while it was read";
		if (got == -1 && errno != EINTR)
			return strerror(errno);
		if (got > 0)
			len += (size_t)got;
	}
	return NULL;
}

const char *
file_load(struct file *file, bool secret, struct memory *memory)
{
	int fd = -1;
	const char *why = open_regular(file, &fd);

	if (why != NULL)
		return why;
	if (file->len > FILE_LOAD_MAX) {
		close(fd);
		return "it is larger than 16m";
	}
	file->text = secret ? memory_secret(memory, file->len + 1)
			    : memory_alloc(memory, file->len + 1);
	why = read_exactly(fd, file);
	close(fd);
	return why;
}

bool
file_same(const struct file *a, const struct file *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}
