/* SPDX-License-Identifier: Apache-2.0 */
/* Exports: from what operators ask for to the commit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export_check.h"
#include "export_row.h"
#include "library_private.h"
#include "util/cleanup.h"

/* ---- a job on an export ---------------------------------------------------------------------- */

/* What it needs; it has secrets. */
struct export_job {
	struct library_export_put put;
	char chap_secret[CATALOG_SECRET_MAX], mutual_secret[CATALOG_SECRET_MAX];
	bool must_be_new;
	bool moves;         /* it is library->moving_export */
	struct target *old; /* counted; NULL: it is new */
	struct catalog_export row;
	struct library_export answer;
};

static void forget_export(struct job *job)
{
	if (job->export->moves)
		job->library->moving_export = false;
	target_put(&job->library->targets, job->export->old);
	explicit_bzero(job->export, sizeof *job->export);
	free(job->export);
}

/* Commits and publishes; sessions of the portal at what has changed are closed. */
static bool put_row(struct library *library, const struct catalog_export *row,
	const struct catalog_export *old, const char *actor, struct error *error)
{
	if (!catalog_export_put(library->catalog, row, actor, error) ||
		!targets_reload(&library->targets, library->catalog, error))
		return false;
	if (old && !old->kernel)
		portal_door_close(library->door, old->target);
	return true;
}

static void answer_put(struct job *job)
{
	struct export_job *export = job->export;
	job->result.created = !export->old;
	export_row_show(job->library, &export->row, &export->answer);
	job->result.export = &export->answer;
	job_succeed(job);
}

/* What was taken down for the change that failed is shown again. */
static void fail_put(struct job *job, const struct error *error)
{
	kernel_exports_look(&job->library->kernel);
	job_fail(job, error);
}

/* ---- what the kernel has to do with it; elsewhere, for it waits ------------------------------ */

/* One at a time; the others come back in a moment. */
static bool begin_move(struct job *job)
{
	struct library *library = job->library;
	enum { MOMENT_MS = 20 };
	if (library->moving_export && !job->export->moves) {
		job_wait(job, MOMENT_MS);
		return false;
	}
	return true;
}

/* From now on it is finished, also when the library stops. */
static void move(struct job *job, void (*blocking)(struct job *job),
	void (*next)(struct job *job, enum job_wake wake, unsigned events))
{
	job->library->moving_export = job->export->moves = job->underway = true;
	job->step = next;
	job_block(job, job->library->config.control, blocking);
}

static void apply(struct job *job)
{
	kernel_exports_apply(&job->library->kernel, job->export->put.name);
}

static void hide(struct job *job)
{
	kernel_exports_hide(&job->library->kernel, job->export->put.name, &job->error);
}

static void step_applied(struct job *job, enum job_wake wake, unsigned events)
{
	answer_put(job);
}

static void commit_put(struct job *job)
{
	struct export_job *export = job->export;
	struct error error = {0};
	const struct catalog_export *old = export->old ? &export->old->row : NULL;
	bool same = old && export_row_same(old, &export->row);
	if (!same && !put_row(job->library, &export->row, old, job->actor, &error))
		fail_put(job, &error);
	else if (export->row.kernel || (old && old->kernel))
		move(job, apply, step_applied);
	else
		answer_put(job);
}

static void step_hidden(struct job *job, enum job_wake wake, unsigned events)
{
	if (job->error.code == ERROR_NONE)
		commit_put(job);
	else
		fail_put(job, &job->error);
}

/* ---- putting --------------------------------------------------------------------------------- */

static bool prepare_put(struct job *job, struct error *error)
{
	struct library *library = job->library;
	struct export_job *export = job->export;
	const struct catalog_export *old = export->old ? &export->old->row : NULL;
	if (old && export->must_be_new)
		return error_set(error, ERROR_EXISTS, "Change it with `carousel export set`.",
			"there is an export %s already", export->put.name);
	export_row_make(library, &export->put, old, &export->row);
	return export_check_transport(export->put.transport, error) &&
	       export_check(library, &export->row, error) &&
	       (!export->row.kernel || kernel_exports_possible(&library->kernel, error));
}

/* Its target gets another name, or another target: it goes from the kernel before the commit. */
static bool leaves_kernel(const struct export_job *export)
{
	const struct catalog_export *old = export->old ? &export->old->row : NULL;
	return old && old->kernel &&
	       (!export->row.kernel || strcmp(old->target, export->row.target) != 0);
}

static void step_put(struct job *job, enum job_wake wake, unsigned events)
{
	struct export_job *export = job->export;
	struct error error = {0};
	if (!begin_move(job))
		return;
	export->old = targets_find(&job->library->targets, export->put.name);
	if (!prepare_put(job, &error))
		job_fail(job, &error);
	else if (leaves_kernel(export))
		move(job, hide, step_hidden);
	else
		commit_put(job);
}

