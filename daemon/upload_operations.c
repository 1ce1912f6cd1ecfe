/* SPDX-License-Identifier: Apache-2.0 */
/* What operators and pieces have the worker do with uploads. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "library_private.h"
#include "log.h"
#include "uploads.h"
#include "util/cleanup.h"

enum { SWEEP_EVERY_MS = 3600 * 1000 };

/* Of an operation. */
struct uploading {
	struct catalog_upload row;
	struct upload_words words;
	bool made; /* its file is there */
};

static void uploading_free(struct job *job)
{
	free(job->uploading);
}

/* NULL: answered. */
static struct job *make_job(
	struct library *library, const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return NULL;
	job->uploading = calloc(1, sizeof *job->uploading);
	return job_owns(job, job->uploading, uploading_free) ? job : NULL;
}

static void succeed(struct job *job)
{
	snprintf(job->result.upload, sizeof job->result.upload, "%s", job->uploading->row.id);
	job_succeed(job);
}

/* ---- beginning -------------------------------------------------------------------------------*/

static bool check_words(const struct upload_words *words, struct error *error)
{
	if (words->profile[0] && strcasecmp(words->profile, "auto") != 0 &&
		mmc_profile_find(words->profile) == PROFILE_NONE)
		return error_set(error, ERROR_INVALID, "Use cd-rom, dvd-rom, bd-rom or auto.",
			"there is no profile \"%s\"", words->profile);
	return !words->id[0] || strcmp(words->id, "any") == 0 ||
	       catalog_drive_name_valid(words->id) ||
	       error_set(error, ERROR_INVALID,
		       "Use at most 32 of a-z, 0-9, '.', '_' and '-', beginning with a letter or "
		       "digit.",
		       "\"%s\" is not allowed as the id of a medium", words->id);
}

bool library_upload_check(
	struct library *library, const struct library_upload_begin *begin, struct error *error)
{
	struct upload_words words;
	uint64_t limit = library_upload_limit(library);
	if (begin->length == 0)
		return error_set(error, ERROR_IMAGE_EMPTY, "Send an image.", "there are no bytes");
	if (begin->length > 0 && (uint64_t)begin->length > limit)
		return error_set(error, ERROR_TOO_LARGE,
			"Send less, or raise upload_limit in [media] of the configuration.",
			"uploads of more than %llu bytes are not taken", (unsigned long long)limit);
	return upload_metadata_read(begin->metadata, &words, error) && check_words(&words, error);
}

static bool is_called_so(const struct library_config *config, const char *pool, const char *path)
{
	return strcmp(pool, path) == 0;
}

static bool is_there(const struct library_config *config, const char *pool, const char *path)
{
	char real[PATH_MAX];
	return config->path_allowed(config->path_context, pool, real, NULL) &&
	       strcmp(real, path) == 0;
}

static bool any_pool(const struct library_config *config, const char *path,
	bool (*is)(const struct library_config *config, const char *pool, const char *path))
{
	char pool[PATH_MAX];
	for (unsigned i = 0; config->pool_at && config->pool_at(config->path_context, i, pool); i++)
		if (is(config, pool, path))
			return true;
	return false;
}

/* One that is gone is looked at for ever, so only when it is none by its name. */
static bool is_pool(const struct library_config *config, const char *path)
{
	return any_pool(config, path, is_called_so) || any_pool(config, path, is_there);
}

/* The one that was asked for, or the first; without symbolic links. Blocks. */
static bool choose_pool(struct library *library, struct uploading *uploading, struct error *error)
{
	const struct library_config *config = &library->config;
	char first[PATH_MAX] = "", real[PATH_MAX];
	const char *wanted = uploading->words.pool;
	if (!wanted[0] && (!config->pool_at || !config->pool_at(config->path_context, 0, first)))
		return error_set(error, ERROR_CONFIGURATION,
			"Set pools in [media] of the configuration.",
			"there is no media pool to upload into");
	if (wanted[0] && !is_pool(config, wanted))
		return error_set(error, ERROR_FILE_OUTSIDE_POOLS,
			"Name a directory of pools in the configuration.",
			"%.256s is not a media pool", wanted);
	if (!config->path_allowed(config->path_context, wanted[0] ? wanted : first, real, error))
		return false;
	snprintf(uploading->row.pool, sizeof uploading->row.pool, "%s", real);
	return true;
}

static void prepare(struct job *job)
{
	struct uploading *uploading = job->uploading;
	struct catalog_upload *row = &uploading->row;
	uint64_t size = row->length > 0 ? (uint64_t)row->length : 1;
	uploading->made = choose_pool(job->library, uploading, &job->error) &&
			  upload_space_check(job->library, row->pool, size, &job->error) &&
			  upload_part_create(row, &job->error);
}

static bool write_begun(void *context, struct error *error)
{
	struct job *job = context;
	const struct catalog_upload *row = &job->uploading->row;
	return catalog_upload_add(job->library->catalog, row, error) &&
	       library_tell(
		       job->library->catalog, job->actor, "upload-begin", "upload", row->id, error);
}

