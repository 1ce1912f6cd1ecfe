/* SPDX-License-Identifier: Apache-2.0 */
#include "util/file_open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"

/* For a directory the kernel says ENOTDIR of a link that it does not follow. */
static int explain(int at, const char *name, int error)
{
	struct stat st;
	if (error == ENOTDIR && fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISLNK(st.st_mode))
		return -ELOOP;
	return -error;
}

static int open_in(int at, const char *name, int flags, mode_t mode)
{
	int fd = openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
	return fd < 0 ? explain(at, name, errno) : fd;
}

int file_open_walking(const char *path, int flags, mode_t mode)
{
	char names[PATH_MAX], *rest = NULL;
	if (strlen(path) >= sizeof names)
		return -ENAMETOOLONG;
	strcpy(names, path);
	int at = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return -errno;
	const char *name = strtok_r(names, "/", &rest);
	if (!name)
		name = ".";
	while (name && at >= 0) {
		const char *following = strtok_r(NULL, "/", &rest);
		_cleanup_close_ int above = at;
		at = open_in(above, name, following ? O_PATH | O_DIRECTORY : flags, mode);
		name = following;
	}
	return at;
}

int file_open_resolved(const char *path, int flags, mode_t mode)
{
	struct open_how how = {.flags = (unsigned)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_NO_SYMLINKS};
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
	if (fd >= 0)
		return (int)fd;
	return errno == ENOSYS || errno == EPERM ? file_open_walking(path, flags, mode) : -errno;
}
