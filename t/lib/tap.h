/*
 * tap.h - unit tests that speak the Test Anything Protocol
 *
 *	int
 *	main(void)
 *	{
 *		ok(1 + 1 == 2, "addition");
 *		is_int(2, 1 + 1, "addition again");
 *		is_text("ab", join("a", "b"), "joined");
 *		return done();
 *	}
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

#define ok(condition, ...) tap_ok((condition), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(expected, got, ...) \
	tap_is_int((expected), (got), __FILE__, __LINE__, __VA_ARGS__)
#define is_text(expected, got, ...) \
	tap_is_text((expected), (got), __FILE__, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 4, 5), unused)) static bool
tap_ok(bool passed, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	tap_count++;
	tap_failed += !passed;
	printf("%sok %d - ", passed ? "" : "not ", tap_count);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	if (!passed)
		printf("# at %s:%d\n", file, line);
	fflush(stdout);
	return passed;
}

#define tap_is_int(expected, got, file, line, ...)                           \
	do {                                                                 \
		long long e_ = (long long)(expected), g_ = (long long)(got); \
		if (!tap_ok(e_ == g_, file, line, __VA_ARGS__))              \
			printf("# expected %lld, got %lld\n", e_, g_);       \
	} while (0)

#define tap_is_text(expected, got, file, line, ...)                         \
	do {                                                                \
		const char *e_ = (expected), *g_ = (got);                   \
		bool same_ = e_ == g_ || (e_ && g_ && strcmp(e_, g_) == 0); \
		if (!tap_ok(same_, file, line, __VA_ARGS__))                \
			printf("# expected \"%s\"\n# got      \"%s\"\n",    \
			    e_ ? e_ : "(NULL)", g_ ? g_ : "(NULL)");        \
	} while (0)

/* Prints the plan; what main returns. */
__attribute__((unused)) static int
done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#endif
