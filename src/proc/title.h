/*
 * title.h - what ps shows for this process
 */
#ifndef PROC_TITLE_H
#define PROC_TITLE_H

/*
 * Takes over the memory of argv and environ (the environment moves away).
 * Called once, first thing in main.
 */
void title_init(int argc, char **argv);

/* "grpcd: worker process 0 (cpu 2)"; cut to the room there is. */
void title_set(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
