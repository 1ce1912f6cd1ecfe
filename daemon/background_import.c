/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Imports: a file is read once, for its digest and, where a copy is wanted, into a pool; then it is
 * in the catalog. A copy gets its name when it is whole and on the disk, and never takes that of
 * another file.
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
#include "background_refusals.h"
#include "library_paths.h"
#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

const char *import_text(const struct background_job *job, const char *name)
{
	const char *text = json_string_value(json_object_get(job->parameters, name));
	return text ? text : "";
}

/* ---- into the catalog --------------------------------------------------------------------------
 */

struct learned {
	char id[CATALOG_ID_MAX];
	char sha256[CATALOG_DIGEST_MAX];
	bool owned;
};

static bool write_learned(struct catalog *catalog, void *context, struct error *error)
{
	const struct learned *learned = context;
	return catalog_medium_set_digest(
		       catalog, learned->id, learned->sha256, "ok", NULL, error) &&
	       (!learned->owned || catalog_medium_set_owned(catalog, learned->id, true, error));
}

struct twin {
	const char *id;
	char found[CATALOG_ID_MAX];
};

static bool find_twin(void *context, const struct catalog_medium *medium)
{
	struct twin *twin = context;
	if (strcmp(medium->id, twin->id) == 0)
		return true;
	snprintf(twin->found, sizeof twin->found, "%s", medium->id);
	return false;
}

static void note_medium(struct background_job *job, const struct library_medium *medium,
	bool is_new, const char *sha256)
{
	const struct catalog_media_filter same = {.sha256 = sha256};
	struct twin twin = {.id = medium->id};
	json_t *media = json_object_get(job->result, "media");
	if (!media) {
		media = json_array();
		json_object_set_new(job->result, "media", media);
	}
	json_t *one =
		json_pack("{s:s, s:b, s:s}", "id", medium->id, "new", is_new, "sha256", sha256);
	if (catalog_media_list(job->reader, "", 10, &same, find_twin, &twin, NULL) && twin.found[0])
		json_object_set_new(one, "duplicate_of", json_string(twin.found));
	json_array_append_new(media, one);
}

/* The row is of the file whose digest that is; else it was replaced in between. */
static bool check_identity(struct background_job *job, const char *id,
	const struct file_identity *identity, struct error *error)
{
	_cleanup_free_ struct catalog_medium *row = malloc(sizeof *row);
	if (!row)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	if (!catalog_medium_find(job->reader, id, row, error))
		return false;
	return strcmp(row->kind, "disc") != 0 || file_identity_lasts(&row->identity, identity) ||
	       error_set(error, ERROR_IMAGE_CHANGED,
		       "Wait until nobody writes to it, then try again.",
		       "%.250s was replaced while it was imported", row->path);
}

bool import_add(struct background_job *job, const struct import *import, struct error *error)
{
	struct library_media_add add = {0};
	struct learned learned = {.owned = import->owned};
	bool is_new = false;
	_cleanup_free_ struct library_medium *medium = malloc(sizeof *medium);
	if (!medium)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	snprintf(add.path, sizeof add.path, "%s", import->path);
	snprintf(add.id, sizeof add.id, "%s", import->id);
	snprintf(add.profile, sizeof add.profile, "%s", import->profile);
	if (!background_add(job, &add, medium, &is_new, error) ||
		!check_identity(job, medium->id, &import->identity, error))
		return false;
	snprintf(learned.id, sizeof learned.id, "%s", medium->id);
	snprintf(learned.sha256, sizeof learned.sha256, "%s", import->sha256);
	if (strcmp(medium->kind, "disc") == 0 &&
		(!background_commit(job, learned.id, write_learned, &learned, error) ||
			!background_look_inside(job, medium->id, medium->path, error)))
		return false;
	note_medium(job, medium, is_new, import->sha256);
	return true;
}

