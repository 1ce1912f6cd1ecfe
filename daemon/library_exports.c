/* SPDX-License-Identifier: Apache-2.0 */
/* Exports: from what operators ask for to the commit, and what readers see. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "export_check.h"
#include "library_private.h"
#include "util/cleanup.h"

/* ---- from the request to the row ------------------------------------------------------------- */

_Static_assert(LIBRARY_RULE_MAX == (int)CATALOG_RULE_MAX &&
		       LIBRARY_EXPORT_RULES_MAX == (int)CATALOG_EXPORT_RULES_MAX &&
		       LIBRARY_EXPORT_LUNS_MAX == (int)CATALOG_EXPORT_LUNS_MAX &&
		       LIBRARY_SECRET_MAX == (int)CATALOG_SECRET_MAX &&
		       LIBRARY_ISCSI_NAME_MAX == (int)CATALOG_ISCSI_NAME_MAX,
	"what an operator may ask for fits the catalog");

static unsigned copy_rules(char (*to)[CATALOG_RULE_MAX], const struct library_rules *from)
{
	for (unsigned i = 0; i < from->count; i++)
		snprintf(to[i], CATALOG_RULE_MAX, "%s", from->rules[i]);
	return from->count;
}

/* NULL: the one that is stored for that user. */
static void copy_secret(char ret[CATALOG_SECRET_MAX], const char *secret, const char *user,
	const char *old_user, const char *old_secret)
{
	if (!secret)
		secret = user[0] && strcmp(user, old_user) == 0 ? old_secret : "";
	snprintf(ret, CATALOG_SECRET_MAX, "%s", secret);
}

static void default_target(struct library *library, struct catalog_export *row)
{
	snprintf(row->target, sizeof row->target, "%.*s:%s",
		(int)(sizeof row->target - sizeof row->name - 1), library->config.portal_prefix,
		row->name);
}

static void make_row(struct library *library, const struct library_export_put *put,
	const struct catalog_export *old, struct catalog_export *row)
{
	snprintf(row->name, sizeof row->name, "%s", put->name);
	snprintf(row->target, sizeof row->target, "%s", put->target);
	if (!row->target[0] && old)
		snprintf(row->target, sizeof row->target, "%s", old->target);
	else if (!row->target[0])
		default_target(library, row);
	access_iscsi_name_normalize(row->target);
	row->lun_count = put->lun_count;
	for (unsigned i = 0; i < put->lun_count; i++) {
		row->luns[i].lun = put->luns[i].lun;
		snprintf(row->luns[i].drive, sizeof row->luns[i].drive, "%s", put->luns[i].drive);
	}
	row->kernel = strcmp(put->transport, "kernel") == 0;
	row->initiator_count = copy_rules(row->initiators, &put->initiators);
	row->network_count = copy_rules(row->networks, &put->networks);
	for (unsigned i = 0; row->kernel && i < row->initiator_count; i++)
		access_iscsi_name_normalize(row->initiators[i]);
	row->open = put->open;
	snprintf(row->chap_user, sizeof row->chap_user, "%s", put->chap_user);
	snprintf(row->mutual_user, sizeof row->mutual_user, "%s", put->mutual_user);
	copy_secret(row->chap_secret, put->chap_secret, put->chap_user, old ? old->chap_user : "",
		old ? old->chap_secret : "");
	copy_secret(row->mutual_secret, put->mutual_secret, put->mutual_user,
		old ? old->mutual_user : "", old ? old->mutual_secret : "");
}

