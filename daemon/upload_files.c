/* SPDX-License-Identifier: Apache-2.0 */
/* The files of uploads, which are looked up in the open directory of their pool. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "library_private.h"
#include "uploads.h"
#include "util/cleanup.h"

#define PREFIX ".upload-"
#define SUFFIX ".part"

void upload_part_name(const char *id, char ret[NAME_MAX + 1])
{
	snprintf(ret, NAME_MAX + 1, PREFIX "%.63s" SUFFIX, id);
}

bool upload_part_path(
	const struct catalog_upload *row, char ret[LIBRARY_PATH_MAX], struct error *error)
{
	char name[NAME_MAX + 1];
	upload_part_name(row->id, name);
	int length = snprintf(ret, LIBRARY_PATH_MAX, "%s/%s", row->pool, name);
	return (length > 0 && length < LIBRARY_PATH_MAX) ||
	       error_set(error, ERROR_INVALID, "Use a pool with a shorter path.",
		       "the path of the pool is too long");
}

static bool unusable(const struct catalog_upload *row, struct error *error)
{
	bool full = errno == ENOSPC || errno == EDQUOT;
	return error_set(error, full ? ERROR_HOST_FULL : ERROR_FILE_UNREADABLE,
		"Look at the space and the permissions of the pool.",
		"cannot write an upload in %.256s: %s", row->pool, strerror(errno));
}

/* Pools are the operator's, and may be links; what is in one of them is looked up without any. */
static int open_pool(const char *pool)
{
	return open(pool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_part(const struct catalog_upload *row, int flags, struct error *error)
{
	char name[NAME_MAX + 1];
	struct stat st;
	upload_part_name(row->id, name);
	_cleanup_close_ int pool = open_pool(row->pool);
	_cleanup_close_ int fd = pool < 0 ? -1 : openat(pool, name, flags, 0640);
	if (fd < 0 || fstat(fd, &st) != 0) {
		unusable(row, error);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(error, ERROR_FILE_TYPE, "Remove it.", "%.256s/%s is not a regular file",
			row->pool, name);
		return -1;
	}
	return steal_fd(fd);
}

enum { WRITE = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };

bool upload_part_create(const struct catalog_upload *row, struct error *error)
{
	int fd = open_part(row, WRITE | O_EXCL, error);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int upload_part_open(const struct catalog_upload *row, struct error *error)
{
	return open_part(row, WRITE, error);
}

int64_t upload_part_size(const struct catalog_upload *row)
{
	char name[NAME_MAX + 1];
	struct stat st;
	upload_part_name(row->id, name);
	_cleanup_close_ int pool = open_pool(row->pool);
	if (pool < 0 || fstatat(pool, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	return S_ISREG(st.st_mode) ? st.st_size : -EINVAL;
}

void upload_part_remove(const struct catalog_upload *row)
{
	char name[NAME_MAX + 1];
	upload_part_name(row->id, name);
	_cleanup_close_ int pool = open_pool(row->pool);
	if (pool >= 0)
		unlinkat(pool, name, 0);
}

bool upload_space_check(
	struct library *library, const char *pool, uint64_t size, struct error *error)
{
	struct statvfs st;
	uint64_t kept = library->uploads.reserve;
	if (statvfs(pool, &st) != 0)
		return error_set(error, ERROR_FILE_UNREADABLE, "Look at the pool.",
			"cannot tell how much room there is in %.256s: %s", pool, strerror(errno));
	uint64_t free = (uint64_t)st.f_bavail * st.f_frsize;
	uint64_t usable = free > kept ? free - kept : 0;
	return size <= usable ||
	       error_set(error, ERROR_HOST_FULL,
		       "Make room in the pool (or lower pool_reserve in [media] of the "
		       "configuration), and go on: what is there is kept.",
		       "%llu more bytes do not fit into %.200s, where %llu are free and %llu of "
		       "them kept free",
		       (unsigned long long)size, pool, (unsigned long long)free,
		       (unsigned long long)kept);
}

/* "" unless it is the name of an upload's file. */
static void id_of_name(const char *name, char ret[LIBRARY_ID_MAX])
{
	size_t length = strlen(name), around = strlen(PREFIX) + strlen(SUFFIX);
	ret[0] = '\0';
	if (length <= around || length - around >= LIBRARY_ID_MAX ||
		strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
		strcmp(name + length - strlen(SUFFIX), SUFFIX) != 0)
		return;
	snprintf(ret, LIBRARY_ID_MAX, "%.*s", (int)(length - around), name + strlen(PREFIX));
}

void upload_parts_sweep(
	const char *pool, bool (*is_known)(void *context, const char *id), void *context)
{
	char id[LIBRARY_ID_MAX];
	struct dirent *entry;
	DIR *directory = opendir(pool);
	while (directory && (entry = readdir(directory))) {
		id_of_name(entry->d_name, id);
		if (id[0] && !is_known(context, id))
			unlinkat(dirfd(directory), entry->d_name, 0);
	}
	if (directory)
		closedir(directory);
}
