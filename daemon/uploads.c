/* SPDX-License-Identifier: Apache-2.0 */
/* The table of unfinished uploads, from the start of the library to its stop. */
#include "uploads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "library_private.h"
#include "log.h"
#include "pool.h"
#include "util/cleanup.h"

enum { WRITERS = 4 }; /* a pool that hangs takes one away for each piece that comes into it */

/* ---- the table ------------------------------------------------------------------------------ */

void uploads_init(struct uploads *uploads, struct library *library)
{
	*uploads = (struct uploads){.library = library};
	pthread_mutex_init(&uploads->lock, NULL);
	list_init(&uploads->all);
	library_bound_uploads(library, &library->config.uploads);
}

struct upload *uploads_find(struct uploads *uploads, const char *id, struct error *error)
{
	list_for_each (node, &uploads->all) {
		struct upload *upload = container_of(node, struct upload, link);
		if (strcmp(upload->row.id, id) == 0)
			return upload;
	}
	error_set(error, ERROR_UPLOAD_NOT_FOUND, "Begin a new upload.", "there is no upload %.63s",
		id);
	return NULL;
}

struct upload *uploads_insert(struct uploads *uploads, const struct catalog_upload *row)
{
	struct upload *upload = calloc(1, sizeof *upload);
	if (!upload)
		return NULL;
	upload->references = 1;
	upload->row = *row;
	upload->used_ns = library_now(uploads->library);
	sha256_init(&upload->digest);
	list_append(&uploads->all, &upload->link);
	uploads->count++;
	return upload;
}

void uploads_remove(struct uploads *uploads, struct upload *upload)
{
	list_remove(&upload->link);
	upload->gone = true;
	uploads->count--;
	upload_put(upload);
}

void upload_put(struct upload *upload)
{
	if (--upload->references == 0)
		free(upload);
}

int64_t uploads_expiry(void)
{
	return time(NULL) + UPLOADS_LIFE_S;
}

/* ---- readers -------------------------------------------------------------------------------- */

static void describe(const struct upload *upload, struct library_upload *ret)
{
	const struct catalog_upload *row = &upload->row;
	*ret = (struct library_upload){.length = row->length,
		.offset = upload->offset,
		.receiving = upload->receiving != NULL,
		.created = row->created,
		.expires = row->expires,
		.job = row->job};
	snprintf(ret->id, sizeof ret->id, "%s", row->id);
	snprintf(ret->actor, sizeof ret->actor, "%s", row->actor);
	snprintf(ret->name, sizeof ret->name, "%s", row->name);
	snprintf(ret->metadata, sizeof ret->metadata, "%s", row->metadata);
	snprintf(ret->sha256, sizeof ret->sha256, "%s", row->sha256);
	snprintf(ret->pool, sizeof ret->pool, "%s", row->pool);
}

bool library_upload_get(
	struct library *library, const char *id, struct library_upload *ret, struct error *error)
{
	SCOPED_LOCK(&library->uploads.lock);
	const struct upload *upload = uploads_find(&library->uploads, id, error);
	if (upload)
		describe(upload, ret);
	return upload;
}

static bool find_job(struct library *library, const char *id, struct catalog_job *ret)
{
	SCOPED_LOCK(&library->reader_lock);
	return catalog_job_of_upload(library->reader, id, ret, NULL);
}

/* "failed", "was cancelled", "is running" */
static const char *before_state(const char *state)
{
	if (strcmp(state, "cancelled") == 0)
		return "was ";
	return strcmp(state, "failed") == 0 || strcmp(state, "succeeded") == 0 ? "" : "is ";
}

int64_t library_upload_job(struct library *library, const char *id, struct error *ret)
{
	_cleanup_free_ struct catalog_job *job = malloc(sizeof *job);
	char remedy[64];
	if (!job || !find_job(library, id, job))
		return 0;
	snprintf(remedy, sizeof remedy, "See GET /api/v1/jobs/%lld.", (long long)job->id);
	error_set(ret, ERROR_UPLOAD_ENDED, job->remedy[0] ? job->remedy : remedy,
		"the upload has ended; its job %lld %s%s%s%.300s", (long long)job->id,
		before_state(job->state), job->state, job->sentence[0] ? ": " : "", job->sentence);
	return job->id;
}

bool library_upload_at(struct library *library, unsigned index, struct library_upload *ret)
{
	SCOPED_LOCK(&library->uploads.lock);
	list_for_each (node, &library->uploads.all)
		if (index-- == 0) {
			describe(container_of(node, struct upload, link), ret);
			return true;
		}
	return false;
}

uint64_t library_upload_limit(struct library *library)
{
	uint64_t limit = library->uploads.limit;
	return limit ? limit : INT64_MAX;
}

void library_bound_uploads(struct library *library, const struct upload_bounds *bounds)
{
	library->uploads.limit = bounds->limit;
	library->uploads.reserve = bounds->reserve;
}

/* ---- start ---------------------------------------------------------------------------------- */

struct loading {
	struct uploads *uploads;
	bool no_memory;
};

