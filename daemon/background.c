/* SPDX-License-Identifier: Apache-2.0 */
#include "background.h"

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

bool background_commit(struct background_job *job, const char *medium,
	bool (*body)(struct catalog *catalog, void *context, struct error *error), void *context,
	struct error *error)
{
	struct errand errand = {.body = body, .context = context, .medium = medium};
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

bool background_add(struct background_job *job, const struct library_media_add *add,
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

/* ---- the life of a job -------------------------------------------------------------------------
 */

static bool write_row(struct catalog *catalog, void *context, struct error *error)
{
	const struct background_job *job = context;
	return catalog_job_update(catalog, job->row, error);
}

static bool begin(struct background_job *job, struct error *error)
{
	struct catalog_job *row = job->row;
	snprintf(row->state, sizeof row->state, "running");
	row->started = time(NULL);
	job->begun_ns = library_now(job->background->library);
	job->parameters = json_loads(row->parameters, 0, NULL);
	job->result = json_object();
	job->reader = catalog_open_reader(job->background->library->config.catalog_path, error);
	if (!job->reader)
		return false;
	if (!job->parameters || !job->result)
		return error_set(error, ERROR_INTERNAL, "Begin another one.",
			"the parameters of job %lld cannot be read", (long long)row->id);
	return background_commit(job, NULL, write_row, job, error);
}

/* A result that is too long to keep is cut to what it counts. */
static void keep_result(struct background_job *job)
{
	struct catalog_job *row = job->row;
	_cleanup_free_ char *text = json_dumps(job->result, JSON_COMPACT);
	if (text && strlen(text) >= sizeof row->result) {
		free(text);
		json_object_del(job->result, "media");
		json_object_del(job->result, "problems");
		json_object_set_new(job->result, "shortened", json_true());
		text = json_dumps(job->result, JSON_COMPACT);
	}
	snprintf(row->result, sizeof row->result, "%s",
		text && strlen(text) < sizeof row->result ? text : "");
}

/* It has ended, as far as its row goes. */
static void close_row(struct background_job *job, const char *state)
{
	struct catalog_job *row = job->row;
	keep_result(job);
	row->ended = time(NULL);
	row->done = atomic_load(&job->done);
	row->total = atomic_load(&job->total);
	snprintf(row->state, sizeof row->state, "%s", state);
}

struct success {
	struct background_job *job;
	bool (*body)(struct catalog *catalog, void *context, struct error *error);
	void *context;
};

static bool write_success(struct catalog *catalog, void *context, struct error *error)
{
	struct success *success = context;
	return success->body(catalog, success->context, error) &&
	       catalog_job_update(catalog, success->job->row, error);
}

bool background_succeed(struct background_job *job,
	bool (*body)(struct catalog *catalog, void *context, struct error *error), void *context,
	struct error *error)
{
	struct success success = {job, body, context};
	close_row(job, "succeeded");
	return background_commit(job, NULL, write_success, &success, error);
}

static void keep_error(struct catalog_job *row, const struct error *error)
{
	snprintf(row->error, sizeof row->error, "%s", error_code_name(error->code));
	snprintf(row->sentence, sizeof row->sentence, "%s", error->sentence);
	snprintf(row->remedy, sizeof row->remedy, "%s", error->remedy);
}

/* The next daemon begins it again. */
static bool is_left_off(const struct error *error)
{
	return error->code == ERROR_STOPPING;
}

static void count_end(struct background_job *job)
{
	uint64_t now = library_now(job->background->library);
	if (job->begun_ns)
		background_tally_add(&job->background->tally, job->kind->name, job->row->state,
			now - job->begun_ns);
}

static void end(struct background_job *job, bool ok, const struct error *error)
{
	struct catalog_job *row = job->row;
	struct error failure = {0};
	if (!ok && is_left_off(error))
		return;
	if (!ok)
		keep_error(row, error);
	close_row(job, ok ? "succeeded" : error->code == ERROR_CANCELLED ? "cancelled" : "failed");
	if (background_commit(job, NULL, write_row, job, &failure)) {
		count_end(job);
		if (job->kind->ended)
			job->kind->ended(job);
	} else if (!is_left_off(&failure)) {
		log_failure(LOG_LEVEL_ERROR, "ending a job", &failure);
	}
	log_info("job %lld (%s) %s%s%s", (long long)row->id, row->kind, row->state, ok ? "" : ": ",
		ok ? "" : error->sentence);
}

static void run(struct background_job *job)
{
	struct error error = {0};
	bool ok =
		background_go_on(job, &error) && begin(job, &error) && job->kind->run(job, &error);
	end(job, ok, &error);
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
		run(job);
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

/* ---- operators ---------------------------------------------------------------------------------
 */

struct asking {
	struct background *background;
	struct catalog_job row;
};

static void asking_free(struct job *job)
{
	free(job->asking);
}

static void step_ask(struct job *job, enum job_wake wake, unsigned events)
{
	struct background *background = job->asking->background;
	struct catalog_job *row = &job->asking->row;
	if (!catalog_job_add(job->library->catalog, row, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	job->result.job = row->id;
	job->result.created = true;
	background_enqueue(background, row);
	job_succeed(job);
}

/* Takes over the parameters. */
static void ask(struct library *library, const struct background_kind *kind, json_t *parameters,
	const char *actor, library_done done, void *context)
{
	_cleanup_free_ char *text = json_dumps(parameters, JSON_COMPACT);
	json_decref(parameters);
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	job->asking = calloc(1, sizeof *job->asking);
	job->cleanup = asking_free;
	job->step = step_ask;
	if (!job->asking || !text || strlen(text) >= sizeof job->asking->row.parameters) {
		error_set(&job->error, ERROR_INVALID, "Ask for less.",
			"what is asked for is too long, or there is no memory");
		job_fail(job, &job->error);
		return;
	}
	job->asking->background = &library->background;
	snprintf(job->asking->row.kind, sizeof job->asking->row.kind, "%s", kind->name);
	snprintf(job->asking->row.actor, sizeof job->asking->row.actor, "%s", actor);
	snprintf(job->asking->row.parameters, sizeof job->asking->row.parameters, "%s", text);
	job_post(job);
}

static void set_text(json_t *object, const char *name, const char *value)
{
	if (value[0])
		json_object_set_new(object, name, json_string(value));
}

void library_import(struct library *library, const struct library_import *import, const char *actor,
	library_done done, void *context)
{
	json_t *parameters = json_object();
	set_text(parameters, "path", import->path);
	set_text(parameters, "id", import->id);
	set_text(parameters, "profile", import->profile);
	set_text(parameters, "sha256", import->sha256);
	set_text(parameters, "pool", import->pool);
	if (import->copy)
		json_object_set_new(parameters, "copy", json_true());
	ask(library, &background_import, parameters, actor, done, context);
}

void library_scan(struct library *library, const char *pool, const char *actor, library_done done,
	void *context)
{
	json_t *parameters = json_object();
	set_text(parameters, "pool", pool);
	ask(library, &background_scan, parameters, actor, done, context);
}

void background_ask_scan(struct library *library, json_t *parameters, const char *actor,
	library_done done, void *context)
{
	ask(library, &background_scan, parameters, actor, done, context);
}

void library_verify(struct library *library, const struct library_verify *verify, const char *actor,
	library_done done, void *context)
{
	json_t *parameters = json_object();
	set_text(parameters, "medium", verify->medium);
	if (verify->older_than)
		json_object_set_new(
			parameters, "older_than", json_integer((json_int_t)verify->older_than));
	ask(library, &background_verify, parameters, actor, done, context);
}

/* lock held. */
static struct background_job *find(struct background *background, int64_t id)
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
	return find(background, job) != NULL;
}

/*
 * One that is queued is ended by the thread that takes it. One whose end is written down has ended,
 * though its thread may not have let go of it yet.
 */
static bool cancel(struct job *job)
{
	struct background *background = &job->library->background;
	struct catalog_job *row = &job->asking->row;
	if (!catalog_job_find(job->library->catalog, row->id, row, &job->error))
		return false;
	SCOPED_LOCK(&background->lock);
	struct background_job *running = row->ended ? NULL : find(background, row->id);
	if (running) {
		atomic_store(&running->cancelled, true);
		return true;
	}
	return error_set(&job->error, ERROR_JOB_ENDED, "There is nothing to cancel.",
		"job %lld has ended already: %s", (long long)row->id, row->state);
}

static void step_cancel(struct job *job, enum job_wake wake, unsigned events)
{
	if (!cancel(job)) {
		job_fail(job, &job->error);
		return;
	}
	job->result.job = job->asking->row.id;
	job_succeed(job);
}

void library_job_cancel(
	struct library *library, int64_t id, const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	job->step = step_cancel;
	job->asking = calloc(1, sizeof *job->asking);
	if (!job_owns(job, job->asking, asking_free))
		return;
	job->asking->row.id = id;
	job_post(job);
}

/* ---- readers -----------------------------------------------------------------------------------
 */

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
	struct background_job *running = find(background, job->id);
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
