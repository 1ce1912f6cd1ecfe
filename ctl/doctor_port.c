/* SPDX-License-Identifier: Apache-2.0 */
/* Who has a port that the daemon wants, from /proc/net/tcp and the descriptors of processes. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "util/cleanup.h"

enum { PATH_TEXT_MAX = 512, LISTENS = 0x0a };

/* The inode of a socket that listens there; 0: none. */
static unsigned long listener_in(const char *root, const char *table, unsigned port)
{
	char path[PATH_TEXT_MAX], line[512];
	snprintf(path, sizeof path, "%s/proc/net/%s", root, table);
	_cleanup_file_ FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file)) {
		unsigned local, state;
		unsigned long inode;
		if (sscanf(line,
			    " %*[0-9]: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*s %*s "
			    "%lu",
			    &local, &state, &inode) == 3 &&
			local == port && state == LISTENS)
			return inode;
	}
	return 0;
}

static bool has_socket(const char *root, const char *pid, unsigned long inode)
{
	char path[PATH_TEXT_MAX], wanted[64], target[128];
	bool found_it = false;
	snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
	snprintf(path, sizeof path, "%s/proc/%.16s/fd", root, pid);
	_cleanup_directory_ DIR *directory = opendir(path);
	for (struct dirent *entry; directory && !found_it && (entry = readdir(directory));) {
		ssize_t length =
			readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		found_it = !strcmp(target, wanted);
	}
	return found_it;
}

/* "tgtd (812)"; "" when it is the kernel's own socket, or only root may see whose it is. */
static void owner_of(const char *root, unsigned long inode, char *ret, size_t size)
{
	char path[PATH_TEXT_MAX], comm[64];
	*ret = '\0';
	snprintf(path, sizeof path, "%s/proc", root);
	_cleanup_directory_ DIR *directory = opendir(path);
	for (struct dirent *entry; directory && !*ret && (entry = readdir(directory));) {
		if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name) ||
			!has_socket(root, entry->d_name, inode))
			continue;
		snprintf(path, sizeof path, "%s/proc/%.16s/comm", root, entry->d_name);
		_cleanup_file_ FILE *file = fopen(path, "re");
		if (!file || !fgets(comm, sizeof comm, file))
			snprintf(comm, sizeof comm, "a process");
		snprintf(ret, size, "%.*s (%.16s)", (int)strcspn(comm, "\n"), comm, entry->d_name);
	}
}

void doctor_port(struct findings *findings, const char *root, unsigned port, bool is_root)
{
	static const char *const tables[] = {"tcp", "tcp6"};
	char owner[128], remedy[160];
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		unsigned long inode = listener_in(root, tables[i], port);
		if (inode == 0)
			continue;
		owner_of(root, inode, owner, sizeof owner);
		snprintf(remedy, sizeof remedy,
			"Stop it, or set another listen in section [portal]; ss -ltnp 'sport = %u' "
			"shows more.",
			port);
		found(findings, DOCTOR_WARNING, "portal", remedy, "port %u is taken by %s", port,
			*owner    ? owner
			: is_root ? "the kernel's own iSCSI target"
				  : "somebody (only root sees who)");
		return;
	}
}
