/* SPDX-License-Identifier: Apache-2.0 */
#include "clean_stop.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "path.h"
#include "util/cleanup.h"
#include "util/error.h"

bool clean_stop_mark(const char *runtime_dir, struct error *error)
{
	char path[PATH_MAX];
	if (!path_in(runtime_dir, "clean", path, error))
		return false;
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(error, ERROR_PERMISSION, "Let carouseld write in the directory.",
			"cannot create %.200s: %s", path, strerror(errno));
	return true;
}

bool clean_stop_take(const char *runtime_dir)
{
	char path[PATH_MAX];
	return path_in(runtime_dir, "clean", path, NULL) && unlink(path) == 0;
}