static struct export_job *export_job_new(struct job *job)
{
	job->export = calloc(1, sizeof *job->export);
	job->cleanup = job->export ? forget_export : NULL;
	return job->export;
}

/* It fits (secret_fits). */
static void take_secret(char ret[CATALOG_SECRET_MAX], const char *secret, const char **ret_pointer)
{
	*ret_pointer = secret ? ret : NULL;
	if (secret)
		snprintf(ret, CATALOG_SECRET_MAX, "%s", secret);
}

static bool counts_fit(const struct library_export_put *put)
{
	return put->lun_count <= LIBRARY_EXPORT_LUNS_MAX &&
	       put->initiators.count <= LIBRARY_EXPORT_RULES_MAX &&
	       put->networks.count <= LIBRARY_EXPORT_RULES_MAX;
}

static void step_too_many(struct job *job, enum job_wake wake, unsigned events)
{
	struct error error = {0};
	error_set(&error, ERROR_INVALID, "Use at most 256 LUNs and 32 rules of each kind.",
		"the export has too many LUNs or rules, or a secret that is too long");
	job_fail(job, &error);
}

static bool secret_fits(const char *secret)
{
	return !secret || strlen(secret) < CATALOG_SECRET_MAX;
}

static bool take_put(struct job *job, const struct library_export_put *put, bool must_be_new)
{
	struct export_job *export = export_job_new(job);
	if (!export)
		return false;
	export->put = *put;
	export->must_be_new = must_be_new;
	take_secret(export->chap_secret, put->chap_secret, &export->put.chap_secret);
	take_secret(export->mutual_secret, put->mutual_secret, &export->put.mutual_secret);
	return true;
}

static void step_no_memory(struct job *job, enum job_wake wake, unsigned events)
{
	struct error error = {0};
	error_set(&error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	job_fail(job, &error);
}

void library_export_put(struct library *library, const struct library_export_put *put,
	bool must_be_new, const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	if (!counts_fit(put) || !secret_fits(put->chap_secret) || !secret_fits(put->mutual_secret))
		job->step = step_too_many;
	else
		job->step = take_put(job, put, must_be_new) ? step_put : step_no_memory;
	job_post(job);
}

/* ---- removing -------------------------------------------------------------------------------- */

static void commit_remove(struct job *job)
{
	struct library *library = job->library;
	const struct catalog_export *old = &job->export->old->row;
	struct error error = {0};
	if (!catalog_export_remove(library->catalog, old->name, job->actor, &error) ||
		!targets_reload(&library->targets, library->catalog, &error)) {
		fail_put(job, &error);
		return;
	}
	if (old->kernel)
		kernel_exports_look(&library->kernel); /* forgets it */
	else
		portal_door_close(library->door, old->target);
	job_succeed(job);
}

static void step_hidden_to_go(struct job *job, enum job_wake wake, unsigned events)
{
	if (job->error.code == ERROR_NONE)
		commit_remove(job);
	else
		fail_put(job, &job->error);
}

static void step_remove(struct job *job, enum job_wake wake, unsigned events)
{
	struct error error = {0};
	struct export_job *export = job->export;
	if (!begin_move(job))
		return;
	export->old = targets_find(&job->library->targets, export->put.name);
	if (!export->old) {
		export_not_found(export->put.name, &error);
		job_fail(job, &error);
	} else if (export->old->row.kernel) {
		move(job, hide, step_hidden_to_go);
	} else {
		commit_remove(job);
	}
}

void library_export_remove(struct library *library, const char *name, const char *actor,
	library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	struct export_job *export = export_job_new(job);
	if (export)
		snprintf(export->put.name, sizeof export->put.name, "%s", name);
	job->step = export ? step_remove : step_no_memory;
	job_post(job);
}

/* ---- seeds ----------------------------------------------------------------------------------- */

bool library_seed_export(
	struct library *library, const struct library_export_put *put, struct error *error)
{
	struct target *old = targets_find(&library->targets, put->name);
	target_put(&library->targets, old);
	if (old)
		return true;
	struct catalog_export *row = calloc(1, sizeof *row);
	if (!row)
		return error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	export_row_make(library, put, NULL, row);
	bool ok = export_check_transport(put->transport, error) &&
		  export_check(library, row, error) && put_row(library, row, NULL, "seed", error);
	explicit_bzero(row, sizeof *row);
	free(row);
	return ok;
}

/* ---- drives that go -------------------------------------------------------------------------- */

static bool shows(const struct catalog_export *row, const char *drive)
{
	for (unsigned i = 0; i < row->lun_count; i++)
		if (strcmp(row->luns[i].drive, drive) == 0)
			return true;
	return false;
}

void exports_let_go(struct library *library, const char *drive)
{
	struct target *target;
	for (unsigned i = 0; (target = targets_at(&library->targets, i)); i++) {
		if (!target->row.kernel && shows(&target->row, drive))
			portal_door_close(library->door, target->row.target);
		target_put(&library->targets, target);
	}
}
