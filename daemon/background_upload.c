/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An upload that is complete becomes a medium. The file is read only if its digest is not known
 * from when it was written.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background.h"
#include "background_import.h"
#include "background_name.h"
#include "library_private.h"
#include "log.h"
#include "uploads.h"
#include "util/cleanup.h"

static struct uploads *uploads_of(struct background_job *job)
{
	return &job->background->library->uploads;
}

/* ---- the medium ----------------------------------------------------------------------------- */

static bool find_digest(struct background_job *job, const struct catalog_upload *row,
	struct import *import, struct error *error)
{
	upload_digest(uploads_of(job), row->id, import->sha256);
	if (!import->sha256[0] &&
		!background_digest(job, import->path, -1, &import->identity, import->sha256, error))
		return false;
	background_progress(job, (uint64_t)row->length, (uint64_t)row->length);
	return import_check_digest(row->name, import->sha256, row->sha256, error);
}

static bool check_size(const struct catalog_upload *row, const struct background_place *pool,
	const char *part, struct error *error)
{
	struct stat st;
	if (fstatat(pool->fd, part, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		st.st_size == row->length)
		return true;
	return error_set(error, ERROR_FILE_MISSING, "Upload it again.",
		"the file of the upload of %.200s is not there, or not what was sent", row->name);
}

/* It has the name that it was sent under, at import->path. */
static bool settle(struct background_job *job, const struct catalog_upload *row,
	const struct background_place *pool, struct import *import, struct error *error)
{
	char part[NAME_MAX + 1], to[PATH_MAX];
	upload_part_name(row->id, part);
	if (!upload_part_path(row, import->path, error) || !check_size(row, pool, part, error) ||
		!find_digest(job, row, import, error) || !background_go_on(job, error) ||
		!background_give_name(job, pool, part, row->name, to, error))
		return false;
	snprintf(import->path, sizeof import->path, "%s", to);
	return true;
}

static bool take_over(struct background_job *job, const struct catalog_upload *row,
	const struct background_place *pool, struct error *error)
{
	struct import import = {.owned = true};
	struct upload_words words;
	if (!upload_metadata_read(row->metadata, &words, error) ||
		!settle(job, row, pool, &import, error))
		return false;
	snprintf(import.id, sizeof import.id, "%s", words.id);
	snprintf(import.profile, sizeof import.profile, "%s", words.profile);
	if (background_place_sync(pool, error) &&
		background_identify(job, import.path, &import.identity, error) &&
		import_add(job, &import, error))
		return true;
	if (error->code != ERROR_STOPPING)
		background_drop_file(job, pool, import.path);
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

/*
 * It may succeed another time: nothing is wrong with what was sent. The file system of a pool may
 * be mounted later, and a pool come back with the configuration.
 */
static bool is_worth_keeping(const struct error *error)
{
	return error_http_status(error->code) >= 500 || error->code == ERROR_EXISTS ||
	       error->code == ERROR_FILE_UNREADABLE || error->code == ERROR_FILE_MISSING ||
	       error->code == ERROR_FILE_OUTSIDE_POOLS;
}

static void give_up(
	struct background_job *job, struct catalog_upload *row, const struct error *error)
{
	if (error->code == ERROR_STOPPING)
		return;
	if (is_worth_keeping(error)) {
		background_commit(job, NULL, keep_row, row, NULL);
		upload_resume(uploads_of(job), row->id, upload_part_size(row));
	} else if (background_commit(job, NULL, remove_row, row, NULL)) {
		upload_part_remove(row);
		upload_forget(uploads_of(job), row->id);
	}
}

static const char *upload_of(const struct background_job *job)
{
	const char *id = json_string_value(json_object_get(job->parameters, "upload"));
	return id ? id : "";
}

static bool find_row(struct catalog *catalog, void *context, struct error *error)
{
	struct catalog_upload *row = context;
	char id[sizeof row->id];
	memcpy(id, row->id, sizeof id);
	return catalog_upload_find(catalog, id, row, error);
}

/* Else nobody could remove it, and the next start would make a medium of it after all. */
static void pass_over(struct background_job *job, const struct error *error)
{
	_cleanup_free_ struct catalog_upload *row = calloc(1, sizeof *row);
	if (!row || error->code == ERROR_STOPPING)
		return;
	snprintf(row->id, sizeof row->id, "%s", upload_of(job));
	if (background_commit(job, NULL, find_row, row, NULL))
		give_up(job, row, error);
}

static bool run(struct background_job *job, struct error *error)
{
	_cleanup_free_ struct catalog_upload *row = malloc(sizeof *row);
	_cleanup_place_ struct background_place pool = {.fd = -1};
	if (!row)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	if (!catalog_upload_find(job->reader, upload_of(job), row, error))
		return false;
	if (!background_place_open(job, row->pool, &pool, error) ||
		!take_over(job, row, &pool, error) ||
		!background_succeed(job, finish_row, row, error)) {
		give_up(job, row, error);
		return false;
	}
	upload_part_remove(row);
	upload_finished(uploads_of(job), row->id);
	return true;
}

const struct background_kind background_upload = {"upload", run, .passed_over = pass_over};
