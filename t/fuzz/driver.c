/*
 * driver.c - main of the fuzz targets where there is no libFuzzer
 *
 * Links with one t/fuzz/fuzz_WHAT.c into the test t/fuzz/WHAT.t: runs the
 * target over every file of t/fuzz/corpus/WHAT, then over some thousands of
 * mutations of them, always the same ones.  All of it happens in a child; the
 * parent holds the input of the moment in shared memory, and writes it to
 * WHAT.crash if the child dies of it.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define INPUT_MAX 65536
#define SEEDS_MAX 512
#define MUTATIONS 4000 /* in all; FUZZ_RUNS in the environment changes it */
#define SECONDS 60     /* that the child may run before it counts as hung */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct input {
	size_t len;
	uint8_t bytes[INPUT_MAX];
};

static struct input *now; /* shared with the parent */
static struct input *seeds[SEEDS_MAX];
static size_t n_seeds;

static uint32_t
any(uint32_t below)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below > 0 ? (uint32_t)(state >> 32) % below : 0;
}

/* Puts n bytes of room, or takes n away, at a place of the input. */
static void
shift(struct input *in, size_t at, ptrdiff_t n)
{
	size_t from = n < 0 ? at + (size_t)-n : at;
	size_t to = n < 0 ? at : at + (size_t)n;

	memmove(in->bytes + to, in->bytes + from, in->len - from);
	in->len = in->len - from + to;
}

static void
flip(struct input *in, size_t at, size_t n)
{
	(void)n;
	in->bytes[at] ^= (uint8_t)(1u << any(8));
}

static void
overwrite(struct input *in, size_t at, size_t n)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xff, '\n', '"',
		'%' };

	(void)n;
	in->bytes[at] = any(2) ? edges[any(sizeof(edges))] : (uint8_t)any(256);
}

static void
drop(struct input *in, size_t at, size_t n)
{
	shift(in, at, -(ptrdiff_t)n);
}

static void
repeat(struct input *in, size_t at, size_t n)
{
	if (in->len + n > INPUT_MAX)
		return;
	shift(in, at, (ptrdiff_t)n);
	memcpy(in->bytes + at, in->bytes + at + n, n);
}

static void
borrow(struct input *in, size_t at, size_t n)
{
	const struct input *other = seeds[any((uint32_t)n_seeds)];

	n = n < other->len ? n : other->len;
	memcpy(in->bytes + at,
	    other->bytes + any((uint32_t)(other->len - n + 1)), n);
}

static void
cut(struct input *in, size_t at, size_t n)
{
	(void)n;
	in->len = at;
}

static void (*const mutations[])(struct input *in, size_t at,
    size_t n) = { flip, flip, overwrite, overwrite, drop, repeat, borrow, cut };

static void
mutate(struct input *in)
{
	size_t at, most;

	for (uint32_t i = 0; i <= any(6) && in->len > 0; i++) {
		at = any((uint32_t)in->len);
		most = in->len - at < 64 ? in->len - at : 64;
		mutations[any(sizeof(mutations) / sizeof(*mutations))](in, at,
		    1 + any((uint32_t)most));
	}
}

static void
take(const struct input *seed)
{
	now->len = seed->len;
	memcpy(now->bytes, seed->bytes, seed->len);
}

/* From memory of exactly that size, so that a sanitizer sees an overrun. */
static void
run(const struct input *in)
{
	uint8_t *copy = malloc(in->len ? in->len : 1);

	if (!copy)
		abort();
	memcpy(copy, in->bytes, in->len);
	LLVMFuzzerTestOneInput(copy, in->len);
	free(copy);
}

static void
run_all(void)
{
	const char *runs = getenv("FUZZ_RUNS");

	alarm(SECONDS);
	now->len = 0;
	run(now);
	for (size_t i = 0; i < n_seeds; i++) {
		take(seeds[i]);
		run(now);
	}
	for (long left = runs ? atol(runs) : MUTATIONS; left > 0; left--) {
		take(seeds[any((uint32_t)n_seeds)]);
		mutate(now);
		run(now);
	}
}

static void
read_seed(int dir, const char *name)
{
	struct input *in = calloc(1, sizeof(*in));
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 || !in ? -1 : read(fd, in->bytes, INPUT_MAX);

	if (fd != -1)
		close(fd);
	if (n < 0 || n_seeds == SEEDS_MAX) {
		free(in);
		return;
	}
	in->len = (size_t)n;
	seeds[n_seeds++] = in;
}

static void
read_corpus(const char *what)
{
	const char *top = getenv("top_srcdir");
	struct dirent **names;
	char path[4096];
	int dir, n;

	snprintf(path, sizeof(path), "%s/t/fuzz/corpus/%s", top ? top : ".",
	    what);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.')
			read_seed(dir, names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	if (dir != -1)
		close(dir);
}

static void
keep_input(const char *what)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s.crash", what);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd == -1 || write(fd, now->bytes, now->len) == -1)
		printf("# cannot write %s: %s\n", path, strerror(errno));
	else
		printf("# the input is in %s\n", path);
	if (fd != -1)
		close(fd);
}

int
main(int argc, char **argv)
{
	char *what = program_invocation_short_name;
	int status = -1;
	pid_t child;

	now = mmap(NULL, sizeof(*now), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (now == MAP_FAILED)
		return 99;
	what[strcspn(what, ".")] = '\0';
	for (int i = 1; i < argc; i++)
		read_seed(AT_FDCWD, argv[i]);
	if (argc == 1)
		read_corpus(what);
	ok(n_seeds > 0, "%s has %zu inputs to begin with", what, n_seeds);
	fflush(stdout);
	child = n_seeds > 0 ? fork() : -1;
	if (child == 0) {
		run_all();
		exit(0);
	}
	if (child > 0)
		waitpid(child, &status, 0);
	if (!ok(status == 0, "%s takes them and mutations of them", what))
		keep_input(what);
	return done();
}
