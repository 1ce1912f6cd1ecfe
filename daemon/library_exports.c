/* SPDX-License-Identifier: Apache-2.0 */
/* Exports: what operators may ask for, the commit, and what readers see. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "library_private.h"
#include "util/cleanup.h"

/* ---- what is asked for, checked -------------------------------------------------------------- */

static bool check_name(const struct catalog_export *row, struct error *error)
{
	if (catalog_drive_name_valid(row->name))
		return true;
	return error_set(error, ERROR_INVALID,
		"Use at most 32 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.",
		"\"%.64s\" is not allowed as the name of an export", row->name);
}

static bool check_target(const struct catalog_export *row, struct error *error)
{
	if (access_iscsi_name_valid(row->target))
		return true;
	return error_set(error, ERROR_INVALID,
		"Use iqn.YYYY-MM.REVERSED.DOMAIN:NAME with a-z, 0-9, '.', ':' and '-', at most 223 "
		"bytes.",
		"\"%.100s\" is no iSCSI name", row->target);
}

static int by_lun(const void *a, const void *b)
{
	const struct catalog_export_lun *left = a, *right = b;
	return (int)left->lun - (int)right->lun;
}

/* A drive is in a map once: a nexus is one initiator's path to it. */
static bool check_luns(struct library *library, struct catalog_export *row, struct error *error)
{
	struct catalog_drive drive;
	qsort(row->luns, row->lun_count, sizeof row->luns[0], by_lun);
	for (unsigned i = 0; i < row->lun_count; i++) {
		const struct catalog_export_lun *lun = &row->luns[i];
		if (lun->lun > LIBRARY_LUN_MAX)
			return error_set(error, ERROR_INVALID, "Use 0 to 16383.", "%u is not a LUN",
				lun->lun);
		if (i > 0 && lun->lun == lun[-1].lun)
			return error_set(error, ERROR_INVALID, "Give every drive a LUN of its own.",
				"LUN %u is given twice", lun->lun);
		if (!catalog_drive_find(library->catalog, lun->drive, &drive, error))
			return false;
		for (unsigned j = 0; j < i; j++)
			if (strcmp(row->luns[j].drive, lun->drive) == 0)
				return error_set(error, ERROR_INVALID,
					"Give every drive one LUN in an export.",
					"drive %s is given twice", lun->drive);
	}
	return true;
}

static bool check_rules(const struct catalog_export *row, struct error *error)
{
	for (unsigned i = 0; i < row->initiator_count; i++)
		if (!access_pattern_valid(row->initiators[i]))
			return error_set(error, ERROR_INVALID,
				"Use an iSCSI name; * stands for any characters.",
				"\"%.100s\" is no pattern of initiator names", row->initiators[i]);
	for (unsigned i = 0; i < row->network_count; i++)
		if (!access_network_valid(row->networks[i]))
			return error_set(error, ERROR_INVALID,
				"Use an address, or ADDRESS/BITS with zeros behind the prefix, as "
				"10.0.0.0/8 or fd00::/8.",
				"\"%.100s\" is no network", row->networks[i]);
	return true;
}

static bool is_text(const char *text)
{
	for (; *text; text++)
		if (!isgraph((unsigned char)*text))
			return false;
	return true;
}

static bool check_secret(
	const char *whose, const char *user, const char *secret, struct error *error)
{
	size_t length = strlen(secret);
	if (!is_text(user))
		return error_set(error, ERROR_INVALID, "Use printable ASCII without spaces.",
			"the user name of %s has other characters", whose);
	if (user[0] && !length)
		return error_set(error, ERROR_INVALID, "Give a secret of 12 to 255 bytes.",
			"%s has a user name and no secret", whose);
	if (!user[0] && length)
		return error_set(error, ERROR_INVALID, "Give a user name too.",
			"%s has a secret and no user name", whose);
	if (length && (length < LIBRARY_CHAP_SECRET_MIN || length >= LIBRARY_SECRET_MAX))
		return error_set(error, ERROR_INVALID, "Use 12 to 255 bytes (RFC 7143 9.2.1).",
			"the secret of %s has %zu bytes", whose, length);
	return true;
}

static bool check_chap(const struct catalog_export *row, struct error *error)
{
	if (!check_secret("CHAP", row->chap_user, row->chap_secret, error) ||
		!check_secret("mutual CHAP", row->mutual_user, row->mutual_secret, error))
		return false;
	if (row->mutual_user[0] && !row->chap_user[0])
		return error_set(error, ERROR_INVALID, "Set the initiator's user and secret too.",
			"mutual CHAP needs CHAP");
	if (row->mutual_user[0] && strcmp(row->mutual_secret, row->chap_secret) == 0)
		return error_set(error, ERROR_INVALID,
			"Use two different secrets (RFC 7143 9.2.1).",
			"the secrets of CHAP and mutual CHAP are the same");
	return true;
}

