/* SPDX-License-Identifier: Apache-2.0 */
/* A job begins, runs, and ends; its row in the catalog says so. */
#include "background_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

enum { PROBLEMS_KEPT = 64 }; /* of a job that lists more than there is room for */

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
	job->result = json_object();
	job->reader = catalog_open_reader(job->background->library->config.catalog_path, error);
	if (!job->reader)
		return false;
	if (!job->parameters || !job->result)
		return error_set(error, ERROR_INTERNAL, "Begin another one.",
			"the parameters of job %lld cannot be read", (long long)row->id);
	return background_commit(job, NULL, write_row, job, error);
}

/* What an import lists, as numbers; verifications have theirs. */
static void count_imported(json_t *result)
{
	const json_t *media = json_object_get(result, "media"), *medium;
	size_t i, added = 0, all = json_array_size(media);
	json_array_foreach(media, i, medium) added += json_is_true(json_object_get(medium, "new"));
	json_object_set_new(result, "added", json_integer((json_int_t)added));
	json_object_set_new(result, "known", json_integer((json_int_t)(all - added)));
	json_object_set_new(result, "refused",
		json_integer((json_int_t)json_array_size(json_object_get(result, "problems"))));
}

static void drop_problems(json_t *problems, size_t kept)
{
	while (json_array_size(problems) > kept)
		json_array_remove(problems, json_array_size(problems) - 1);
}

/* Problems are what people wait for, so that as many of them stay as there is room for. */
static char *shorten(json_t *result, size_t room)
{
	json_t *problems = json_object_get(result, "problems");
	char *text;
	if (!problems)
		problems = json_object_get(result, "refusals");
	json_object_del(result, "media");
	json_object_set_new(result, "shortened", json_true());
	drop_problems(problems, PROBLEMS_KEPT);
	while ((text = json_dumps(result, JSON_COMPACT)) && strlen(text) >= room &&
		json_array_size(problems)) {
		free(text);
		drop_problems(problems, json_array_size(problems) - 1);
	}
	return text;
}

/* A result that is too long to keep is cut to what it counts, and the first problems. */
static void keep_result(struct background_job *job)
{
	struct catalog_job *row = job->row;
	_cleanup_free_ char *text = json_dumps(job->result, JSON_COMPACT);
	if (text && strlen(text) >= sizeof row->result) {
		free(text);
		if (strcmp(row->kind, "import") == 0)
			count_imported(job->result);
		text = shorten(job->result, sizeof row->result);
	}
	snprintf(row->result, sizeof row->result, "%s",
		text && strlen(text) < sizeof row->result ? text : "");
}

/* It has ended, as far as its row goes. */
static void close_row(struct background_job *job, const char *state)
{
	struct catalog_job *row = job->row;
	keep_result(job);
	int64_t now = time(NULL);
	row->ended = now > row->started ? now : row->started; /* the clock may have been set back */
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

/* Where the disk is full, or somebody has the catalog locked, this waits: an end is not lost. */
static bool write_end(struct background_job *job, struct error *error)
{
	bool told = false;
	while (!background_commit(job, NULL, write_row, job, error)) {
		if (error->code != ERROR_HOST_FULL)
			return false;
		if (!told)
			log_failure(LOG_LEVEL_ERROR, "the end of a job waits", error);
		told = true;
		if (!background_pause(job))
			return error_set(error, ERROR_STOPPING, "It begins again with the daemon.",
				"the daemon is stopping");
	}
	return true;
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
	if (write_end(job, &failure)) {
		count_end(job);
		if (job->kind->ended)
			job->kind->ended(job);
	} else if (!is_left_off(&failure)) {
		log_failure(LOG_LEVEL_ERROR, "ending a job", &failure);
	}
	log_info("job %lld (%s) %s%s%s", (long long)row->id, row->kind, row->state, ok ? "" : ": ",
		ok ? "" : error->sentence);
}

void background_run(struct background_job *job)
{
	struct error error = {0};
	job->parameters = json_loads(job->row->parameters, 0, NULL);
	bool begun = background_go_on(job, &error) && begin(job, &error);
	if (!begun && job->kind->passed_over)
		job->kind->passed_over(job, &error);
	end(job, begun && job->kind->run(job, &error), &error);
}
