/*
 * heritage.c - what a child does with what it got: keep this, give up that
 *
 * Runs in children of the master, right after fork, before any thread.
 */
#include <config.h>

#include "proc/heritage.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config/config.h"

/* Descriptors first to last; close_range(2) came with Linux 5.9. */
static void
close_from_to(unsigned first, unsigned last)
{
	long end;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, last, 0) == 0)
		return;
#endif
	end = sysconf(_SC_OPEN_MAX);
	if (end < 0 || end > INT_MAX)
		end = INT_MAX;
	for (unsigned fd = first; fd <= last && fd < (unsigned)end; fd++)
		close((int)fd);
}

void
heritage_keep(const int *fds, size_t n)
{
	unsigned first = STDERR_FILENO + 1, kept;

	for (;;) {
		kept = UINT_MAX; /* the least of them from first on */
		for (size_t i = 0; i < n; i++) {
			if (fds[i] >= 0 && (unsigned)fds[i] >= first &&
			    (unsigned)fds[i] < kept)
				kept = (unsigned)fds[i];
		}
		if (kept > first)
			close_from_to(first, kept - 1);
		if (kept == UINT_MAX)
			return;
		first = kept + 1;
	}
}

/* Writes what failed; returns it. */
__attribute__((format(printf, 1, 2))) static const char *
failure(const char *fmt, ...)
{
	static char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return text;
}

/* Who to become. */
struct identity {
	const char *name;
	uid_t uid;
	gid_t gid;
};

static const char *
choose_identity(const struct config *config, struct identity *ret)
{
	const struct config_user *user = &config->main.user;
	const struct config_group *group = &config->main.group;
	const struct passwd *nobody;

	if (user->set) {
		*ret = (struct identity){ user->name, user->uid, user->gid };
	} else {
		nobody = getpwnam("nobody");
		if (nobody == NULL)
			return "there is no user \"nobody\"; set user in the "
			       "config";
		*ret = (struct identity){ "nobody", nobody->pw_uid,
			nobody->pw_gid };
	}
	if (group->set)
		ret->gid = group->gid;
	if (ret->uid == 0)
		return failure("user \"%s\" is root itself; set user to one "
			       "without privileges",
		    ret->name);
	return NULL;
}

/*
 * setresuid takes the capabilities away unless a secure bit inherited from
 * whoever started us keeps them (capabilities(7)): hence explicitly, too.
 */
static int
drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return (int)syscall(SYS_capset, &head, none);
}

static const char *
become(const struct identity *who)
{
	if (initgroups(who->name, who->gid) == -1)
		return failure("cannot take the groups of user \"%s\": %s",
		    who->name, strerror(errno));
	if (setresgid(who->gid, who->gid, who->gid) == -1)
		return failure("cannot become group %u: %s", (unsigned)who->gid,
		    strerror(errno));
	if (setresuid(who->uid, who->uid, who->uid) == -1)
		return failure("cannot become user \"%s\": %s", who->name,
		    strerror(errno));
	if (drop_capabilities() == -1)
		return failure("cannot drop the capabilities: %s",
		    strerror(errno));
	return NULL;
}

/* Tries to go back: an identity is lost only if that fails. */
static const char *
verify(const struct identity *who)
{
	if (setresuid((uid_t)-1, 0, (uid_t)-1) != -1 || setuid(0) != -1)
		return failure("user \"%s\" could become root again",
		    who->name);
	if (who->gid != 0 &&
	    (setresgid((gid_t)-1, 0, (gid_t)-1) != -1 || setgid(0) != -1))
		return failure("user \"%s\" could take root's group again",
		    who->name);
	return NULL;
}

const char *
heritage_drop_privileges(const struct config *config)
{
	struct identity who;
	const char *wrong;

	if (geteuid() != 0)
		return NULL;
	wrong = choose_identity(config, &who);
	if (wrong == NULL)
		wrong = become(&who);
	if (wrong == NULL)
		wrong = verify(&who);
	return wrong;
}
