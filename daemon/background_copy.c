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
#include "background_name.h"
#include "library_paths.h"
#include "library_private.h"
#include "util/cleanup.h"

/* ---- from where to where -----------------------------------------------------------------------
 */

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
bool import_check_source(struct background_job *job, struct import *import, struct error *error)
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
		if (strncmp(real, *from, length) != 0 || (real[length] && real[length] != '/'))
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
static bool name_part(
	struct background_job *job, const char *from, char ret[NAME_MAX + 1], struct error *error)
{
	struct file_identity identity;
	if (!background_identify(job, from, &identity, error))
		return false;
	snprintf(ret, NAME_MAX + 1, ".import-%lld-%llu.part", (long long)job->row->id,
		(unsigned long long)identity.inode);
	return true;
}

static bool write_part(struct background_job *job, struct import *import,
	const struct background_place *pool, const char *part, const char *expected,
	struct error *error)
{
	_cleanup_close_ int fd =
		openat(pool->fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return background_write_failed(pool->path, error);
	return background_digest(job, import->path, fd, &import->identity, import->sha256, error) &&
	       import_check_digest(import->path, import->sha256, expected, error) &&
	       (fsync(fd) == 0 || background_write_failed(pool->path, error));
}

/* It has its name already: a job that was killed did that, when the copy was whole. */
static bool is_settled(const struct background_place *pool, const char *part)
{
	struct stat st;
	return fstatat(pool->fd, part, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_nlink > 1;
}

static bool settle(struct background_job *job, struct import *import,
	const struct background_place *pool, const char *part, struct error *error)
{
	char to[PATH_MAX];
	const char *slash = strrchr(import->path, '/');
	if (!background_give_name(job, pool, part, slash ? slash + 1 : import->path, to, error) ||
		!background_place_sync(pool, error))
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
		       import_check_digest(import->path, import->sha256, expected, error) &&
		       import_add(job, import, error);
	return background_identify(job, import->path, &import->identity, error) &&
	       import_add(job, import, error);
}

/* *ret_settled: the part had its name already. */
static bool bring_in(struct background_job *job, struct import *import,
	const struct background_place *pool, const char *part, const char *expected,
	bool *ret_settled, struct error *error)
{
	*ret_settled = is_settled(pool, part);
	if ((*ret_settled || write_part(job, import, pool, part, expected, error)) &&
		settle(job, import, pool, part, error))
		return true;
	if (!is_settled(pool, part))
		unlinkat(pool->fd, part, 0);
	return false;
}

bool import_copy(struct background_job *job, struct import *import, const char *expected,
	struct error *error)
{
	char path[PATH_MAX], part[NAME_MAX + 1];
	struct image_info info;
	bool settled;
	_cleanup_place_ struct background_place pool = {.fd = -1};
	if (!choose_pool(job, path, error) ||
		!image_probe(job->background->library->config.io, import->path, &info, error) ||
		!background_place_open(job, path, &pool, error) ||
		!name_part(job, import->path, part, error) ||
		!bring_in(job, import, &pool, part, expected, &settled, error))
		return false;
	bool ok = add(job, import, settled, expected, error);
	if (!ok && error->code != ERROR_STOPPING) {
		unlinkat(pool.fd, part, 0);
		background_drop_file(job, &pool, import->path);
	}
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
	int fd = library_open_directory(pool);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
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
	if (job->reader && json_is_true(json_object_get(job->parameters, "copy")) &&
		choose_pool(job, pool, NULL))
		import_sweep(job, pool);
}