static bool add(struct job *job)
{
	struct uploads *uploads = &job->library->uploads;
	struct catalog_upload *row = &job->uploading->row;
	row->created = time(NULL);
	row->expires = uploads_expiry();
	if (!catalog_batch(job->library->catalog, write_begun, job, &job->error))
		return false;
	SCOPED_LOCK(&uploads->lock);
	return uploads_insert(uploads, row) ||
	       error_set(&job->error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
}

static void step_prepared(struct job *job, enum job_wake wake, unsigned events)
{
	if (!job->uploading->made) {
		job_fail(job, &job->error);
		return;
	}
	if (!add(job)) {
		upload_part_remove(&job->uploading->row);
		job_fail(job, &job->error);
		return;
	}
	uploads_sweep_later(&job->library->uploads);
	job->result.created = true;
	succeed(job);
}

static bool has_room(struct job *job)
{
	struct uploads *uploads = &job->library->uploads;
	SCOPED_LOCK(&uploads->lock);
	return uploads->count < UPLOADS_MAX ||
	       error_set(&job->error, ERROR_TOO_MANY,
		       "Finish or remove some: GET /api/v1/uploads lists them.",
		       "%d uploads are not finished", UPLOADS_MAX);
}

static void step_begin(struct job *job, enum job_wake wake, unsigned events)
{
	if (!has_room(job)) {
		job_fail(job, &job->error);
		return;
	}
	job->step = step_prepared;
	job_block(job, job->library->config.readers, prepare);
}

static bool choose_id(struct catalog_upload *row, struct error *error)
{
	uint8_t random[16];
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return error_set(error, ERROR_INTERNAL, "Try again.", "there is no randomness");
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(row->id + 2 * i, 3, "%02x", random[i]);
	return true;
}

static bool fill_row(struct uploading *uploading, const struct library_upload_begin *begin,
	const char *actor, struct error *error)
{
	struct catalog_upload *row = &uploading->row;
	const struct upload_words *words = &uploading->words;
	if (!upload_metadata_read(begin->metadata, &uploading->words, error) ||
		!choose_id(row, error))
		return false;
	row->length = begin->length;
	snprintf(row->actor, sizeof row->actor, "%s", actor);
	snprintf(row->metadata, sizeof row->metadata, "%s", begin->metadata);
	snprintf(row->sha256, sizeof row->sha256, "%s", words->sha256);
	snprintf(row->name, sizeof row->name, "%s", words->name);
	if (!words->name[0])
		snprintf(row->name, sizeof row->name, "upload-%.8s.iso", row->id);
	return true;
}

void library_upload_begin(struct library *library, const struct library_upload_begin *begin,
	const char *actor, library_done done, void *context)
{
	struct job *job = make_job(library, actor, done, context);
	if (!job)
		return;
	if (!library_upload_check(library, begin, &job->error) ||
		!fill_row(job->uploading, begin, actor, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	job->step = step_begin;
	job_post(job);
}

/* ---- what a piece left behind ---------------------------------------------------------------- */

struct completion {
	struct library *library;
	struct catalog_upload *row;
	struct catalog_job *begun; /* NULL: it is not complete */
};

static bool write_completion(void *context, struct error *error)
{
	struct completion *completion = context;
	struct catalog *catalog = completion->library->catalog;
	if (completion->begun && !catalog_job_add(catalog, completion->begun, error))
		return false;
	if (completion->begun)
		completion->row->job = completion->begun->id;
	return catalog_upload_update(catalog, completion->row, error);
}

/* NULL without memory. */
static struct catalog_job *new_job(const struct catalog_upload *row, const char *actor)
{
	struct catalog_job *begun = calloc(1, sizeof *begun);
	json_t *parameters = json_pack(
		"{s:s, s:s, s:s}", "upload", row->id, "name", row->name, "pool", row->pool);
	_cleanup_free_ char *text = json_dumps(parameters, JSON_COMPACT);
	json_decref(parameters);
	if (!begun || !text) {
		free(begun);
		return NULL;
	}
	snprintf(begun->kind, sizeof begun->kind, "%s", background_upload.name);
	snprintf(begun->actor, sizeof begun->actor, "%s", actor);
	snprintf(begun->parameters, sizeof begun->parameters, "%s", text);
	snprintf(begun->upload, sizeof begun->upload, "%s", row->id);
	begun->total = (uint64_t)row->length;
	return begun;
}

/* The row as it is to be, and whether all is there. */
static bool look(struct job *job, bool *ret_complete)
{
	struct uploads *uploads = &job->library->uploads;
	SCOPED_LOCK(&uploads->lock);
	const struct upload *upload = uploads_find(uploads, job->uploading->row.id, &job->error);
	if (!upload)
		return false;
	job->uploading->row = upload->row;
	*ret_complete = upload->row.length > 0 && !upload->row.job && !upload->receiving &&
			upload->offset == (uint64_t)upload->row.length;
	return true;
}

static void publish(struct job *job)
{
	struct uploads *uploads = &job->library->uploads;
	SCOPED_LOCK(&uploads->lock);
	struct upload *upload = uploads_find(uploads, job->uploading->row.id, NULL);
	if (upload)
		upload->row.job = job->uploading->row.job;
}

static bool settle(struct job *job)
{
	struct completion completion = {.library = job->library, .row = &job->uploading->row};
	bool complete = false;
	if (!look(job, &complete))
		return false;
	_cleanup_free_ struct catalog_job *begun =
		complete ? new_job(completion.row, job->actor) : NULL;
	if (complete && !begun)
		return error_set(&job->error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	completion.begun = begun;
	if (!catalog_batch(job->library->catalog, write_completion, &completion, &job->error))
		return false;
	publish(job);
	if (begun)
		background_enqueue(&job->library->background, begun);
	job->result.job = completion.row->job;
	return true;
}

static void step_settle(struct job *job, enum job_wake wake, unsigned events)
{
	uploads_sweep_later(&job->library->uploads);
	if (settle(job))
		succeed(job);
	else
		job_fail(job, &job->error);
}

void upload_settle(struct uploads *uploads, const char *id, const char *actor, library_done done,
	void *context)
{
	struct job *job = make_job(uploads->library, actor, done, context);
	if (!job)
		return;
	snprintf(job->uploading->row.id, sizeof job->uploading->row.id, "%s", id);
	job->step = step_settle;
	job_post(job);
}

/* ---- removing -------------------------------------------------------------------------------- */

static bool write_forgotten(void *context, struct error *error)
{
	struct job *job = context;
	const struct catalog_upload *row = &job->uploading->row;
	return catalog_upload_remove(job->library->catalog, row->id, error) &&
	       library_tell(job->library->catalog, job->actor, "upload-remove", "upload", row->id,
		       error);
}

static bool forget(struct job *job)
{
	struct uploads *uploads = &job->library->uploads;
	SCOPED_LOCK(&uploads->lock);
	struct upload *upload = uploads_find(uploads, job->uploading->row.id, &job->error);
	if (!upload)
		return false;
	if (upload->row.job && !upload->finished)
		return error_set(&job->error, ERROR_UNDER_WAY,
			"Cancel the job, or remove the medium when it is there.",
			"the upload is complete; job %lld makes a medium of it",
			(long long)upload->row.job);
	job->uploading->row = upload->row;
	if (!catalog_batch(job->library->catalog, write_forgotten, job, &job->error))
		return false;
	uploads_remove(uploads, upload);
	return true;
}

static void remove_file(struct job *job)
{
	upload_part_remove(&job->uploading->row);
}

static void step_removed(struct job *job, enum job_wake wake, unsigned events)
{
	succeed(job);
}

static void step_remove(struct job *job, enum job_wake wake, unsigned events)
{
	if (!forget(job)) {
		job_fail(job, &job->error);
		return;
	}
	job->step = step_removed;
	job->underway = true; /* the row is gone: the file goes, too */
	job_block(job, job->library->config.readers, remove_file);
}

void library_upload_remove(struct library *library, const char *id, const char *actor,
	library_done done, void *context)
{
	struct job *job = make_job(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->uploading->row.id, sizeof job->uploading->row.id, "%s", id);
	job->step = step_remove;
	job_post(job);
}

/* ---- what expires ---------------------------------------------------------------------------- */

/*
 * The clock on the wall may jump, so that it alone removes nothing: for a day nobody has gone on
 * with it while this daemon ran, and what clients were told is over. What was told by a clock that
 * has been set back since does not count.
 */
static bool is_over(int64_t expires)
{
	int64_t now = time(NULL);
	return expires <= now || expires > now + UPLOADS_LIFE_S;
}

/* lock held. */
static bool has_expired(const struct uploads *uploads, const struct upload *upload)
{
	uint64_t idle = library_now(uploads->library) - upload->used_ns;
	return (!upload->row.job || upload->finished) && !upload->receiving &&
	       is_over(upload->row.expires) && idle >= UPLOADS_LIFE_S * UINT64_C(1000000000);
}

/* False: there are no uploads. */
static bool sweep(struct uploads *uploads)
{
	SCOPED_LOCK(&uploads->lock);
	list_for_each (node, &uploads->all) {
		const struct upload *upload = container_of(node, struct upload, link);
		if (!has_expired(uploads, upload))
			continue;
		log_info("the upload of %s has expired", upload->row.name);
		library_upload_remove(
			uploads->library, upload->row.id, "expiry", upload_ignore, NULL);
	}
	return uploads->count > 0;
}

static void step_sweep(struct job *job, enum job_wake wake, unsigned events)
{
	if (sweep(&job->library->uploads)) {
		job_wait(job, SWEEP_EVERY_MS);
		return;
	}
	atomic_store(&job->library->uploads.sweeping, false);
	job_succeed(job);
}

void uploads_sweep_later(struct uploads *uploads)
{
	if (atomic_exchange(&uploads->sweeping, true))
		return;
	struct job *job = job_create(uploads->library, "expiry", upload_ignore, NULL);
	if (!job) {
		atomic_store(&uploads->sweeping, false);
		return;
	}
	job->step = step_sweep;
	job_post(job);
}
