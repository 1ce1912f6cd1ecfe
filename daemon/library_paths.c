/* SPDX-License-Identifier: Apache-2.0 */
#include "library_paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "library_private.h"
#include "util/cleanup.h"
#include "util/file_open.h"

bool library_locate(const struct library_config *config, const char *path, char ret[PATH_MAX],
	struct error *error)
{
	char real[PATH_MAX];
	if (realpath(path, real) && strcmp(real, path) != 0)
		return config->path_allowed(config->path_context, path, ret, error);
	snprintf(ret, PATH_MAX, "%s", path);
	return true;
}

bool library_allows(const struct library_config *config, const char *path, struct error *error)
{
	char real[PATH_MAX];
	struct error why;
	if (config->path_allowed(config->path_context, path, real, &why) ||
		why.code != ERROR_FILE_OUTSIDE_POOLS)
		return true;
	*error = why;
	return false;
}

bool library_has_file(const struct library_config *config, const char *path)
{
	char real[PATH_MAX];
	struct stat st;
	if (!library_locate(config, path, real, NULL))
		return false;
	if (lstat(real, &st) != 0)
		return errno != ENOENT && errno != ENOTDIR;
	return S_ISREG(st.st_mode);
}

bool library_explain_open(const char *path, int result, struct error *error)
{
	switch (-result) {
	case ENOENT:
	case ENOTDIR:
		return error_set(error, ERROR_FILE_MISSING, "Bring it back, or say where it is.",
			"%.250s is not there", path);
	case EINVAL: /* util/file_io.h */
	case ENXIO:  /* a socket */
		return error_set(error, ERROR_FILE_TYPE,
			"Move away what took its place, and bring the file back.",
			"%.250s is not a regular file", path);
	default:
		return error_set(error, ERROR_FILE_UNREADABLE,
			"Let the daemon read it, or look at the disk that it is on.",
			"cannot read %.250s: %s", path, strerror(-result));
	}
}

int library_open_directory(const char *real)
{
	return file_open_resolved(real, O_RDONLY | O_DIRECTORY, 0);
}

int library_list(const char *real, int (*filter)(const struct dirent *), struct dirent ***ret)
{
	_cleanup_close_ int fd = library_open_directory(real);
	if (fd < 0)
		return fd;
	int count = scandirat(fd, ".", ret, filter, alphasort);
	return count < 0 ? -errno : count;
}
