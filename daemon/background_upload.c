/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An upload that is complete becomes a medium. Its file gets its name by a second link, so that a
 * job that is done again knows the file for its own; the first name goes when the catalog has the
 * medium. The file is read only if its digest is not known from when it was written.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background.h"
#include "background_import.h"
#include "library_private.h"
#include "log.h"
#include "uploads.h"
#include "util/cleanup.h"

enum { NAMES_TRIED = 1000 };

static struct uploads *uploads_of(struct background_job *job)
{
	return &job->background->library->uploads;
}

static bool failed(const char *path, struct error *error)
{
	bool full = errno == ENOSPC || errno == EDQUOT;
	return error_set(error, full ? ERROR_HOST_FULL : ERROR_FILE_UNREADABLE,
		"Look at the space and the permissions of the pool.", "cannot write %.250s: %s",
		path, strerror(errno));
}

/* ---- the name ------------------------------------------------------------------------------- */

static bool is_same_file(const char *a, const char *b)
{
	struct stat one, other;
	return lstat(a, &one) == 0 && lstat(b, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

/* Where there are no links: a job that is done again finds no file then, and fails. */
static bool give_name(const char *part, const char *to)
{
	if (link(part, to) == 0)
		return true;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
		return false;
	return renameat2(AT_FDCWD, part, AT_FDCWD, to, RENAME_NOREPLACE) == 0;
}

/* "name.iso", "name-2.iso" …; takes no other file's. */
static bool choose_name(struct background_job *job, const struct catalog_upload *row,
	const char *part, char ret[PATH_MAX], struct error *error)
{
	const char *dot = strrchr(row->name, '.');
	int stem = (int)(dot && dot != row->name ? (size_t)(dot - row->name) : strlen(row->name));
	for (unsigned i = 1; i <= NAMES_TRIED; i++) {
		char number[16] = "";
		if (i > 1)
			snprintf(number, sizeof number, "-%u", i);
		int length = snprintf(ret, PATH_MAX, "%s/%.*s%s%s", row->pool, stem, row->name,
			number, row->name + stem);
		if (length < 0 || length >= PATH_MAX)
			return error_set(error, ERROR_INVALID, "Give it a shorter name.",
				"the name of the file is too long");
		background_claim(job, ret);
		if (give_name(part, ret))
			return true;
		if (errno != EEXIST)
			return failed(ret, error);
		if (is_same_file(part, ret))
			return true;
	}
	return error_set(error, ERROR_EXISTS, "Give it another name.",
		"there are %u files called like %.200s already", NAMES_TRIED, row->name);
}

static bool sync_pool(const char *pool, struct error *error)
{
	_cleanup_close_ int fd = open(pool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (fd >= 0 && fsync(fd) == 0) || failed(pool, error);
}

/* ---- the medium ----------------------------------------------------------------------------- */

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

static bool find_digest(struct background_job *job, const struct catalog_upload *row,
	struct import *import, struct error *error)
{
	upload_digest(uploads_of(job), row->id, import->sha256);
	if (!import->sha256[0] &&
		!background_digest(job, import->path, -1, &import->identity, import->sha256, error))
		return false;
	background_progress(job, (uint64_t)row->length, (uint64_t)row->length);
	return import_check_digest(import, row->sha256, error);
}

/* A file that the catalog refuses is nobody's. */
static void drop_name(struct background_job *job, const char *path)
{
	_cleanup_free_ struct catalog_medium *medium = malloc(sizeof *medium);
	struct error error = {0};
	if (medium && !catalog_medium_find(job->reader, path, medium, &error) &&
		error.code == ERROR_MEDIUM_NOT_FOUND)
		unlink(path);
}

static bool check_size(const struct catalog_upload *row, const char *part, struct error *error)
{
	struct stat st;
	if (lstat(part, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == row->length)
		return true;
	return error_set(error, ERROR_FILE_MISSING, "Upload it again.",
		"the file of the upload of %.200s is not there, or not what was sent", row->name);
}

static bool take_over(struct background_job *job, const struct catalog_upload *row,
	const char *part, struct error *error)
{
	struct import import = {.owned = true};
	struct upload_words words;
	char to[PATH_MAX];
	snprintf(import.path, sizeof import.path, "%s", part);
	if (!upload_metadata_read(row->metadata, &words, error) || !check_size(row, part, error) ||
		!find_digest(job, row, &import, error) || !background_go_on(job, error) ||
		!choose_name(job, row, part, to, error))
		return false;
	snprintf(import.path, sizeof import.path, "%s", to);
	snprintf(import.id, sizeof import.id, "%s", words.id);
	snprintf(import.profile, sizeof import.profile, "%s", words.profile);
	if (sync_pool(row->pool, error) && identify(job, &import, error) &&
		import_add(job, &import, error))
		return true;
	if (error->code != ERROR_STOPPING)
		drop_name(job, to);
	return false;
}

/* ---- the upload ----------------------------------------------------------------------------- */

static bool remove_row(struct catalog *catalog, void *context, struct error *error)
{
	const struct catalog_upload *row = context;
	struct error why = {0};
	if (catalog_upload_remove(catalog, row->id, &why) || why.code == ERROR_UPLOAD_NOT_FOUND)
		return true;
	*error = why;
	return false;
}

/* For who has missed the answer. */
static bool finish_row(struct catalog *catalog, void *context, struct error *error)
{
	struct catalog_upload *row = context;
	row->expires = uploads_expiry();
	return catalog_upload_update(catalog, row, error);
}

static bool keep_row(struct catalog *catalog, void *context, struct error *error)
{
	struct catalog_upload *row = context;
	row->job = 0;
	return catalog_upload_update(catalog, row, error);
}

/* It may succeed another time: nothing is wrong with what was sent. */
static bool is_worth_keeping(const struct error *error)
{
	return error_http_status(error->code) >= 500 || error->code == ERROR_EXISTS ||
	       error->code == ERROR_FILE_UNREADABLE;
}

static void give_up(struct background_job *job, struct catalog_upload *row, const char *part,
	const struct error *error)
{
	if (error->code == ERROR_STOPPING)
		return;
	if (is_worth_keeping(error)) {
		background_commit(job, NULL, keep_row, row, NULL);
		upload_resume(uploads_of(job), row->id);
	} else if (background_commit(job, NULL, remove_row, row, NULL)) {
		unlink(part);
		upload_forget(uploads_of(job), row->id);
	}
}

static bool run(struct background_job *job, struct error *error)
{
	_cleanup_free_ struct catalog_upload *row = malloc(sizeof *row);
	const char *id = json_string_value(json_object_get(job->parameters, "upload"));
	char part[PATH_MAX];
	if (!row)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	if (!catalog_upload_find(job->reader, id ? id : "", row, error) ||
		!upload_part_path(row, part, error))
		return false;
	if (!take_over(job, row, part, error) || !background_succeed(job, finish_row, row, error)) {
		give_up(job, row, part, error);
		return false;
	}
	unlink(part);
	upload_finished(uploads_of(job), row->id);
	return true;
}

const struct background_kind background_upload = {"upload", run};
