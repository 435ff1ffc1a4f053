/*
 * heritage.c - descriptors kept and privileges given up, in children
 */
#include <config.h>

#include "proc/heritage.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/config.h"
#include "tap.h"

/* Runs a test in a child; its exit status, 0 if all was as expected. */
static int
in_child(int (*test)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(test());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The first of 512 descriptors that is open or closed against expectation. */
static int
keep_some(void)
{
	static const int kept[] = { 300, -1, 5, 4, 5, 299, 0 };

	for (int fd = 3; fd < 512; fd++)
		dup2(STDOUT_FILENO, fd);
	heritage_keep(kept, sizeof(kept) / sizeof(*kept));
	for (int fd = 0; fd < 512; fd++) {
		bool is_open = fcntl(fd, F_GETFD) != -1, expected = fd <= 2;

		for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
			expected |= fd == kept[i];
		if (is_open != expected) {
			printf("# descriptor %d\n", fd);
			return 1;
		}
	}
	return 0;
}

/* As a kernel that has no close_range(2). */
static int
keep_some_without_close_range(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(*filter),
		filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1)
		return 77;
	return keep_some();
}

static int
keep_nothing(void)
{
	heritage_keep(NULL, 0);
	return fcntl(2, F_GETFD) == -1 || fcntl(3, F_GETFD) != -1;
}

static void
test_keep(void)
{
	int status;

	dup2(STDOUT_FILENO, 3);
	is_int(0, in_child(keep_some), "just those named are kept");
	is_int(0, in_child(keep_nothing), "or none");
	status = in_child(keep_some_without_close_range);
	if (status == 77)
		ok(true, "old kernel # SKIP no seccomp filter here");
	else
		is_int(0, status, "on an old kernel as well");
}

static struct config config;

/* True if /proc/self/status has this line. */
static bool
status_has(const char *line)
{
	FILE *file = fopen("/proc/self/status", "r");
	char text[512];
	bool found = false;

	while (file != NULL && fgets(text, sizeof(text), file) != NULL)
		found |= strcmp(text, line) == 0;
	if (file != NULL)
		fclose(file);
	if (!found)
		printf("# no %s", line);
	return found;
}

/* 0 if this process has become uid and gid for good. */
static int
become(uid_t uid, gid_t gid)
{
	static const char *const lines[] = { "CapInh:\t0000000000000000\n",
		"CapPrm:\t0000000000000000\n", "CapEff:\t0000000000000000\n",
		"CapAmb:\t0000000000000000\n" };
	const char *wrong = heritage_drop_privileges(&config);
	uid_t ids[3];
	gid_t gids[3], groups[64];
	int n_groups;

	if (wrong != NULL) {
		printf("# %s\n", wrong);
		return 1;
	}
	getresuid(&ids[0], &ids[1], &ids[2]);
	getresgid(&gids[0], &gids[1], &gids[2]);
	for (int i = 0; i < 3; i++) {
		if (ids[i] != uid || gids[i] != gid)
			return 2;
	}
	n_groups = getgroups(64, groups);
	for (int i = 0; i < n_groups; i++) {
		if (groups[i] == 0)
			return 3;
	}
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		if (!status_has(lines[i]))
			return 4;
	}
	return setuid(0) == 0 ? 5 : 0;
}

static int
become_nobody(void)
{
	const struct passwd *nobody = getpwnam("nobody");

	return become(nobody->pw_uid, nobody->pw_gid);
}

static int
become_somebody(void)
{
	config.main.user = (struct config_user){
		.set = true, .uid = 4711, .gid = 4712, .name = "4711"
	};
	return become(4711, 4712);
}

static int
become_somebody_in_group(void)
{
	config.main.group =
	    (struct config_group){ .set = true, .gid = 4713, .name = "4713" };
	config.main.user = (struct config_user){
		.set = true, .uid = 4711, .gid = 4712, .name = "4711"
	};
	return become(4711, 4713);
}

static int
become_nobody_keeping_capabilities(void)
{
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	return become_nobody();
}

static int
become_root(void)
{
	const char *wrong;

	config.main.user = (struct config_user){ .set = true, .name = "root" };
	wrong = heritage_drop_privileges(&config);
	return wrong == NULL || strstr(wrong, "\"root\"") == NULL;
}

static int
stay(void)
{
	uid_t before = getuid();

	if (before == 0 && (setgid(4712) == -1 || setuid(4711) == -1))
		return 1;
	before = getuid();
	if (heritage_drop_privileges(&config) != NULL)
		return 2;
	return getuid() != before;
}

static void
test_privileges(void)
{
	static const struct {
		int (*test)(void);
		const char *what;
	} tests[] = {
		{ become_nobody, "nobody by default" },
		{ become_somebody, "the user of the config" },
		{ become_somebody_in_group, "and its group" },
		{ become_nobody_keeping_capabilities,
		    "no capability, even where they are to be kept" },
		{ become_root, "root as the user is refused" },
	};

	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		if (geteuid() != 0)
			ok(true, "%s # SKIP needs root", tests[i].what);
		else
			is_int(0, in_child(tests[i].test), "%s", tests[i].what);
	}
	is_int(0, in_child(stay), "without root nothing changes");
}

int
main(void)
{
	test_keep();
	test_privileges();
	return done();
}
