/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies into a pool. One is made as .import-JOB-INODE.part, which scans pass over. When it is
 * whole and on the disk it gets its name as a second link; the first goes when the end of the job
 * is written down. So a job that is done again, after a kill at any moment, neither copies again
 * what it has copied nor leaves it behind.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background.h"
#include "background_import.h"
#include "library_private.h"
#include "util/cleanup.h"

enum { NAMES_TRIED = 1000 };

/* ---- its name ----------------------------------------------------------------------------------
 */

static bool is_full(int number)
{
	return number == ENOSPC || number == EDQUOT;
}

static bool copy_failed(const char *path, struct error *error)
{
	return error_set(error, is_full(errno) ? ERROR_HOST_FULL : ERROR_FILE_UNREADABLE,
		"Look at the space and the permissions of the pool.", "cannot write %.250s: %s",
		path, strerror(errno));
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat one, other;
	return lstat(a, &one) == 0 && lstat(b, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

/*
 * A second name, and the first one stays: by that a job that is done again knows the file for its
 * own. Where there are no links, a kill in these moments leaves a file that is copied once more.
 */
static bool give_name(const char *part, const char *to)
{
	if (link(part, to) == 0)
		return true;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
		return false;
	return renameat2(AT_FDCWD, part, AT_FDCWD, to, RENAME_NOREPLACE) == 0;
}

/* "name.iso", "name-2.iso" … Takes no other file's name, however many look for one at a time. */
static bool settle_name(struct background_job *job, const char *directory, const char *part,
	const char *name, char ret[PATH_MAX], struct error *error)
{
	const char *dot = strrchr(name, '.');
	int stem = (int)(dot && dot != name ? (size_t)(dot - name) : strlen(name));
	for (unsigned i = 1; i <= NAMES_TRIED; i++) {
		char number[16] = "";
		if (i > 1)
			snprintf(number, sizeof number, "-%u", i);
		int length = snprintf(
			ret, PATH_MAX, "%s/%.*s%s%s", directory, stem, name, number, name + stem);
		if (length < 0 || length >= PATH_MAX)
			return error_set(error, ERROR_INVALID, "Give it a shorter name.",
				"the name of the copy is too long");
		background_claim(job, ret);
		if (give_name(part, ret) || (errno == EEXIST && is_same_file(part, ret)))
			return true;
		if (errno != EEXIST)
			return copy_failed(ret, error);
	}
	return error_set(error, ERROR_EXISTS, "Give it another name.",
		"there are %u files called like %.200s already", NAMES_TRIED, name);
}

static bool sync_directory(const char *directory, struct error *error)
{
	_cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (fd >= 0 && fsync(fd) == 0) || copy_failed(directory, error);
}

/* The pool that was asked for, or the first; really a pool, and without symbolic links. */
static bool choose_pool(struct background_job *job, char ret[PATH_MAX], struct error *error)
{
	const struct library_config *config = &job->background->library->config;
	char first[PATH_MAX] = "";
	const char *wanted = import_text(job, "pool");
	if (!wanted[0]) {
		if (!config->pool_at || !config->pool_at(config->path_context, 0, first))
			return error_set(error, ERROR_CONFIGURATION,
				"Set pools in [media] of the configuration.",
				"there is no media pool to copy to");
		wanted = first;
	}
	return config->path_allowed(config->path_context, wanted, ret, error);
}

/* Where a copy may be made from: else whoever may import could have any file of root's copied. */
static bool check_source(struct background_job *job, struct import *import, struct error *error)
{
	const struct library_config *config = &job->background->library->config;
	char real[PATH_MAX];
	if (config->path_allowed(config->path_context, import->path, real, error)) {
		snprintf(import->path, sizeof import->path, "%s", real);
		return true;
	}
	if (!realpath(import->path, real))
		return false;
	for (const char *const *from = config->copy_from; from && *from; from++) {
		size_t length = strlen(*from);
		if (strncmp(real, *from, length) != 0 || real[length] != '/')
			continue;
		snprintf(import->path, sizeof import->path, "%s", real);
		return true;
	}
	return error_set(error, ERROR_FILE_OUTSIDE_POOLS,
		"Put it into a media pool, or below /media or /mnt.",
		"%.256s is neither in a media pool nor where copies may be made from", real);
}

/* ---- the copy ----------------------------------------------------------------------------------
 */

/* Of this file by this job. */
static bool name_part(struct background_job *job, const char *pool, const char *from,
	char ret[PATH_MAX], struct error *error)
{
	struct stat st;
	if (stat(from, &st) != 0)
		return error_set(error, ERROR_FILE_MISSING, "Check the path.",
			"cannot look at %.250s: %s", from, strerror(errno));
	if (snprintf(ret, PATH_MAX, "%s/.import-%lld-%llu.part", pool, (long long)job->row->id,
		    (unsigned long long)st.st_ino) < PATH_MAX)
		return true;
	return error_set(
		error, ERROR_INVALID, "Use a shorter path.", "the path of the pool is too long");
}

static bool write_part(struct background_job *job, struct import *import, const char *part,
	const char *expected, struct error *error)
{
	_cleanup_close_ int fd =
		open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return copy_failed(part, error);
	return background_digest(job, import->path, fd, &import->identity, import->sha256, error) &&
	       import_check_digest(import, expected, error) &&
	       (fsync(fd) == 0 || copy_failed(part, error));
}

/* It has its name already: a job that was killed did that, when the copy was whole. */
static bool is_settled(const char *part)
{
	struct stat st;
	return lstat(part, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink > 1;
}

static bool identify(struct background_job *job, struct import *import, struct error *error)
{
	const struct file_io *io = job->background->library->config.io;
	int fd = io->open(io, import->path);
	int result = fd < 0 ? fd : io->identify(io, fd, &import->identity);
	if (fd >= 0)
		io->close(io, fd);
	return result == 0 || error_set(error, ERROR_FILE_UNREADABLE, "Look at the pool.",
				      "cannot read %.250s: %s", import->path, strerror(-result));
}

/* A file that the catalog does not know is nobody's. */
static void drop(struct background_job *job, const char *path, const char *part)
{
	_cleanup_free_ struct catalog_medium *medium = malloc(sizeof *medium);
	struct error error = {0};
	unlink(part);
	if (medium && !catalog_medium_find(job->reader, path, medium, &error) &&
		error.code == ERROR_MEDIUM_NOT_FOUND)
		unlink(path);
}

static bool settle(struct background_job *job, struct import *import, const char *pool,
	const char *part, struct error *error)
{
	char to[PATH_MAX];
	const char *slash = strrchr(import->path, '/');
	if (!settle_name(job, pool, part, slash ? slash + 1 : import->path, to, error) ||
		!sync_directory(pool, error))
		return false;
	snprintf(import->path, sizeof import->path, "%s", to);
	import->owned = true;
	return true;
}

static bool add(struct background_job *job, struct import *import, bool settled,
	const char *expected, struct error *error)
{
	if (settled)
		return background_digest(
			       job, import->path, -1, &import->identity, import->sha256, error) &&
		       import_check_digest(import, expected, error) &&
		       import_add(job, import, error);
	return identify(job, import, error) && import_add(job, import, error);
}

bool import_copy(struct background_job *job, struct import *import, const char *expected,
	struct error *error)
{
	char pool[PATH_MAX], part[PATH_MAX];
	struct image_info info;
	if (!check_source(job, import, error) || !choose_pool(job, pool, error) ||
		!image_probe(job->background->library->config.io, import->path, &info, error) ||
		!name_part(job, pool, import->path, part, error))
		return false;
	bool settled = is_settled(part);
	if ((!settled && !write_part(job, import, part, expected, error)) ||
		!settle(job, import, pool, part, error)) {
		if (!is_settled(part))
			unlink(part);
		return false;
	}
	bool ok = add(job, import, settled, expected, error);
	if (!ok && error->code != ERROR_STOPPING)
		drop(job, import->path, part);
	background_claim(job, "");
	return ok;
}

/* ---- what is left of it ------------------------------------------------------------------------
 */

/* The job whose part this is; 0: of none. */
static int64_t job_of_part(const char *name)
{
	long long job;
	unsigned long long inode;
	int end = 0;
	if (sscanf(name, ".import-%lld-%llu.part%n", &job, &inode, &end) != 2 || !end || name[end])
		return 0;
	return job;
}

static bool has_ended(struct background_job *asking, int64_t id)
{
	_cleanup_free_ struct catalog_job *row = malloc(sizeof *row);
	struct error error = {0};
	if (!row)
		return false;
	return catalog_job_find(asking->reader, id, row, &error)
		       ? row->ended != 0
		       : error.code == ERROR_JOB_NOT_FOUND;
}

void import_sweep(struct background_job *job, const char *pool)
{
	DIR *stream = opendir(pool);
	const struct dirent *entry;
	while (stream && (entry = readdir(stream))) {
		int64_t id = job_of_part(entry->d_name);
		if (id && has_ended(job, id))
			unlinkat(dirfd(stream), entry->d_name, 0);
	}
	if (stream)
		closedir(stream);
}

void import_forget_copies(struct background_job *job)
{
	char pool[PATH_MAX];
	if (job->parameters && json_is_true(json_object_get(job->parameters, "copy")) &&
		choose_pool(job, pool, NULL))
		import_sweep(job, pool);
}
