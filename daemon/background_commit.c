/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of the catalog that a job has the library worker make, and waits for. */
#include "background_private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "library_private.h"
#include "util/cleanup.h"

/* Somebody waits for the worker. */
struct errand {
	pthread_mutex_t lock;
	pthread_cond_t over;
	bool is_over;
	struct library_result *result;
	bool (*body)(struct catalog *catalog, void *context, struct error *error);
	void *context;
	struct catalog *catalog;
	const char *medium; /* that it is about; NULL: none */
};

static void errand_over(void *context, const struct library_result *result)
{
	struct errand *errand = context;
	SCOPED_LOCK(&errand->lock);
	*errand->result = *result;
	errand->is_over = true;
	pthread_cond_signal(&errand->over);
}

static void errand_wait(struct errand *errand)
{
	pthread_mutex_lock(&errand->lock);
	while (!errand->is_over)
		pthread_cond_wait(&errand->over, &errand->lock);
	pthread_mutex_unlock(&errand->lock);
	pthread_cond_destroy(&errand->over);
	pthread_mutex_destroy(&errand->lock);
}

/* NULL with *error. The caller frees ret->result. */
static bool errand_begin(struct errand *errand, struct error *error)
{
	errand->result = calloc(1, sizeof *errand->result);
	if (!errand->result)
		return error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	pthread_mutex_init(&errand->lock, NULL);
	pthread_cond_init(&errand->over, NULL);
	return true;
}

static bool run_body(void *context, struct error *error)
{
	struct errand *errand = context;
	return errand->body(errand->catalog, errand->context, error);
}

/* What readers see of a drive has what is known of the medium in it. */
static void publish_medium(struct job *job, const char *id)
{
	if (catalog_medium_find(job->library->catalog, id, &job->medium, NULL) &&
		strcmp(job->medium.id, id) == 0)
		drives_refresh_medium(job->library, &job->medium);
}

static void step_commit(struct job *job, enum job_wake wake, unsigned events)
{
	struct errand *errand = job->context;
	errand->catalog = job->library->catalog;
	if (!catalog_batch(errand->catalog, run_body, errand, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	if (errand->medium)
		publish_medium(job, errand->medium);
	job_succeed(job);
}

static bool errand_end(struct errand *errand, struct error *error)
{
	errand_wait(errand);
	bool ok = errand->result->ok;
	if (!ok && error)
		*error = errand->result->error;
	return ok;
}

bool background_pause(struct background_job *job)
{
	static const struct timespec look = {.tv_nsec = 100000000};
	for (unsigned i = 0; i < 10; i++) {
		pthread_mutex_lock(&job->background->lock);
		bool ending = job->background->ending;
		pthread_mutex_unlock(&job->background->lock);
		if (ending)
			return false;
		nanosleep(&look, NULL);
	}
	return true;
}

static bool commit_once(struct background_job *job, const struct errand *what, struct error *error)
{
	struct errand errand = *what;
	if (!errand_begin(&errand, error))
		return false;
	struct job *commit =
		job_create(job->background->library, job->row->actor, errand_over, &errand);
	if (commit) {
		commit->step = step_commit;
		job_post(commit);
	}
	bool ok = errand_end(&errand, error);
	free(errand.result);
	return ok;
}

/* Another program has the catalog locked: a job has time. False: *error stands. */
static bool wait_for_catalog(struct background_job *job, struct error *error)
{
	if (error->code != ERROR_CATALOG_BUSY)
		return false;
	if (background_pause(job))
		return true;
	return error_set(error, ERROR_STOPPING, "It begins again with the daemon.",
		"the daemon is stopping");
}

bool background_commit(struct background_job *job, const char *medium,
	bool (*body)(struct catalog *catalog, void *context, struct error *error), void *context,
	struct error *error)
{
	const struct errand what = {.body = body, .context = context, .medium = medium};
	struct error own, *why = error ? error : &own;
	bool ok;
	do {
		why->code = ERROR_NONE;
		ok = commit_once(job, &what, why);
	} while (!ok && wait_for_catalog(job, why));
	return ok;
}

static bool add_once(struct background_job *job, const struct library_media_add *add,
	struct library_medium *ret, bool *ret_new, struct error *error)
{
	struct errand errand = {0};
	if (!errand_begin(&errand, error))
		return false;
	library_media_add(job->background->library, add, job->row->actor, errand_over, &errand);
	bool ok = errand_end(&errand, error);
	if (ok) {
		*ret = errand.result->medium;
		*ret_new = errand.result->created;
	}
	free(errand.result);
	return ok;
}

bool background_add(struct background_job *job, const struct library_media_add *add,
	struct library_medium *ret, bool *ret_new, struct error *error)
{
	bool ok;
	do
		ok = add_once(job, add, ret, ret_new, error);
	while (!ok && wait_for_catalog(job, error));
	return ok;
}
