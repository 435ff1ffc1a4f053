/*
 * holder.c - which process has a listening socket
 *
 * Compares inodes: those of /proc/net/tcp, tcp6 and unix at the address with
 * those of /proc/PID/fd (proc(5)).
 */
#include <config.h>

#include "sock/holder.h"

#include <dirent.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define STATE_LISTEN 0x0a              /* TCP_LISTEN, in /proc/net/tcp */
#define FLAG_ACCEPTS UINT32_C(0x10000) /* __SO_ACCEPTCON, /proc/net/unix */

/* The inodes of the listening sockets at an address. */
struct listeners {
	uint64_t *inodes;
	size_t n, room;
	bool complete; /* no memory ran out */
};

static void
listeners_add(struct listeners *l, uint64_t inode)
{
	size_t room = l->n * 2 + 16;
	uint64_t *inodes;

	if (l->n == l->room) {
		inodes = reallocarray(l->inodes, room, sizeof(*inodes));
		if (inodes == NULL) {
			l->complete = false;
			return;
		}
		l->inodes = inodes;
		l->room = room;
	}
	l->inodes[l->n++] = inode;
}

/* Takes one out; the last moves into its place. */
static void
listeners_take(struct listeners *l, uint64_t inode)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->inodes[i] == inode) {
			l->inodes[i] = l->inodes[--l->n];
			return;
		}
	}
}

/* A row of /proc/net/tcp or tcp6; an IPv4 address is in ip[0]. */
struct row {
	uint32_t ip[4];
	unsigned port, state;
	uint64_t inode;
};

/* A word of an address is printed as the number that its bytes are here. */
static bool
parse_row(const char *line, struct row *ret)
{
	const char *c = strchr(line, ':');
	char hex[33];
	int n;

	*ret = (struct row){ .port = 0 };
	if (c == NULL ||
	    sscanf(c + 1, " %32[0-9A-F]:%X %*s %X %*s %*s %*s %*u %*u %" SCNu64,
		hex, &ret->port, &ret->state, &ret->inode) != 4)
		return false;
	for (int i = 0; i < 4 && hex[i * 8] != '\0'; i++) {
		if (sscanf(hex + i * 8, "%8" SCNx32 "%n", &ret->ip[i], &n) !=
			1 ||
		    n != 8)
			return false;
	}
	return true;
}

static bool
is_any(const uint32_t ip[4])
{
	return (ip[0] | ip[1] | ip[2] | ip[3]) == 0;
}

/* Two addresses overlap if they are the same or one is the wildcard. */
static bool
overlaps(const struct row *row, const uint32_t ip[4], in_port_t port)
{
	return row->state == STATE_LISTEN && row->port == ntohs(port) &&
	       (is_any(row->ip) || is_any(ip) ||
		   memcmp(row->ip, ip, sizeof(row->ip)) == 0);
}

/* Adds the rows of a table that overlap with ip and port. */
static void
add_rows(struct listeners *l, const char *table, const uint32_t ip[4],
    in_port_t port)
{
	FILE *file = fopen(table, "re");
	char line[512];
	struct row row;

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (parse_row(line, &row) && overlaps(&row, ip, port))
			listeners_add(l, row.inode);
	}
	fclose(file);
}

static void
add_ipv4(struct listeners *l, const struct sockaddr_in *in)
{
	static const uint32_t any[4];
	uint32_t ip[4] = { in->sin_addr.s_addr };

	add_rows(l, "/proc/net/tcp", ip, in->sin_port);
	/*
	 * Only a dual wildcard can be in the way now, but the table does not
	 * show which wildcards are dual: hence not before.
	 */
	if (l->n == 0)
		add_rows(l, "/proc/net/tcp6", any, in->sin_port);
}

static void
add_ipv6(struct listeners *l, const struct sockaddr_in6 *in6, bool dual)
{
	uint32_t ip[4];

	memcpy(ip, &in6->sin6_addr, sizeof(ip));
	add_rows(l, "/proc/net/tcp6", ip, in6->sin6_port);
	if (dual)
		add_rows(l, "/proc/net/tcp", ip, in6->sin6_port);
}

/* Rows: "NUM: REFCOUNT PROTOCOL FLAGS TYPE STATE INODE PATH", in hex. */
static void
add_unix(struct listeners *l, const struct sockaddr_un *un)
{
	FILE *file = fopen("/proc/net/unix", "re");
	char line[512];
	uint32_t flags;
	uint64_t inode;
	int path;

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		path = 0;
		if (sscanf(line,
			"%*s %*s %*s %" SCNx32 " %*s %*s %" SCNu64 "%n", &flags,
			&inode, &path) != 2)
			continue;
		if (flags & FLAG_ACCEPTS && line[path] == ' ' &&
		    strcmp(line + path + 1, un->sun_path) == 0)
			listeners_add(l, inode);
	}
	fclose(file);
}

static void
listeners_find(struct listeners *l, const struct address *address)
{
	const void *sa = &address->sa;

	if (address->sa.ss_family == AF_UNIX)
		add_unix(l, sa);
	else if (address->sa.ss_family == AF_INET)
		add_ipv4(l, sa);
	else
		add_ipv6(l, sa, address->dual);
}

/* Takes out the sockets that process pid has open. */
static void
take_held(struct listeners *l, pid_t pid)
{
	char path[64], link[64];
	struct dirent *entry;
	uint64_t inode;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		len = readlinkat(dirfd(dir), entry->d_name, link,
		    sizeof(link) - 1);
		link[len > 0 ? len : 0] = '\0';
		if (sscanf(link, "socket:[%" SCNu64 "]", &inode) == 1)
			listeners_take(l, inode);
	}
	closedir(dir);
}

/* The parent of a process, 0 if it is gone; proc(5), /proc/PID/stat. */
static pid_t
parent_of(pid_t pid)
{
	char path[64], text[512], *name_end;
	int parent = 0;
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	name_end = strrchr(text, ')'); /* the name may hold anything */
	if (name_end == NULL || sscanf(name_end, ") %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static void
take_held_by_children(struct listeners *l, pid_t parent)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	pid_t pid;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0 && parent_of(pid) == parent)
			take_held(l, pid);
	}
	closedir(dir);
}

bool
holder_is(const struct address *address, pid_t pid)
{
	struct listeners l = { .complete = true };
	bool held = false;

	listeners_find(&l, address);
	if (l.complete && l.n > 0) {
		take_held(&l, pid);
		if (l.n > 0)
			take_held_by_children(&l, pid);
		held = l.n == 0;
	}
	free(l.inodes);
	return held;
}
