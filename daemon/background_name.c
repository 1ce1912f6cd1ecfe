/* SPDX-License-Identifier: Apache-2.0 */
#include "background_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_paths.h"
#include "library_private.h"
#include "util/cleanup.h"

enum { NAMES_TRIED = 1000 };

bool background_write_failed(const char *path, struct error *error)
{
	bool full = errno == ENOSPC || errno == EDQUOT;
	return error_set(error, full ? ERROR_HOST_FULL : ERROR_FILE_UNREADABLE,
		"Look at the space and the permissions of the pool.", "cannot write %.250s: %s",
		path, strerror(errno));
}

bool background_place_open(struct background_job *job, const char *path,
	struct background_place *ret, struct error *error)
{
	char real[PATH_MAX];
	*ret = (struct background_place){.path = path, .fd = -1};
	if (!library_locate(&job->background->library->config, path, real, error))
		return false;
	int fd = library_open_directory(real);
	if (fd < 0) {
		errno = -fd;
		return background_write_failed(path, error);
	}
	ret->fd = fd;
	return true;
}

void background_place_close(struct background_place *place)
{
	if (place->fd >= 0)
		close(place->fd);
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool is_same_file(int directory, const char *a, const char *b)
{
	struct stat one, other;
	return fstatat(directory, a, &one, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstatat(directory, b, &other, AT_SYMLINK_NOFOLLOW) == 0 &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static bool give_name(int directory, const char *part, const char *to)
{
	if (linkat(directory, part, directory, to, 0) == 0)
		return true;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
		return false;
	return renameat2(directory, part, directory, to, RENAME_NOREPLACE) == 0;
}

bool background_give_name(struct background_job *job, const struct background_place *place,
	const char *part, const char *name, char ret[PATH_MAX], struct error *error)
{
	const char *dot = strrchr(name, '.');
	int stem = (int)(dot && dot != name ? (size_t)(dot - name) : strlen(name));
	for (unsigned i = 1; i <= NAMES_TRIED; i++) {
		char number[16] = "";
		if (i > 1)
			snprintf(number, sizeof number, "-%u", i);
		int length = snprintf(
			ret, PATH_MAX, "%s/%.*s%s%s", place->path, stem, name, number, name + stem);
		if (length < 0 || length >= PATH_MAX)
			return error_set(error, ERROR_INVALID, "Give it a shorter name.",
				"the name of the file is too long");
		background_claim(job, ret);
		if (give_name(place->fd, part, name_of(ret)))
			return true;
		if (errno != EEXIST)
			return background_write_failed(ret, error);
		if (is_same_file(place->fd, part, name_of(ret)))
			return true;
	}
	return error_set(error, ERROR_EXISTS, "Give it another name.",
		"there are %u files called like %.200s already", NAMES_TRIED, name);
}

bool background_place_sync(const struct background_place *place, struct error *error)
{
	return fsync(place->fd) == 0 || background_write_failed(place->path, error);
}

bool background_identify(struct background_job *job, const char *path, struct file_identity *ret,
	struct error *error)
{
	const struct library_config *config = &job->background->library->config;
	const struct file_io *io = config->io;
	char real[PATH_MAX];
	if (!library_locate(config, path, real, error))
		return false;
	int fd = io->open(io, real);
	int result = fd < 0 ? fd : io->identify(io, fd, ret);
	if (fd >= 0)
		io->close(io, fd);
	return result == 0 || error_set(error, ERROR_FILE_UNREADABLE, "Look at the pool.",
				      "cannot read %.250s: %s", path, strerror(-result));
}

void background_drop_file(
	struct background_job *job, const struct background_place *place, const char *path)
{
	_cleanup_free_ struct catalog_medium *medium = malloc(sizeof *medium);
	struct error error = {0};
	if (medium && !catalog_medium_find(job->reader, path, medium, &error) &&
		error.code == ERROR_MEDIUM_NOT_FOUND)
		unlinkat(place->fd, name_of(path), 0);
}
