/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making tapes: numbers are chosen on the worker, files are made elsewhere, and the catalog gets
 * all of them in one transaction. What fails takes its files back; what was killed finds them
 * again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "library_private.h"
#include "ssc/medium.h"
#include "tape_file.h"
#include "util/cleanup.h"

/* As on LTO cartridges: six characters of volume and number, and two of type, "ARC001" "L8". */
enum { VOLUME_LENGTH = 6, LEAST = 100000000 };

struct making {
	struct library_tape_create wanted;
	struct native_create create; /* without the barcode */
	char suffix[4];
	unsigned first;               /* the number of the first */
	bool made[LIBRARY_TAPES_MAX]; /* its file is new */
	char (*ids)[LIBRARY_ID_MAX];
	struct catalog_medium *media;
};

static void free_making(struct job *job)
{
	if (!job->making)
		return;
	free(job->making->ids);
	free(job->making->media);
	free(job->making);
}

/* ---- what is asked for -------------------------------------------------------------------------
 */

static bool check_type(struct making *making, struct error *error)
{
	const char *type = making->wanted.medium_type[0] ? making->wanted.medium_type : "LTO-8";
	if (!medium_describe(type, &making->create, error))
		return false;
	snprintf(making->suffix, sizeof making->suffix, "L%.2s",
		strrchr(making->create.medium, '-') + 1);
	if (making->wanted.capacity)
		making->create.capacity = making->wanted.capacity;
	return true;
}

static bool check_capacity(const struct making *making, struct error *error)
{
	if (making->create.capacity >= LEAST)
		return true;
	return error_set(error, ERROR_INVALID, "Give at least 100 MB.",
		"a tape of %llu bytes has no room for its end",
		(unsigned long long)making->create.capacity);
}

