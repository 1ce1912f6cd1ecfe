/* SPDX-License-Identifier: Apache-2.0 */
/* The exports of the fake library, and who is logged in to them. */
#include "fake_library_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define TARGET_PREFIX "iqn.2026-11.org.example:"

static void add_lun(struct library_export *export, uint16_t lun, const char *drive)
{
	export->luns[export->lun_count].lun = lun;
	COPY(export->luns[export->lun_count].drive, drive);
	export->lun_count++;
}

static void add_rule(struct library_rules *rules, const char *rule)
{
	COPY(rules->rules[rules->count], rule);
	rules->count++;
}

/* Zeroed, in its place. */
static struct fake_export *insert(struct library *library, const char *name)
{
	unsigned at = 0;
	while (at < library->export_count && strcmp(library->exports[at].shown.name, name) < 0)
		at++;
	struct fake_export *export = &library->exports[at];
	memmove(export + 1, export, (library->export_count++ - at) * sizeof *export);
	*export = (struct fake_export){0};
	COPY(export->shown.name, name);
	snprintf(export->shown.target, sizeof export->shown.target, TARGET_PREFIX "%s", name);
	COPY(export->shown.transport, "portal");
	return export;
}

static void put_session(struct library *library, const char *initiator, const char *isid,
	const char *address, int64_t since)
{
	struct library_session *session = &library->sessions[library->session_count++];
	*session = (struct library_session){
		.number = 2 * library->session_count + 1, .export = "backup", .since = since};
	COPY(session->initiator, initiator);
	COPY(session->isid, isid);
	COPY(session->address, address);
}

void fake_furnish_exports(struct library *library)
{
	struct fake_export *export = insert(library, "backup");
	add_lun(&export->shown, 0, "dvd0");
	add_lun(&export->shown, 1, "dvd1");
	add_rule(&export->shown.initiators, "iqn.1993-08.org.debian:*");
	add_rule(&export->shown.networks, "10.0.0.0/8");
	add_rule(&export->shown.networks, "fd00::/8");
	COPY(export->shown.chap_user, "bob");
	COPY(export->shown.mutual_user, "library");
	COPY(export->secret, "secret-of-backup");
	COPY(export->mutual_secret, "mutual-of-backup");
	export->shown.session_count = 2;
	export = insert(library, "lab");
	add_lun(&export->shown, 0, "dvd2");
	COPY(export->shown.warning, "only this machine may log in: neither a rule nor CHAP");
	put_session(library, "iqn.1993-08.org.debian:01:8d1f37c2aa", "0x00023d000001", "10.1.2.3",
		1795600000);
	put_session(library, "iqn.1993-08.org.debian:01:fe03b1", "0x800000000001", "fd00::17",
		1795603600);
	COPY(library->portal, "127.0.0.1:3260 [::1]:3260");
}

void fake_furnish_vault(struct library *library)
{
	struct fake_export *export = insert(library, "vault");
	add_lun(&export->shown, 0, "lto0");
	add_rule(&export->shown.networks, "10.0.0.0/8");
}

static struct fake_export *find(struct library *library, const char *name, struct error *error)
{
	for (unsigned i = 0; i < library->export_count; i++)
		if (!strcmp(library->exports[i].shown.name, name))
			return &library->exports[i];
	error_set(
		error, ERROR_EXPORT_NOT_FOUND, "List the exports.", "there is no export %s", name);
	return NULL;
}

void fake_library_secret(
	struct library *library, const char *name, bool mutual, char *ret, size_t size)
{
	SCOPED_LOCK(&library->lock);
	const struct fake_export *export = find(library, name, NULL);
	snprintf(ret, size, "%s", !export ? "" : mutual ? export->mutual_secret : export->secret);
}

/* ---- readers ------------------------------------------------------------------------------- */

bool library_export_at(struct library *library, unsigned index, struct library_export *ret)
{
	SCOPED_LOCK(&library->lock);
	if (index >= library->export_count)
		return false;
	*ret = library->exports[index].shown;
	return true;
}

bool library_export_after(struct library *library, const char *after, struct library_export *ret)
{
	SCOPED_LOCK(&library->lock);
	for (unsigned i = 0; i < library->export_count; i++)
		if (strcmp(library->exports[i].shown.name, after) > 0) {
			*ret = library->exports[i].shown;
			return true;
		}
	return false;
}

bool library_export_get(
	struct library *library, const char *name, struct library_export *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct fake_export *export = find(library, name, error);
	if (export)
		*ret = export->shown;
	return export;
}

bool library_session_after(struct library *library, const char *export_name, uint64_t after,
	struct library_session *ret)
{
	SCOPED_LOCK(&library->lock);
	for (unsigned i = 0; i < library->session_count; i++) {
		const struct library_session *session = &library->sessions[i];
		if (session->number <= after ||
			(export_name && *export_name && strcmp(session->export, export_name)))
			continue;
		*ret = *session;
		return true;
	}
	return false;
}

