/*
 * file.h - the bytes of a file, whatever its path leads to
 */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct memory;

struct file {
	const char *path;
	char *text; /* with a zero byte behind it, and perhaps in it */
	size_t len;
	dev_t dev;
	ino_t ino;
};

/*
 * Reads a regular file of at most max bytes, whose path is set; sets the rest.
 * NULL, or why it cannot.
 */
const char *file_read(struct file *file, size_t max, struct memory *memory);

/*
 * Reads the bytes of a file that is no configuration: its path is set, and it
 * is regular and of at most 16m.  A secret is read into memory_secret,
 * and passes through no other memory.  NULL, or why it cannot.
 */
const char *file_load(struct file *file, bool secret, struct memory *memory);

/* Are both the same file, by whatever paths? */
bool file_same(const struct file *a, const struct file *b);

#endif
