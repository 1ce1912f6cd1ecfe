/* SPDX-License-Identifier: Apache-2.0 */
/* What operators ask for: jobs, and their end. */
#include "background_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

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
	struct background_job *running =
		row->ended ? NULL : background_job_find(background, row->id);
	if (running) {
		atomic_store(&running->cancelled, true);
		return true;
	}
	return error_set(&job->error, ERROR_JOB_ENDED, "There is nothing to cancel.",
		"job %lld has ended already: %s", (long long)row->id, row->state);
}

/* Who ended it: the end itself is told of who began it. */
static void tell_cancel(struct job *job)
{
	char number[32];
	struct error why = {0};
	snprintf(number, sizeof number, "%lld", (long long)job->asking->row.id);
	if (!library_tell(job->library->catalog, job->actor, "job-cancel", "job", number, &why))
		log_warning("history does not tell who cancelled job %s: %s", number, why.sentence);
}

static void step_cancel(struct job *job, enum job_wake wake, unsigned events)
{
	if (!cancel(job)) {
		job_fail(job, &job->error);
		return;
	}
	tell_cancel(job);
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
