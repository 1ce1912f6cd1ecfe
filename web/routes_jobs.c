/* SPDX-License-Identifier: Apache-2.0 */
/* Imports, scans, verifications, and the jobs that they are. */
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>

#include "body_fields.h"
#include "json_shapes.h"
#include "next_link.h"
#include "prefer.h"
#include "router.h"
#include "routes.h"
#include "util/cleanup.h"

enum {
	JOBS_DEFAULT = 100,
	JOBS_MAX = 1000,
};

/* ---- looking at them ---------------------------------------------------------------------------
 */

static bool read_job_id(const struct request *request, int64_t *ret, struct error *error)
{
	char *end;
	errno = 0;
	long long id = strtoll(request->id, &end, 10);
	if (errno == 0 && request->id[0] >= '1' && request->id[0] <= '9' && !*end) {
		*ret = id;
		return true;
	}
	return error_set(error, ERROR_JOB_NOT_FOUND, "List the jobs with `carousel job ls`.",
		"there is no job %.64s", request->id);
}

struct page {
	json_t *items;
	unsigned limit;
	int64_t last; /* the number of the last one that is on it */
	bool more;
};

static bool append_job(void *context, const struct library_job *job)
{
	struct page *page = context;
	page->more = json_array_size(page->items) == page->limit;
	if (page->more)
		return false;
	page->last = job->id;
	return !json_array_append_new(page->items, shape_job(job));
}

static void link_next(const struct page *page, const char *state, struct answer *answer)
{
	struct next_link link;
	next_link_begin(&link);
	next_link_segment(&link, "jobs");
	next_link_number(&link, "before", page->last);
	next_link_number(&link, "limit", page->limit);
	next_link_text(&link, "state", state);
	next_link_end(&link, answer);
}

static void answer_page(const struct page *page, const char *state, struct answer *answer)
{
	json_t *next = page->more ? json_integer(page->last) : json_null();
	answer_json(
		answer, MHD_HTTP_OK, json_pack("{s:o, s:o}", "items", page->items, "next", next));
	if (page->more)
		link_next(page, state, answer);
}

void get_jobs(struct request *request, struct answer *answer)
{
	static const char *const states[] = {
		"queued", "running", "succeeded", "failed", "cancelled", NULL};
	struct page page = {.items = json_array(), .limit = JOBS_DEFAULT};
	const char *state = NULL;
	int64_t before = 0;
	struct error error;
	if (request_query_number(request, "limit", 1, JOBS_MAX, &page.limit, &error) &&
		request_query_integer(request, "before", 1, INT64_MAX, &before, &error) &&
		request_query_word(request, "state", states, &state, &error) &&
		library_jobs(request->library, state, before, page.limit + 1, append_job, &page,
			&error)) {
		answer_page(&page, state, answer);
		return;
	}
	json_decref(page.items);
	request_problem(request, answer, &error);
}

void get_job(struct request *request, struct answer *answer)
{
	_cleanup_free_ struct library_job *job = malloc(sizeof *job);
	struct error error;
	int64_t id = 0;
	if (!job)
		error_set(&error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	if (!job || !read_job_id(request, &id, &error) ||
		!library_job_get(request->library, id, job, &error))
		request_problem(request, answer, &error);
	else if (job->ended || !prefer_await_job(request, id, answer))
		answer_json(answer, MHD_HTTP_OK, shape_job(job));
}

void delete_job(struct request *request, struct answer *answer)
{
	struct error error;
	int64_t id = 0;
	if (!read_job_id(request, &id, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_job_cancel(request->library, id, request->actor, operation_done, operation);
}

/* ---- beginning them ----------------------------------------------------------------------------
 */

static bool read_import(
	const struct request *request, struct library_import *ret, struct error *error)
{
	if (!json_body_read(request->body, import_fields, ret, error))
		return false;
	if (ret->path[0] != '/')
		return error_set(error, ERROR_INVALID, "Give the whole path, from /.",
			"\"%.200s\" is not an absolute path", ret->path);
	return true;
}

void post_import(struct request *request, struct answer *answer)
{
	struct library_import import = {0};
	struct error error;
	if (!read_import(request, &import, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_import(
			request->library, &import, request->actor, operation_done, operation);
}

void post_scan(struct request *request, struct answer *answer)
{
	struct scan scan = {0};
	struct error error;
	if (!json_body_read(request->body, scan_fields, &scan, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_scan(
			request->library, scan.pool, request->actor, operation_done, operation);
}

void post_verification(struct request *request, struct answer *answer)
{
	struct library_verify verify = {0};
	struct error error;
	if (!json_body_read(request->body, verify_fields, &verify, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_verify(
			request->library, &verify, request->actor, operation_done, operation);
}