static bool check_protection(
	struct library *library, const struct catalog_export *row, struct error *error)
{
	struct targets_policy policy = targets_policy(&library->targets);
	char warning[LIBRARY_TEXT_MAX];
	target_warning(&policy, row, warning);
	if (!warning[0])
		return true;
	return error_set(error, ERROR_EXPORT_UNPROTECTED,
		row->open
			? "Say allow_open = yes in [portal] of the configuration too, or give "
			  "rules or "
			  "CHAP."
			: "Give initiators, networks or CHAP; or open, and allow_open = yes in the "
			  "configuration.",
		"the portal listens beyond this machine, and anybody there could log in to export "
		"%s",
		row->name);
}

static bool check(struct library *library, struct catalog_export *row, struct error *error)
{
	return check_name(row, error) && check_target(row, error) &&
	       check_luns(library, row, error) && check_rules(row, error) &&
	       check_chap(row, error) && check_protection(library, row, error);
}

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
	row->initiator_count = copy_rules(row->initiators, &put->initiators);
	row->network_count = copy_rules(row->networks, &put->networks);
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
	return strcmp(a->target, b->target) == 0 && a->open == b->open &&
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
	ret->session_count = targets_session_count(&library->targets, row->name);
}

bool library_export_at(struct library *library, unsigned index, struct library_export *ret)
{
	struct target *target = targets_at(&library->targets, index);
	if (!target)
		return false;
	fill(library, &target->row, ret);
	target_put(&library->targets, target);
	return true;
}

static bool no_such_export(const char *name, struct error *error)
{
	return error_set(error, ERROR_EXPORT_NOT_FOUND,
		"List the exports with `carousel export list`.", "there is no export %.64s", name);
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

bool library_session_at(struct library *library, const char *export_name, unsigned index,
	struct library_session *ret)
{
	return targets_session_at(&library->targets, export_name, index, ret);
}

/* ---- putting --------------------------------------------------------------------------------- */

/* What a job on an export needs; it has secrets. */
struct export_job {
	struct library_export_put put;
	char chap_secret[CATALOG_SECRET_MAX], mutual_secret[CATALOG_SECRET_MAX];
	bool must_be_new;
	struct catalog_export row;
	struct library_export answer;
};

static void forget_export(struct job *job)
{
	explicit_bzero(job->export, sizeof *job->export);
	free(job->export);
}

/* Commits, publishes, and lets go of those that are logged in to what has changed. */
static bool put_row(struct library *library, struct catalog_export *row,
	const struct catalog_export *old, const char *actor, struct error *error)
{
	if (!check(library, row, error))
		return false;
	if (old && same_row(old, row))
		return true;
	if (!catalog_export_put(library->catalog, row, actor, error) ||
		!targets_reload(&library->targets, library->catalog, error))
		return false;
	if (old)
		portal_door_close(library->door, old->target);
	return true;
}

static bool put_export(struct job *job, const struct target *old, struct error *error)
{
	struct library *library = job->library;
	struct export_job *export = job->export;
	if (old && export->must_be_new)
		return error_set(error, ERROR_EXISTS, "Change it with `carousel export set`.",
			"there is an export %s already", export->put.name);
	make_row(library, &export->put, old ? &old->row : NULL, &export->row);
	return put_row(library, &export->row, old ? &old->row : NULL, job->actor, error);
}

static void step_put(struct job *job, enum job_wake wake, unsigned events)
{
	struct library *library = job->library;
	struct export_job *export = job->export;
	struct error error = {0};
	struct target *old = targets_find(&library->targets, export->put.name);
	bool ok = put_export(job, old, &error);
	job->result.created = ok && !old;
	target_put(&library->targets, old);
	if (!ok) {
		job_fail(job, &error);
		return;
	}
	fill(library, &export->row, &export->answer);
	job->result.export = &export->answer;
	job_succeed(job);
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
	struct export_job *export = calloc(1, sizeof *export);
	if (!export)
		return false;
	job->export = export;
	job->cleanup = forget_export;
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

static void step_remove(struct job *job, enum job_wake wake, unsigned events)
{
	struct library *library = job->library;
	struct error error = {0};
	struct target *old = targets_find(&library->targets, job->id);
	bool ok = old ? catalog_export_remove(library->catalog, job->id, job->actor, &error) &&
				  targets_reload(&library->targets, library->catalog, &error)
		      : no_such_export(job->id, &error);
	if (ok)
		portal_door_close(library->door, old->row.target);
	target_put(&library->targets, old);
	if (ok)
		job_succeed(job);
	else
		job_fail(job, &error);
}

void library_export_remove(struct library *library, const char *name, const char *actor,
	library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->id, sizeof job->id, "%s", name);
	job->step = step_remove;
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
	bool ok = put_row(library, row, NULL, "seed", error);
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
		if (shows(&target->row, drive))
			portal_door_close(library->door, target->row.target);
		target_put(&library->targets, target);
	}
}
