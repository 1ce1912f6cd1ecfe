/* SPDX-License-Identifier: Apache-2.0 */
#include "restore.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "config.h"
#include "instance.h"
#include "util/cleanup.h"
#include "util/error.h"

#define REMEDY_ROOM "Make room, and see that carouseld may write in its state directory."

enum { PIECE = 1 << 20 };

/* Files of the catalog: the log goes with the file that it belongs to. */
static const char *const parts[] = {"", "-wal", "-shm"};

struct restore {
	char catalog[PATH_MAX], fresh[PATH_MAX], before[PATH_MAX];
};

static bool make_paths(const struct config *config, struct restore *ret, struct error *error)
{
	const char *directory = config->state_dir;
	int length = snprintf(ret->before, PATH_MAX - 8, "%s/catalog.db.before-restore", directory);
	snprintf(ret->catalog, PATH_MAX, "%s/catalog.db", directory);
	snprintf(ret->fresh, PATH_MAX, "%s/catalog.db.restoring", directory);
	return length < PATH_MAX - 8 ||
	       error_set(error, ERROR_CONFIGURATION, "Choose a shorter state_dir.",
		       "state_dir is too long");
}

static void remove_files(const char *path)
{
	char part[PATH_MAX + 8];
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		snprintf(part, sizeof part, "%s%s", path, parts[i]);
		unlink(part);
	}
}

/* ---- a copy, checked ---------------------------------------------------------------------------
 */

static bool cannot(const char *path, struct error *error)
{
	return error_set(error, ERROR_PERMISSION, REMEDY_ROOM, "cannot write %.250s: %s", path,
		strerror(errno));
}

static bool open_backup(const char *path, int *ret, struct error *error)
{
	struct stat st;
	*ret = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*ret < 0)
		return error_set(error, errno == ENOENT ? ERROR_FILE_MISSING : ERROR_PERMISSION,
			"Check the path.", "cannot read %.250s: %s", path, strerror(errno));
	if (fstat(*ret, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		return true;
	return error_set(error, ERROR_CATALOG_DAMAGED, "Name a file that carousel backup made.",
		"%.250s is empty, or no file", path);
}

static bool copy_bytes(int from, int to, const char *path, struct error *error)
{
	ssize_t count;
	off_t at = 0;
	while ((count = copy_file_range(from, &at, to, NULL, PIECE, 0)) > 0)
		;
	if (count < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS)) {
		static char piece[PIECE];
		while ((count = pread(from, piece, sizeof piece, at)) > 0) {
			if (write(to, piece, (size_t)count) != count)
				return cannot(path, error);
			at += count;
		}
	}
	return (count == 0 && fsync(to) == 0) || cannot(path, error);
}

/* It belongs to whom the directory belongs to, and nobody else may read it: it has secrets. */
static bool copy_backup(
	const struct config *config, const char *backup, const char *to, struct error *error)
{
	_cleanup_close_ int from = -1, file = -1;
	struct stat st;
	if (!open_backup(backup, &from, error))
		return false;
	remove_files(to);
	file = open(to, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (file < 0 || stat(config->state_dir, &st) < 0)
		return cannot(to, error);
	if (geteuid() == 0 && fchown(file, st.st_uid, st.st_gid) < 0)
		return cannot(to, error);
	return copy_bytes(from, file, to, error);
}

/* What is said is of the file that the operator knows. */
static bool check_copy(const char *copy, const char *backup, struct error *error)
{
	struct error why = {0};
	if (catalog_check(copy, NULL, &why))
		return true;
	if (why.code == ERROR_CATALOG_NEWER)
		return error_set(error, why.code,
			"Install the carouseld that made it, or a later one.",
			"%.250s is of a later carouseld", backup);
	return error_set(error, why.code, "Take another backup; the catalog stays as it is.",
		"%.250s is damaged, or no backup of a catalog", backup);
}

/* ---- its place ---------------------------------------------------------------------------------
 */

/* What is in the log goes into the file, if that is sound; else both are kept. */
static void close_log(const char *catalog)
{
	struct error ignored;
	if (access(catalog, F_OK) == 0)
		catalog_close(catalog_open(catalog, &ignored));
}

/* One more name: there is a catalog at every instant, or the next daemon would begin a new one. */
static bool keep_catalog(const struct restore *restore, struct error *error)
{
	if (link(restore->catalog, restore->before) == 0 || errno == ENOENT)
		return true;
	/* The file system has no links. */
	return rename(restore->catalog, restore->before) == 0 || cannot(restore->before, error);
}

static bool keep_before(const struct restore *restore, struct error *error)
{
	char from[PATH_MAX + 8], to[PATH_MAX + 8];
	remove_files(restore->before);
	if (!keep_catalog(restore, error))
		return false;
	for (size_t i = 1; i < sizeof parts / sizeof *parts; i++) {
		snprintf(from, sizeof from, "%s%s", restore->catalog, parts[i]);
		snprintf(to, sizeof to, "%s%s", restore->before, parts[i]);
		if (rename(from, to) < 0 && errno != ENOENT)
			return cannot(to, error);
	}
	return true;
}

static bool sync_directory(const char *path, struct error *error)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (fd >= 0 && fsync(fd) == 0) || cannot(path, error);
}

static bool exchange(
	const struct config *config, const struct restore *restore, struct error *error)
{
	close_log(restore->catalog);
	if (!keep_before(restore, error))
		return false;
	if (rename(restore->fresh, restore->catalog) < 0)
		return cannot(restore->catalog, error);
	return sync_directory(config->state_dir, error);
}

static bool restore_locked(const struct config *config, const char *backup, struct error *error)
{
	struct restore restore;
	if (!make_paths(config, &restore, error))
		return false;
	bool ok = copy_backup(config, backup, restore.fresh, error) &&
		  check_copy(restore.fresh, backup, error) && exchange(config, &restore, error);
	remove_files(restore.fresh);
	return ok;
}

bool restore(const struct config *config, const char *backup, struct error *error)
{
	struct instance instance = {-1, -1};
	bool ok = instance_start(&instance, config->state_dir, config->runtime_dir, error) &&
		  restore_locked(config, backup, error);
	instance_finish(&instance);
	return ok;
}
