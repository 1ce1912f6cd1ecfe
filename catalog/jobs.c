/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "database.h"
#include "names.h"
#include "query.h"
#include "rows.h"
#include "transaction.h"
#include "util/cleanup.h"

#define JOB_COLUMNS                                                                                \
	"id, kind, state, actor, parameters, result, error, sentence, remedy, created, started, "  \
	"ended, done, total, upload"

static bool tell(struct catalog *catalog, const struct catalog_job *job, struct error *error)
{
	char verb[32], subject[CATALOG_ID_MAX];
	snprintf(verb, sizeof verb, "job-%s", job->state);
	snprintf(subject, sizeof subject, "%lld", (long long)job->id);
	return event_of_subject(catalog, job->actor, verb, "job", subject, error);
}

static bool insert(struct catalog *catalog, const struct catalog_job *job, struct error *error)
{
	static const char sql[] =
		"INSERT INTO jobs (kind, state, actor, parameters, created, upload) "
		"VALUES (?, 'queued', ?, ?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, job->kind);
	query_bind_text(&q, job->actor);
	query_bind_text(&q, job->parameters);
	query_bind_int(&q, job->created);
	query_bind_text(&q, job->upload);
	return query_run(&q, error);
}

bool catalog_job_add(struct catalog *catalog, struct catalog_job *job, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	int64_t id = 0, created = time(NULL);
	if (!text_is_utf8(job->parameters) || !text_is_utf8(job->actor))
		return error_set(error, ERROR_INVALID, "Send UTF-8.",
			"the parameters of a job are not UTF-8");
	snprintf(job->state, sizeof job->state, "queued");
	job->created = created;
	if (!transaction_begin(&t, catalog, error) || !insert(catalog, job, error))
		return false;
	id = job->id = sqlite3_last_insert_rowid(catalog->db);
	if (!tell(catalog, job, error) || !transaction_commit(&t, error))
		return false;
	job->id = id;
	return true;
}

static void job_take(struct query *q, struct catalog_job *ret)
{
	ret->id = query_take_int(q);
	query_take_text(q, ret->kind, sizeof ret->kind);
	query_take_text(q, ret->state, sizeof ret->state);
	query_take_text(q, ret->actor, sizeof ret->actor);
	query_take_text(q, ret->parameters, sizeof ret->parameters);
	query_take_text(q, ret->result, sizeof ret->result);
	query_take_text(q, ret->error, sizeof ret->error);
	query_take_text(q, ret->sentence, sizeof ret->sentence);
	query_take_text(q, ret->remedy, sizeof ret->remedy);
	ret->created = query_take_int(q);
	ret->started = query_take_int(q);
	ret->ended = query_take_int(q);
	ret->done = (uint64_t)query_take_int(q);
	ret->total = (uint64_t)query_take_int(q);
	query_take_text(q, ret->upload, sizeof ret->upload);
}

static bool not_found(int64_t id, struct error *error)
{
	return error_set(error, ERROR_JOB_NOT_FOUND, "List the jobs with `carousel job ls`.",
		"there is no job %lld", (long long)id);
}

bool catalog_job_find(
	struct catalog *catalog, int64_t id, struct catalog_job *ret, struct error *error)
{
	static const char sql[] = "SELECT " JOB_COLUMNS " FROM jobs WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, id);
	if (!query_row(&q))
		return query_ok(&q, error) && not_found(id, error);
	job_take(&q, ret);
	return query_ok(&q, error);
}

bool catalog_job_of_upload(
	struct catalog *catalog, const char *upload, struct catalog_job *ret, struct error *error)
{
	static const char sql[] =
		"SELECT " JOB_COLUMNS " FROM jobs WHERE upload = ?1 AND upload <> '' "
		"ORDER BY id DESC LIMIT 1";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, upload);
	if (!query_row(&q))
		return query_ok(&q, error) && error_set(error, ERROR_JOB_NOT_FOUND,
						      "List the jobs with `carousel job ls`.",
						      "no job is of the upload %.63s", upload);
	job_take(&q, ret);
	return query_ok(&q, error);
}

