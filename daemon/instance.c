/* SPDX-License-Identifier: Apache-2.0 */
#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "path.h"
#include "util/cleanup.h"
#include "util/error.h"

static bool cannot(const char *what, const char *path, struct error *error)
{
	return error_set(error, ERROR_PERMISSION,
		errno == EROFS
			? "Mount its file system for writing; the kernel's log says why it is not."
			: "Check that its parent exists and that carouseld may write there.",
		"cannot %s %.200s: %s", what, path, strerror(errno));
}

/* Whoever may write in our directories may move files under our feet. */
static bool check_directory(const char *path, struct error *error)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return cannot("use", path, error);
	if (!S_ISDIR(st.st_mode))
		return error_set(error, ERROR_PERMISSION, "Move it away or choose another path.",
			"%.200s is not a directory", path);
	if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & 022))
		return error_set(error, ERROR_PERMISSION,
			"Give it to the user carouseld runs as, and take write permission from "
			"everybody else (chmod go-w).",
			"directory %.200s may be written to by others", path);
	return true;
}

static bool make_directory(const char *path, mode_t mode, struct error *error)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return cannot("make", path, error);
	return check_directory(path, error);
}

static bool in_use(const char *directory, int fd, struct error *error)
{
	char pid[16] = "";
	ssize_t length = pread(fd, pid, sizeof pid - 1, 0);
	pid[length > 0 ? strspn(pid, "0123456789") : 0] = 0;
	return error_set(error, ERROR_STATE_IN_USE,
		"Stop the other carouseld, or give this one a configuration with its own state_dir "
		"and runtime_dir.",
		"another carouseld, process %s, works in %.200s", pid[0] ? pid : "unknown",
		directory);
}

static bool lock_directory(const char *directory, int *ret_fd, struct error *error)
{
	char path[PATH_MAX];
	if (!path_in(directory, "lock", path, error))
		return false;
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return cannot("open", path, error);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? in_use(directory, fd, error)
					    : cannot("lock", path, error);
	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
		return cannot("write", path, error);
	*ret_fd = steal_fd(fd);
	return true;
}

bool instance_start(struct instance *instance, const char *state_dir, const char *runtime_dir,
	struct error *error)
{
	char told[PATH_MAX];
	*instance = (struct instance){-1, -1};
	bool ok = make_directory(state_dir, 0750, error) &&
		  lock_directory(state_dir, &instance->state_lock, error) &&
		  make_directory(runtime_dir, 0755, error) &&
		  lock_directory(runtime_dir, &instance->runtime_lock, error) &&
		  path_in(runtime_dir, "told", told, error) && make_directory(told, 0700, error);
	if (!ok)
		instance_finish(instance);
	return ok;
}

void instance_finish(struct instance *instance)
{
	cleanup_close(&instance->runtime_lock);
	cleanup_close(&instance->state_lock);
	*instance = (struct instance){-1, -1};
}
