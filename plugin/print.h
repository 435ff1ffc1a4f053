/*
 * print.h - C code in lines of 80 columns
 */
#ifndef PLUGIN_PRINT_H
#define PLUGIN_PRINT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Prints a line of code, whose indent are tabs, and ends it.  Where it is too
 * long it goes on in the next line, four columns to the right.
 */
void print_line(FILE *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints lines of text as a comment, with that many tabs in front. */
void print_comment(FILE *out, unsigned tabs, const char *text);

/* Ends the line, and prints bytes as string literals in lines of their own,
 * without an end of the last. */
void print_bytes(FILE *out, const uint8_t *bytes, size_t len);

#endif