static bool find_state(
	struct catalog *catalog, int64_t id, char *ret, size_t size, struct error *error)
{
	static const char sql[] = "SELECT state FROM jobs WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, id);
	if (!query_row(&q))
		return query_ok(&q, error) && not_found(id, error);
	query_take_text(&q, ret, size);
	return query_ok(&q, error);
}

static bool update(struct catalog *catalog, const struct catalog_job *job, struct error *error)
{
	static const char sql[] =
		"UPDATE jobs SET state = ?, result = ?, error = ?, sentence = ?, remedy = ?, "
		"started = ?, ended = ?, done = ?, total = ? WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, job->state);
	query_bind_text(&q, job->result);
	query_bind_text(&q, job->error);
	query_bind_text(&q, job->sentence);
	query_bind_text(&q, job->remedy);
	query_bind_int(&q, job->started);
	query_bind_int(&q, job->ended);
	query_bind_int(&q, (int64_t)job->done);
	query_bind_int(&q, (int64_t)job->total);
	query_bind_int(&q, job->id);
	return query_run(&q, error);
}

bool catalog_job_update(struct catalog *catalog, const struct catalog_job *job, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	char state[sizeof job->state];
	if (!text_is_utf8(job->result) || !text_is_utf8(job->sentence))
		return error_set(error, ERROR_INVALID, "Send UTF-8.",
			"the result of job %lld is not UTF-8", (long long)job->id);
	return transaction_begin(&t, catalog, error) &&
	       find_state(catalog, job->id, state, sizeof state, error) &&
	       update(catalog, job, error) &&
	       (strcmp(state, job->state) == 0 || tell(catalog, job, error)) &&
	       transaction_commit(&t, error);
}

static bool each_job(struct query *q, bool (*each)(void *context, const struct catalog_job *job),
	void *context, struct error *error)
{
	_cleanup_free_ struct catalog_job *job = malloc(sizeof *job);
	if (!job)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	while (query_row(q)) {
		job_take(q, job);
		if (!query_ok(q, error))
			return false;
		if (!each(context, job))
			return true;
	}
	return query_ok(q, error);
}

bool catalog_jobs_list(struct catalog *catalog, const char *state, int64_t before, unsigned limit,
	bool (*each)(void *context, const struct catalog_job *job), void *context,
	struct error *error)
{
	static const char all[] =
		"SELECT " JOB_COLUMNS " FROM jobs WHERE id < ? ORDER BY id DESC LIMIT ?";
	static const char of_state[] = "SELECT " JOB_COLUMNS " FROM jobs WHERE id < ? AND "
				       "state = ? ORDER BY id DESC LIMIT ?";
	_cleanup_(query_finish) struct query q = {0};
	bool by_state = state && state[0];
	query_init(&q, catalog, by_state ? of_state : all);
	query_bind_int(&q, before > 0 ? before : INT64_MAX);
	if (by_state)
		query_bind_text(&q, state);
	query_bind_int(&q, limit);
	return each_job(&q, each, context, error);
}

bool catalog_jobs_unfinished(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_job *job), void *context,
	struct error *error)
{
	static const char sql[] = "SELECT " JOB_COLUMNS " FROM jobs "
				  "WHERE state IN ('queued', 'running') ORDER BY id";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	return each_job(&q, each, context, error);
}

bool catalog_jobs_prune(struct catalog *catalog, int64_t when, unsigned keep, struct error *error)
{
	static const char sql[] =
		"DELETE FROM jobs WHERE state NOT IN ('queued', 'running') AND ended < ? AND "
		"id NOT IN (SELECT id FROM jobs ORDER BY id DESC LIMIT ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, when);
	query_bind_int(&q, keep);
	return query_run(&q, error);
}
