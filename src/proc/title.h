/*
 * title.h - what ps shows for this process
 */
#ifndef PROC_TITLE_H
#define PROC_TITLE_H

/*
 * Takes over the memory of argv and environ, whose strings move away.  Called
 * once, first thing in main, before anything keeps a pointer to them.  Where
 * that memory cannot be found the title stays what it is.
 */
void title_init(int argc, char **argv);

/* "grpcd: worker process 0 (cpu 2)"; cut to the room there is. */
void title_set(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
