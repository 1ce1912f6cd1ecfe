/* SPDX-License-Identifier: Apache-2.0 */
#include "background_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

enum {
	IOPRIO_WHO_PROCESS = 1,
	IOPRIO_IDLE = 3 << 13, /* ioprio_set(2): class 3 */
	RATE_NS = 2000000000,  /* the rate is of at least so long */
};

static const struct background_kind *const kinds[] = {
	&background_import, &background_scan, &background_upload, &background_verify};

_Static_assert(sizeof kinds / sizeof *kinds == BACKGROUND_KINDS, "kinds");

static const struct background_kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

static void job_free(struct background_job *job)
{
	if (!job)
		return;
	json_decref(job->parameters);
	json_decref(job->result);
	catalog_close(job->reader);
	free(job->row);
	free(job);
}

/* NULL without memory. */
static struct background_job *job_new(struct background *background, const struct catalog_job *row)
{
	struct background_job *job = calloc(1, sizeof *job);
	struct catalog_job *copy = malloc(sizeof *copy);
	if (!job || !copy) {
		free(job);
		free(copy);
		return NULL;
	}
	*copy = *row;
	list_init(&job->link);
	job->background = background;
	job->row = copy;
	job->kind = find_kind(row->kind);
	return job;
}

static void enqueue(struct background *background, struct background_job *job)
{
	SCOPED_LOCK(&background->lock);
	list_append(&background->queued, &job->link);
	pthread_cond_signal(&background->filled);
}

void background_enqueue(struct background *background, const struct catalog_job *row)
{
	struct background_job *job = job_new(background, row);
	if (job)
		enqueue(background, job);
	else
		log_warning("job %lld waits for the next start: out of memory", (long long)row->id);
}

/* ---- what a kind may ask for -------------------------------------------------------------------
 */

bool background_go_on(struct background_job *job, struct error *error)
{
	if (atomic_load(&job->cancelled))
		return error_set(error, ERROR_CANCELLED, "Begin another one.",
			"job %lld was cancelled", (long long)job->row->id);
	SCOPED_LOCK(&job->background->lock);
	if (!job->background->ending)
		return true;
	return error_set(error, ERROR_STOPPING, "It begins again with the daemon.",
		"the daemon is stopping");
}

void background_progress(struct background_job *job, uint64_t done, uint64_t total)
{
	uint64_t now = library_now(job->background->library);
	atomic_store(&job->done, done);
	atomic_store(&job->total, total);
	SCOPED_LOCK(&job->background->lock);
	if (!job->noted_ns || done < job->noted_done) {
		job->noted_ns = now;
		job->noted_done = done;
	} else if (now - job->noted_ns >= RATE_NS) {
		job->rate = (uint64_t)((double)(done - job->noted_done) * 1e9 /
				       (double)(now - job->noted_ns));
		job->noted_ns = now;
		job->noted_done = done;
	}
}

void background_claim(struct background_job *job, const char *path)
{
	SCOPED_LOCK(&job->background->lock);
	snprintf(job->claim, sizeof job->claim, "%s", path);
}

bool background_is_claimed(struct background *background, const char *path)
{
	SCOPED_LOCK(&background->lock);
	list_for_each (node, &background->running)
		if (strcmp(container_of(node, struct background_job, link)->claim, path) == 0)
			return true;
	return false;
}

/* ---- the threads -------------------------------------------------------------------------------
 */

/* The oldest, or NULL when it is over. */
static struct background_job *take(struct background *background)
{
	SCOPED_LOCK(&background->lock);
	while (!background->ending && list_empty(&background->queued))
		pthread_cond_wait(&background->filled, &background->lock);
	if (background->ending)
		return NULL;
	struct list *node = list_pop(&background->queued);
	list_append(&background->running, node);
	return container_of(node, struct background_job, link);
}

static void drop(struct background *background, struct background_job *job)
{
	pthread_mutex_lock(&background->lock);
	list_remove(&job->link);
	pthread_mutex_unlock(&background->lock);
	job_free(job);
}

/* Hosts come first, at the disk too. */
static void be_modest(void)
{
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
}

static void *work(void *argument)
{
	struct background *background = argument;
	struct background_job *job;
	be_modest();
	while ((job = take(background))) {
		background_run(job);
		drop(background, job);
	}
	return NULL;
}

void background_init(struct background *background, struct library *library)
{
	*background = (struct background){.library = library};
	pthread_mutex_init(&background->lock, NULL);
	pthread_cond_init(&background->filled, NULL);
	list_init(&background->queued);
	list_init(&background->running);
	const char *names[BACKGROUND_KINDS];
	for (unsigned i = 0; i < BACKGROUND_KINDS; i++)
		names[i] = kinds[i]->name;
	background_tally_init(&background->tally, names);
}

static bool resume(void *context, const struct catalog_job *row)
{
	struct background *background = context;
	struct background_job *job = job_new(background, row);
	if (job && job->kind)
		enqueue(background, job);
	else
		job_free(job);
	return true;
}

bool background_load(struct background *background, struct error *error)
{
	return catalog_jobs_unfinished(background->library->catalog, resume, background, error);
}

bool background_start(struct background *background, struct error *error)
{
	while (background->thread_count < BACKGROUND_THREADS) {
		pthread_t *thread = &background->threads[background->thread_count];
		if (pthread_create(thread, NULL, work, background) != 0)
			return error_set(error, ERROR_INTERNAL, "Look at the limit on threads.",
				"cannot start a thread for jobs");
		background->thread_count++;
	}
	return true;
}

void background_stop(struct background *background)
{
	pthread_mutex_lock(&background->lock);
	background->ending = true;
	pthread_cond_broadcast(&background->filled);
	pthread_mutex_unlock(&background->lock);
	while (background->thread_count > 0)
		pthread_join(background->threads[--background->thread_count], NULL);
}

void background_finish(struct background *background)
{
	struct list *node;
	while ((node = list_pop(&background->queued)))
		job_free(container_of(node, struct background_job, link));
	background_tally_finish(&background->tally);
	pthread_cond_destroy(&background->filled);
	pthread_mutex_destroy(&background->lock);
}

/* ---- who is there -------------------------------------------------------------------------------
 */

struct background_job *background_job_find(struct background *background, int64_t id)
{
	list_for_each (node, &background->running) {
		struct background_job *job = container_of(node, struct background_job, link);
		if (job->row->id == id)
			return job;
	}
	list_for_each (node, &background->queued) {
		struct background_job *job = container_of(node, struct background_job, link);
		if (job->row->id == id)
			return job;
	}
	return NULL;
}

bool background_is_unfinished(struct background *background, int64_t job)
{
	SCOPED_LOCK(&background->lock);
	return background_job_find(background, job) != NULL;
}

unsigned library_jobs_unfinished(struct library *library)
{
	struct background *background = &library->background;
	unsigned count = 0;
	SCOPED_LOCK(&background->lock);
	list_for_each (node, &background->running)
		count++;
	list_for_each (node, &background->queued)
		count++;
	return count;
}
