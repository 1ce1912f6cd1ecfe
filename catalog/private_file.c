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

/*
 * SQLite would open a file that it may only read, and leave companions of it that nobody may write
 * to when the file is as it should be again.
 */
static bool check_writable(const char *path, struct error *error)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 || (errno != EACCES && errno != EPERM && errno != EROFS))
		return true;
	return error_set(error, ERROR_PERMISSION,
		errno == EROFS ? "Mount its file system for writing; the kernel's log says why it "
				 "is not."
			       : "Let the user carouseld runs as read and write the file and its "
				 "directory.",
		"catalog %.256s cannot be written: %s", path, strerror(errno));
}

/* Left by one who could only read: there is nothing in it, or what the catalog has. */
static void give_back_writing(const char *companion)
{
	struct stat st;
	_cleanup_close_ int fd = open(companion, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !(st.st_mode & S_IWUSR))
		fchmod(fd, 0600); /* SQLite says what is wrong */
}

bool private_file_make(const char *path, struct error *error)
{
	static const char *const suffixes[] = {"-wal", "-shm"};
	char other[PATH_MAX];
	if (!make_private(path, O_CREAT, error) || !check_writable(path, error))
		return false;
	for (unsigned i = 0; i < 2; i++) {
		int length = snprintf(other, sizeof other, "%s%s", path, suffixes[i]);
		if (length < 0 || (size_t)length >= sizeof other)
			continue;
		give_back_writing(other);
		if (!make_private(other, 0, error))
			return false;
	}
	return true;
}
