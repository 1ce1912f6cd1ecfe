/* SPDX-License-Identifier: Apache-2.0 */
#include "private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/error.h"

enum { OTHERS = 077 };

static bool make_private(const char *path, int flags, struct error *error)
{
	struct stat st;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags, 0600);
	if (fd < 0 || fstat(fd, &st) < 0)
		return true; /* SQLite says what is wrong */
	if (!S_ISREG(st.st_mode))
		return error_set(error, ERROR_FILE_TYPE,
			"Move it away; a new catalog is made there.",
			"%.256s is not a regular file", path);
	if (!(st.st_mode & OTHERS))
		return true;
	if (fchmod(fd, st.st_mode & ~(mode_t)OTHERS & 07777) == 0)
		return true;
	return error_set(error, ERROR_PERMISSION,
		"Give the file to the user carouseld runs as; it has secrets of exports.",
		"cannot keep others from reading %.200s: %s", path, strerror(errno));
}

bool private_file_make(const char *path, struct error *error)
{
	static const char *const suffixes[] = {"-wal", "-shm"};
	char other[PATH_MAX];
	for (unsigned i = 0; i < 2; i++) {
		int length = snprintf(other, sizeof other, "%s%s", path, suffixes[i]);
		if (length > 0 && (size_t)length < sizeof other && !make_private(other, 0, error))
			return false;
	}
	return make_private(path, O_CREAT, error);
}
