/*
 * jitter.c - chance stays within its bounds, and differs between processes
 */
#include <config.h>

#include "base/jitter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static void
test_bounds(void)
{
	int64_t least = INT64_MAX, most = 0, got;

	for (int i = 0; i < 10000; i++) {
		got = jitter(1000000, 10);
		least = got < least ? got : least;
		most = got > most ? got : most;
	}
	ok(least >= 900000 && least < 910000, "10 %% less (%lld)",
	    (long long)least);
	ok(most <= 1100000 && most > 1090000, "10 %% more (%lld)",
	    (long long)most);
	is_int(5, jitter(5, 10), "too little to divide");
	is_int(0, jitter(0, 100), "nothing");
}

static void
test_child(void)
{
	uint64_t ours, theirs = 0;
	int pair[2], status = 1;
	bool good;
	pid_t pid;

	(void)jitter_number();
	if (pipe(pair) == -1)
		exit(99);
	pid = fork();
	if (pid == 0) {
		theirs = jitter_number();
		_exit(write(pair[1], &theirs, sizeof(theirs)) !=
		      sizeof(theirs));
	}
	ours = jitter_number();
	good = read(pair[0], &theirs, sizeof(theirs)) == sizeof(theirs) &&
	       waitpid(pid, &status, 0) == pid;
	ok(good && status == 0 && ours != theirs,
	    "a child has numbers of its own");
	ok(ours != jitter_number(), "and each is another");
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	test_bounds();
	test_child();
	return done();
}