static bool same_rules(
	const char (*a)[CATALOG_RULE_MAX], const char (*b)[CATALOG_RULE_MAX], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

static bool same_luns(const struct catalog_export *a, const struct catalog_export *b)
{
	for (unsigned i = 0; i < a->lun_count; i++)
		if (a->luns[i].lun != b->luns[i].lun ||
			strcmp(a->luns[i].drive, b->luns[i].drive) != 0)
			return false;
	return true;
}

static bool same_row(const struct catalog_export *a, const struct catalog_export *b)
{
	return strcmp(a->target, b->target) == 0 && a->open == b->open && a->kernel == b->kernel &&
	       strcmp(a->chap_user, b->chap_user) == 0 &&
	       strcmp(a->chap_secret, b->chap_secret) == 0 &&
	       strcmp(a->mutual_user, b->mutual_user) == 0 &&
	       strcmp(a->mutual_secret, b->mutual_secret) == 0 && a->lun_count == b->lun_count &&
	       a->initiator_count == b->initiator_count && a->network_count == b->network_count &&
	       same_luns(a, b) && same_rules(a->initiators, b->initiators, a->initiator_count) &&
	       same_rules(a->networks, b->networks, a->network_count);
}

/* ---- what readers see ------------------------------------------------------------------------ */

static void fill_rules(
	const char (*from)[CATALOG_RULE_MAX], unsigned count, struct library_rules *ret)
{
	ret->count = count;
	for (unsigned i = 0; i < count; i++)
		snprintf(ret->rules[i], sizeof ret->rules[i], "%s", from[i]);
}

static void fill(
	struct library *library, const struct catalog_export *row, struct library_export *ret)
{
	struct targets_policy policy = targets_policy(&library->targets);
	memset(ret, 0, sizeof *ret);
	snprintf(ret->name, sizeof ret->name, "%s", row->name);
	snprintf(ret->target, sizeof ret->target, "%s", row->target);
	snprintf(ret->transport, sizeof ret->transport, "%s", row->kernel ? "kernel" : "portal");
	ret->lun_count = row->lun_count;
	for (unsigned i = 0; i < row->lun_count; i++) {
		ret->luns[i].lun = row->luns[i].lun;
		snprintf(ret->luns[i].drive, sizeof ret->luns[i].drive, "%s", row->luns[i].drive);
	}
	fill_rules(row->initiators, row->initiator_count, &ret->initiators);
	fill_rules(row->networks, row->network_count, &ret->networks);
	snprintf(ret->chap_user, sizeof ret->chap_user, "%s", row->chap_user);
	snprintf(ret->mutual_user, sizeof ret->mutual_user, "%s", row->mutual_user);
	ret->open = row->open;
	target_warning(&policy, row, ret->warning);
	if (row->kernel && !ret->warning[0])
		kernel_exports_warning(&library->kernel, row, ret->warning);
	ret->session_count = targets_session_count(&library->targets, row->name) +
			     kernel_exports_session_count(&library->kernel, row->name);
}

static bool show(struct library *library, struct target *target, struct library_export *ret)
{
	if (!target)
		return false;
	fill(library, &target->row, ret);
	target_put(&library->targets, target);
	return true;
}

bool library_export_at(struct library *library, unsigned index, struct library_export *ret)
{
	return show(library, targets_at(&library->targets, index), ret);
}

bool library_export_after(struct library *library, const char *after, struct library_export *ret)
{
	return show(library, targets_after(&library->targets, after), ret);
}

static bool no_such_export(const char *name, struct error *error)
{
	return error_set(error, ERROR_EXPORT_NOT_FOUND,
		"List the exports with `carousel export ls`.", "there is no export %.64s", name);
}

bool library_export_get(
	struct library *library, const char *name, struct library_export *ret, struct error *error)
{
	struct target *target = targets_find(&library->targets, name);
	if (!target)
		return no_such_export(name, error);
	fill(library, &target->row, ret);
	target_put(&library->targets, target);
	return true;
}

bool library_session_after(struct library *library, const char *export_name, uint64_t after,
	struct library_session *ret)
{
	struct library_session of_kernel;
	bool found = targets_session_after(&library->targets, export_name, after, ret);
	if (!kernel_exports_session_after(&library->kernel, export_name, after, &of_kernel))
		return found;
	if (!found || of_kernel.number < ret->number)
		*ret = of_kernel;
	return true;
}

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
	fill(job->library, &export->row, &export->answer);
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
	bool same = old && same_row(old, &export->row);
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
	make_row(library, &export->put, old, &export->row);
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
		no_such_export(export->put.name, &error);
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
	make_row(library, put, NULL, row);
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