/* A job that has failed left the upload behind for another attempt. */
static void look_at_job(struct uploads *uploads, struct upload *upload)
{
	_cleanup_free_ struct catalog_job *row = malloc(sizeof *row);
	struct catalog *catalog = uploads->library->catalog;
	bool known = row && catalog_job_find(catalog, upload->row.job, row, NULL);
	upload->finished = known && strcmp(row->state, "succeeded") == 0;
	if (upload->finished)
		upload->offset = (uint64_t)upload->row.length;
	else if (row && (!known || row->ended))
		upload->row.job = 0;
}

static bool load(void *context, const struct catalog_upload *row)
{
	struct loading *loading = context;
	struct upload *upload = uploads_insert(loading->uploads, row);
	loading->no_memory |= !upload;
	if (!upload)
		return false;
	int64_t size = upload_part_size(row);
	upload->offset = size > 0 ? (uint64_t)size : 0;
	if (row->length >= 0 && upload->offset > (uint64_t)row->length)
		upload->offset = (uint64_t)row->length;
	return true;
}

/* Of one that is past its time nothing is removed before the clock had a while to be set right. */
static void look_at_all(struct uploads *uploads)
{
	list_for_each (node, &uploads->all) {
		struct upload *upload = container_of(node, struct upload, link);
		if (upload->row.job)
			look_at_job(uploads, upload);
		if (upload->row.expires <= time(NULL))
			upload->used_ns -=
				(UPLOADS_LIFE_S - UPLOADS_GRACE_S) * UINT64_C(1000000000);
	}
}

static bool is_known(void *context, const char *id)
{
	const struct upload *upload = uploads_find(context, id, NULL);
	return upload && !upload->finished;
}

static void sweep_pools(struct uploads *uploads)
{
	const struct library_config *config = &uploads->library->config;
	char pool[PATH_MAX];
	for (unsigned i = 0; config->pool_at && config->pool_at(config->path_context, i, pool); i++)
		upload_parts_sweep(pool, is_known, uploads);
}

bool uploads_load(struct uploads *uploads, struct error *error)
{
	struct loading loading = {uploads, false};
	if (!catalog_uploads_list(uploads->library->catalog, load, &loading, error))
		return false;
	if (loading.no_memory)
		return error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	look_at_all(uploads);
	sweep_pools(uploads);
	return true;
}

void upload_ignore(void *context, const struct library_result *result)
{
}

/* Those that were whole when the last daemon ended, but had no job yet. */
static void settle_all(struct uploads *uploads)
{
	list_for_each (node, &uploads->all) {
		const struct upload *upload = container_of(node, struct upload, link);
		if (!upload->row.job)
			upload_settle(
				uploads, upload->row.id, upload->row.actor, upload_ignore, NULL);
	}
}

bool uploads_start(struct uploads *uploads, struct error *error)
{
	uploads->writers = pool_create(WRITERS, WRITERS, error);
	if (!uploads->writers)
		return false;
	SCOPED_LOCK(&uploads->lock);
	settle_all(uploads);
	if (uploads->count)
		uploads_sweep_later(uploads);
	return true;
}

/* ---- stop ----------------------------------------------------------------------------------- */

void uploads_stop(struct uploads *uploads)
{
	pthread_mutex_lock(&uploads->lock);
	uploads->stopping = true;
	list_for_each (node, &uploads->all) {
		struct upload *upload = container_of(node, struct upload, link);
		if (upload->receiving)
			upload_receiving_stop(upload->receiving);
	}
	pthread_mutex_unlock(&uploads->lock);
	pool_destroy(steal(uploads->writers)); /* after what they have under way */
}

void uploads_finish(struct uploads *uploads)
{
	list_for_each_safe (node, &uploads->all)
		uploads_remove(uploads, container_of(node, struct upload, link));
	pthread_mutex_destroy(&uploads->lock);
}

/* ---- for the job ---------------------------------------------------------------------------- */

void upload_digest(struct uploads *uploads, const char *id, char ret[LIBRARY_DIGEST_MAX])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	ret[0] = '\0';
	SCOPED_LOCK(&uploads->lock);
	struct upload *upload = uploads_find(uploads, id, NULL);
	if (!upload || !upload->offset || upload->digested != upload->offset)
		return;
	struct sha256_ctx copy = upload->digest;
	sha256_digest(&copy, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

void upload_finished(struct uploads *uploads, const char *id)
{
	SCOPED_LOCK(&uploads->lock);
	struct upload *upload = uploads_find(uploads, id, NULL);
	if (upload)
		upload->finished = true;
}

void upload_forget(struct uploads *uploads, const char *id)
{
	SCOPED_LOCK(&uploads->lock);
	struct upload *upload = uploads_find(uploads, id, NULL);
	if (upload)
		uploads_remove(uploads, upload);
}

void upload_resume(struct uploads *uploads, const char *id, int64_t size)
{
	SCOPED_LOCK(&uploads->lock);
	struct upload *upload = uploads_find(uploads, id, NULL);
	uint64_t there = size > 0 ? (uint64_t)size : 0;
	if (!upload)
		return;
	upload->row.job = 0;
	if (there >= upload->offset)
		return;
	upload->offset = there;
	upload->digested = UINT64_MAX; /* unknown for good */
}
