/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs as readers see them: their rows, and how far they are. */
#include "background_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "library_private.h"
#include "util/cleanup.h"

static void describe(const struct catalog_job *row, struct library_job *ret)
{
	*ret = (struct library_job){.id = row->id,
		.created = row->created,
		.started = row->started,
		.ended = row->ended,
		.done = row->done,
		.total = row->total,
		.eta = -1};
	snprintf(ret->kind, sizeof ret->kind, "%s", row->kind);
	snprintf(ret->state, sizeof ret->state, "%s", row->state);
	snprintf(ret->actor, sizeof ret->actor, "%s", row->actor);
	snprintf(ret->parameters, sizeof ret->parameters, "%s", row->parameters);
	snprintf(ret->result, sizeof ret->result, "%s", row->result);
	snprintf(ret->error, sizeof ret->error, "%s", row->error);
	snprintf(ret->sentence, sizeof ret->sentence, "%s", row->sentence);
	snprintf(ret->remedy, sizeof ret->remedy, "%s", row->remedy);
}

/* What the catalog does not know yet. */
static void add_progress(struct background *background, struct library_job *job)
{
	SCOPED_LOCK(&background->lock);
	struct background_job *running = background_job_find(background, job->id);
	if (!running)
		return;
	job->done = atomic_load(&running->done);
	job->total = atomic_load(&running->total);
	job->rate = running->rate;
	if (job->rate && job->total >= job->done)
		job->eta = (int64_t)((job->total - job->done) / job->rate);
}

bool library_job_get(
	struct library *library, int64_t id, struct library_job *ret, struct error *error)
{
	_cleanup_free_ struct catalog_job *row = malloc(sizeof *row);
	if (!row)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	pthread_mutex_lock(&library->reader_lock);
	bool found = catalog_job_find(library->reader, id, row, error);
	pthread_mutex_unlock(&library->reader_lock);
	if (!found)
		return false;
	describe(row, ret);
	add_progress(&library->background, ret);
	return true;
}

struct listing {
	struct library *library;
	struct library_job *job;
	bool (*each)(void *context, const struct library_job *job);
	void *context;
};

static bool list_row(void *context, const struct catalog_job *row)
{
	struct listing *listing = context;
	describe(row, listing->job);
	add_progress(&listing->library->background, listing->job);
	return listing->each(listing->context, listing->job);
}

bool library_jobs(struct library *library, const char *state, int64_t before, unsigned limit,
	bool (*each)(void *context, const struct library_job *job), void *context,
	struct error *error)
{
	_cleanup_free_ struct library_job *job = malloc(sizeof *job);
	struct listing listing = {library, job, each, context};
	if (!job)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	SCOPED_LOCK(&library->reader_lock);
	return catalog_jobs_list(library->reader, state, before, limit, list_row, &listing, error);
}