static bool check_prefix(const struct making *making, struct error *error)
{
	size_t length = strlen(making->wanted.prefix);
	if (length >= 1 && length < VOLUME_LENGTH &&
		strspn(making->wanted.prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == length)
		return true;
	return error_set(error, ERROR_INVALID, "Use 1 to 5 of A-Z and 0-9.",
		"\"%s\" cannot begin a barcode", making->wanted.prefix);
}

static unsigned digits_of(const struct making *making)
{
	return VOLUME_LENGTH - (unsigned)strlen(making->wanted.prefix);
}

/* Behind the highest number there is. */
static bool choose_numbers(struct job *job, struct making *making, struct error *error)
{
	unsigned highest, last = 1;
	for (unsigned i = 0; i < digits_of(making); i++)
		last *= 10;
	last -= 1;
	if (!catalog_barcode_last(
		    job->library->catalog, making->wanted.prefix, making->suffix, &highest, error))
		return false;
	if (making->wanted.count >= 1 && making->wanted.count <= LIBRARY_TAPES_MAX &&
		highest <= last && making->wanted.count <= last - highest) {
		making->first = highest + 1;
		return true;
	}
	return error_set(error, ERROR_INVALID, "Make fewer at a time, or use another prefix.",
		"%u tapes cannot be made: at most %u at a time, and %u numbers are left behind %s",
		making->wanted.count, LIBRARY_TAPES_MAX, highest < last ? last - highest : 0,
		making->wanted.prefix);
}

/* ---- the files, elsewhere ----------------------------------------------------------------------
 */

static void describe(struct job *job, unsigned index, struct catalog_medium *ret)
{
	const struct making *making = job->making;
	*ret = (struct catalog_medium){
		.capacity = making->create.capacity, .added = (int64_t)time(NULL)};
	snprintf(ret->barcode, sizeof ret->barcode, "%s%0*u%s", making->wanted.prefix,
		(int)digits_of(making), making->first + index, making->suffix);
	snprintf(ret->path, sizeof ret->path, "%s/%s.tape", job->library->config.tape_dir,
		ret->barcode);
	snprintf(ret->kind, sizeof ret->kind, "tape");
	snprintf(ret->format, sizeof ret->format, "carousel");
	snprintf(ret->medium_type, sizeof ret->medium_type, "%s", making->create.medium);
}

static struct native_create create_of(const struct making *making, unsigned index)
{
	struct native_create create = making->create;
	create.barcode = making->media[index].barcode;
	return create;
}

static bool make_one(struct job *job, unsigned index)
{
	struct making *making = job->making;
	struct catalog_medium *medium = &making->media[index];
	struct native_create create = create_of(making, index);
	struct stat st;
	if (!tape_file_make(job->library->config.store, medium->path, &create, &making->made[index],
		    &job->error))
		return false;
	if (stat(medium->path, &st) == 0)
		medium->size = (uint64_t)st.st_size;
	return true;
}

static bool make_directory(struct job *job)
{
	const char *path = job->library->config.tape_dir;
	if (mkdir(path, 0750) == 0 || errno == EEXIST)
		return true;
	return error_set(&job->error, ERROR_PERMISSION,
		"Make the directory, for the user of carouseld.", "cannot make %.250s: %s", path,
		strerror(errno));
}

static void remove_files(struct job *job)
{
	const struct making *making = job->making;
	for (unsigned i = 0; i < making->wanted.count; i++) {
		struct native_create create = create_of(making, i);
		if (making->made[i])
			tape_file_take_back(
				job->library->config.store, making->media[i].path, &create);
	}
}

/* A thousand of them take longer than the daemon is given to stop. */
static bool goes_on(struct job *job)
{
	return !library_is_stopping(job->library) ||
	       error_set(&job->error, ERROR_STOPPING, "Try again when the daemon is back.",
		       "the daemon is stopping; no tape was made");
}

static bool keep_names(struct job *job)
{
	const struct file_store *store = job->library->config.store;
	const char *path = job->making->media[0].path;
	int result = store->sync_directory(store, path);
	return result == 0 || tape_file_failed(path, result, &job->error);
}

static void make_files(struct job *job)
{
	struct making *making = job->making;
	bool ok = make_directory(job);
	for (unsigned i = 0; ok && i < making->wanted.count; i++) {
		describe(job, i, &making->media[i]);
		ok = goes_on(job) && make_one(job, i);
	}
	if (!ok || !keep_names(job))
		remove_files(job);
}

/* ---- into the catalog, on the worker ------------------------------------------------------------
 */

static void step_removed(struct job *job, enum job_wake wake, unsigned events)
{
	job_fail(job, &job->error);
}

static void answer(struct job *job)
{
	struct making *making = job->making;
	for (unsigned i = 0; i < making->wanted.count; i++)
		memcpy(making->ids[i], making->media[i].id, sizeof making->ids[i]);
	job->result.ids = (const char(*)[LIBRARY_ID_MAX])making->ids;
	job->result.id_count = job->result.added = making->wanted.count;
	job->result.created = true;
	job_succeed(job);
}

static bool write_made(void *context, struct error *error)
{
	struct job *job = context;
	struct making *making = job->making;
	struct catalog *catalog = job->library->catalog;
	bool ok = catalog_media_add_many(catalog, making->media, making->wanted.count, error);
	for (unsigned i = 0; ok && i < making->wanted.count; i++) {
		const struct catalog_change change = {"path", "", making->media[i].path};
		ok = catalog_history_add_changes(
			catalog, job->actor, "media-add", making->media[i].id, &change, 1, error);
	}
	return ok;
}

static void step_made(struct job *job, enum job_wake wake, unsigned events)
{
	if (job->error.code != ERROR_NONE) {
		job_fail(job, &job->error);
		return;
	}
	if (catalog_batch(job->library->catalog, write_made, job, &job->error)) {
		answer(job);
		return;
	}
	job->step = step_removed;
	job_block(job, job->library->config.mechanisms, remove_files);
}

static bool prepare(struct job *job)
{
	struct making *making = job->making;
	if (!check_type(making, &job->error) || !check_capacity(making, &job->error) ||
		!check_prefix(making, &job->error) || !choose_numbers(job, making, &job->error))
		return false;
	making->ids = calloc(making->wanted.count, sizeof *making->ids);
	making->media = calloc(making->wanted.count, sizeof *making->media);
	return (making->ids && making->media) ||
	       error_set(&job->error, ERROR_NO_MEMORY, "Make fewer at a time.", "out of memory");
}

/* One at a time: the next one's numbers go on behind this one's. */
static void step_create(struct job *job, enum job_wake wake, unsigned events)
{
	if (job->library->making_tapes) {
		error_set(&job->error, ERROR_DRIVE_BUSY, "Try again when that is done.",
			"other tapes are being made at this moment");
		job_fail(job, &job->error);
		return;
	}
	if (!prepare(job)) {
		job_fail(job, &job->error);
		return;
	}
	job->underway = true;
	job->library->making_tapes = true;
	job->step = step_made;
	job_block(job, job->library->config.mechanisms, make_files);
}

static void end_making(struct job *job)
{
	if (job->underway)
		job->library->making_tapes = false;
	free_making(job);
}

void library_tape_create(struct library *library, const struct library_tape_create *create,
	const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	job->making = calloc(1, sizeof *job->making);
	if (!job_owns(job, job->making, end_making))
		return;
	job->making->wanted = *create;
	job->step = step_create;
	job_post(job);
}

/* ---- the tab ------------------------------------------------------------------------------------
 */

static void step_protect(struct job *job, enum job_wake wake, unsigned events)
{
	struct catalog *catalog = job->library->catalog;
	struct catalog_medium *medium = &job->medium;
	bool ok = medium_find_exactly(job) && medium_check_rests(job);
	if (!ok || !catalog_medium_set_write_protected(
			   catalog, medium->id, job->protect, job->actor, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	medium->write_protected = job->protect;
	job->result.has_medium = true;
	medium_fill(medium, &job->result.medium);
	job_succeed(job);
}

void library_tape_protect(struct library *library, const char *id, bool write_protected,
	const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->path, sizeof job->path, "%s", id);
	job->protect = write_protected;
	job->step = step_protect;
	job_post(job);
}