bool import_check_digest(
	const char *name, const char *sha256, const char *expected, struct error *error)
{
	if (!expected[0] || strcasecmp(expected, sha256) == 0)
		return true;
	return error_set(error, ERROR_DIGEST, "Fetch it again, from where the digest is from.",
		"%.250s has the SHA-256 digest %.64s, not the one that was said", name, sha256);
}

/* ---- one file, or a directory ------------------------------------------------------------------
 */

static bool wants_copy(const struct background_job *job)
{
	return json_is_true(json_object_get(job->parameters, "copy"));
}

/* Where it really is, which is where files may be taken from. */
static bool find_source(struct background_job *job, struct import *import, struct error *error)
{
	const struct library_config *config = &job->background->library->config;
	char real[PATH_MAX];
	if (wants_copy(job))
		return import_check_source(job, import, error);
	if (!config->path_allowed(config->path_context, import->path, real, error))
		return false;
	snprintf(import->path, sizeof import->path, "%s", real);
	return true;
}

static bool import_file(struct background_job *job, struct import *import, const char *expected,
	struct error *error)
{
	if (!find_source(job, import, error))
		return false;
	if (wants_copy(job))
		return import_copy(job, import, expected, error);
	return background_digest(job, import->path, -1, &import->identity, import->sha256, error) &&
	       import_check_digest(import->path, import->sha256, expected, error) &&
	       import_add(job, import, error);
}

static void note_problem(struct background_job *job, const char *path, const struct error *why)
{
	background_refuse(job, "problems", SIZE_MAX, path, why);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* False: leave off. One file that cannot be imported keeps the others from nothing. */
static bool import_entry(
	struct background_job *job, const char *directory, const char *name, struct error *error)
{
	struct import import = {0};
	struct error why = {0};
	struct stat st;
	snprintf(import.profile, sizeof import.profile, "%s", import_text(job, "profile"));
	int length = snprintf(import.path, sizeof import.path, "%s/%s", directory, name);
	if (length < 0 || (size_t)length >= sizeof import.path) {
		error_set(&why, ERROR_INVALID, "Use a shorter path.", "a path is too long");
		note_problem(job, directory, &why);
		return true;
	}
	if (stat(import.path, &st) == 0 && !S_ISREG(st.st_mode))
		return true;
	if (import_file(job, &import, "", &why))
		return true;
	if (!background_go_on(job, error))
		return false;
	note_problem(job, import.path, &why);
	return true;
}

static uint64_t weigh(const char *directory, struct dirent **entries, int count)
{
	uint64_t bytes = 0;
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		struct stat st;
		int length = snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
		if (length > 0 && length < PATH_MAX && stat(path, &st) == 0 && S_ISREG(st.st_mode))
			bytes += (uint64_t)st.st_size;
	}
	return bytes;
}

static bool import_directory(struct background_job *job, const char *directory, struct error *error)
{
	struct dirent **entries = NULL;
	int count = library_list(directory, visible, &entries);
	bool ok = true;
	if (count < 0)
		return error_set(error, ERROR_FILE_UNREADABLE, "Make it readable for carouseld.",
			"cannot list %.250s: %s", directory, strerror(-count));
	background_progress(job, 0, weigh(directory, entries, count));
	for (int i = 0; i < count; i++) {
		ok = ok && background_go_on(job, error) &&
		     import_entry(job, directory, entries[i]->d_name, error);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

static bool run(struct background_job *job, struct error *error)
{
	struct import import = {0};
	struct stat st;
	snprintf(import.path, sizeof import.path, "%s", import_text(job, "path"));
	snprintf(import.id, sizeof import.id, "%s", import_text(job, "id"));
	snprintf(import.profile, sizeof import.profile, "%s", import_text(job, "profile"));
	if (stat(import.path, &st) == 0 && S_ISDIR(st.st_mode))
		return find_source(job, &import, error) &&
		       import_directory(job, import.path, error);
	return import_file(job, &import, import_text(job, "sha256"), error);
}

const struct background_kind background_import = {"import", run, .ended = import_forget_copies};
