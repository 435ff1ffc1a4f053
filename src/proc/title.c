/*
 * title.c - what ps shows for this process
 *
 * Runs in every process of the server.  Linux shows the memory in which exec
 * put the arguments, and goes on into that of the environment behind it where
 * the end of the arguments was overwritten (proc(5), /proc/PID/cmdline).
 */
#include <config.h>

#include "proc/title.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The memory of the title; NULL and 0 until it has been found. */
static char *room;
static size_t room_size;

/* What stood in it: for ever, since nobody knows who points to it. */
static char *copy;

#define ARG_START 48 /* fields of /proc/PID/stat: 48 to 51 */

/* Asks the kernel where exec put the arguments and the environment. */
static bool
find_memory(uintptr_t *ret_start, uintptr_t *ret_end)
{
	unsigned long arg_start, arg_end, env_start, env_end;
	FILE *file = fopen("/proc/self/stat", "re");
	char text[2048], *c;
	size_t len;

	if (file == NULL)
		return false;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	c = strrchr(text, ')'); /* field 2, which may hold anything */
	for (int field = 2; c != NULL && field < ARG_START; field++)
		c = strchr(c + 1, ' ');
	if (c == NULL ||
	    sscanf(c, "%lu %lu %lu %lu", &arg_start, &arg_end, &env_start,
		&env_end) != 4 ||
	    arg_start == 0 || arg_end <= arg_start)
		return false;
	*ret_start = arg_start;
	*ret_end =
	    env_start == arg_end && env_end > env_start ? env_end : arg_end;
	return true;
}

/* Has a string of the memory point to its place in the copy. */
static void
move_away(char **string, uintptr_t start, uintptr_t end)
{
	uintptr_t at = (uintptr_t)*string;

	if (at >= start && at < end)
		*string = copy + (at - start);
}

void
title_init(int argc, char **argv)
{
	uintptr_t start, end;

	if (argc < 1 || !find_memory(&start, &end))
		return;
	/* Not so under an emulator, where the kernel means other memory. */
	if ((uintptr_t)argv[0] < start || (uintptr_t)argv[0] >= end)
		return;
	copy = malloc(end - start);
	if (copy == NULL)
		return;
	memcpy(copy, (const char *)start, end - start);
	for (int i = 0; i < argc; i++)
		move_away(&argv[i], start, end);
	for (char **variable = environ; *variable != NULL; variable++)
		move_away(variable, start, end);
	/* The C library keeps these for its own messages, see error(3). */
	move_away(&program_invocation_name, start, end);
	move_away(&program_invocation_short_name, start, end);
	room = (char *)start;
	room_size = end - start;
}

void
title_set(const char *fmt, ...)
{
	va_list args;
	int len;

	if (room == NULL)
		return;
	va_start(args, fmt);
	len = vsnprintf(room, room_size, fmt, args);
	va_end(args);
	if (len >= 0 && (size_t)len < room_size)
		memset(room + len, '\0', room_size - (size_t)len);
}