/* ---- operations ---------------------------------------------------------------------------- */

static void close_sessions(struct library *library, const char *name)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < library->session_count; i++)
		if (strcmp(library->sessions[i].export, name))
			library->sessions[kept++] = library->sessions[i];
	library->session_count = kept;
}

/* False with *error: a user that has no secret. */
static bool settle_secret(const char *user, const char *said, const char *old_user,
	const char *old_secret, char ret[LIBRARY_SECRET_MAX], struct error *error)
{
	bool kept = !said && *user && !strcmp(user, old_user);
	if (*user && !said && !kept)
		return error_set(
			error, ERROR_INVALID, "Give one.", "CHAP user %s has no secret", user);
	snprintf(ret, LIBRARY_SECRET_MAX, "%s", !*user ? "" : kept ? old_secret : said);
	return true;
}

static bool settle(const struct library_export_put *put, const struct fake_export *old,
	struct fake_export *ret, struct error *error)
{
	static const struct fake_export none;
	old = old ? old : &none;
	struct library_export *shown = &ret->shown;
	*shown = (struct library_export){.lun_count = put->lun_count,
		.initiators = put->initiators,
		.networks = put->networks,
		.open = put->open};
	COPY(shown->name, put->name);
	COPY(shown->transport, *put->transport ? put->transport : "portal");
	memcpy(shown->luns, put->luns, sizeof shown->luns);
	if (*put->target)
		COPY(shown->target, put->target);
	else
		snprintf(shown->target, sizeof shown->target, TARGET_PREFIX "%s", put->name);
	COPY(shown->chap_user, put->chap_user);
	COPY(shown->mutual_user, put->mutual_user);
	return settle_secret(put->chap_user, put->chap_secret, old->shown.chap_user, old->secret,
		       ret->secret, error) &&
	       settle_secret(put->mutual_user, put->mutual_secret, old->shown.mutual_user,
		       old->mutual_secret, ret->mutual_secret, error);
}

static bool judge(struct library *library, const struct job *job, struct error *error)
{
	const struct library_export_put *put = &job->put;
	bool guarded = put->initiators.count || put->networks.count || *put->chap_user || put->open;
	for (unsigned i = 0; i < put->lun_count; i++)
		if (!fake_find_drive(library, put->luns[i].drive, error))
			return false;
	if (job->must_be_new && find(library, put->name, NULL))
		return error_set(error, ERROR_EXISTS, "Choose another name.",
			"there is an export %s already", put->name);
	if (!guarded && !strncmp(put->name, "public", 6))
		return error_set(error, ERROR_EXPORT_UNPROTECTED,
			"Add an initiator, a network or CHAP.", "anybody could log in to export %s",
			put->name);
	return true;
}

static void run_put(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_export_put put = job->put;
	static _Thread_local struct fake_export now;
	now = (struct fake_export){0};
	put.chap_secret = put.chap_secret ? job->secret : NULL;
	put.mutual_secret = put.mutual_secret ? job->mutual_secret : NULL;
	struct fake_export *export = find(library, put.name, NULL);
	ret->ok = judge(library, job, &ret->error) && settle(&put, export, &now, &ret->error);
	if (!ret->ok)
		return;
	now.shown.session_count = export ? export->shown.session_count : 0;
	if (export && memcmp(&now, export, sizeof now)) {
		close_sessions(library, put.name);
		now.shown.session_count = 0;
	}
	ret->created = !export;
	if (!export)
		export = insert(library, put.name);
	*export = now;
	ret->export = &export->shown;
}

static void run_remove(struct library *library, const struct job *job, struct library_result *ret)
{
	struct fake_export *export = find(library, job->name, &ret->error);
	ret->ok = export;
	if (!export)
		return;
	close_sessions(library, job->name);
	memmove(export, export + 1,
		(char *)&library->exports[library->export_count--] - (char *)(export + 1));
}

void library_export_put(struct library *library, const struct library_export_put *put,
	bool must_be_new, const char *actor, library_done done, void *context)
{
	struct job *job = calloc(1, sizeof *job);
	if (!job)
		abort();
	*job = (struct job){.run = run_put,
		.done = done,
		.context = context,
		.put = *put,
		.must_be_new = must_be_new};
	COPY(job->secret, put->chap_secret ? put->chap_secret : "");
	COPY(job->mutual_secret, put->mutual_secret ? put->mutual_secret : "");
	fake_submit(library, job, actor);
	free(job);
}

void library_export_remove(struct library *library, const char *name, const char *actor,
	library_done done, void *context)
{
	struct job job = {.run = run_remove, .done = done, .context = context};
	COPY(job.name, name);
	fake_submit(library, &job, actor);
}
