/* SPDX-License-Identifier: Apache-2.0 */
/* carousel job ls, show, wait, cancel. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "human.h"
#include "job_details.h"
#include "jobs.h"
#include "table.h"

enum { JOBS_DEFAULT = 20 };

static void add_row(struct table *table, const json_t *job)
{
	char part[32] = "", subject[JOB_TEXT_MAX];
	long long total = number_of(job, "total");
	if (!strcmp(text_of(job, "state"), "running") && total)
		human_percent(number_of(job, "done"), total, part, sizeof part);
	table_addf(table, "%lld", number_of(job, "id"));
	table_add(table, text_of(job, "kind"));
	table_add(table, text_of(job, "state"));
	table_add(table, part);
	table_add(table, text_of(job, "created"));
	table_add(table, job_subject(job, subject));
	table_add(table, text_of(json_object_get(job, "error"), "detail"));
	table_add(table, text_of(job, "started"));
	table_add(table, text_of(job, "ended"));
	table_add(table, text_of(job, "actor"));
}

static void print_jobs(const struct cli *cli, const json_t *jobs)
{
	static const char *const headers[] = {">JOB", "KIND", "STATE", ">DONE", "!CREATED", "<OF",
		"ERROR", "+!STARTED", "+!ENDED", "+ASKED BY", NULL};
	struct table table;
	size_t i;
	json_t *job;
	table_init(&table, headers);
	json_array_foreach(jobs, i, job) add_row(&table, job);
	table_print(&table, cli);
	table_finish(&table);
}

enum exit_code run_job_list(struct cli *cli)
{
	char path[CLIENT_PATH_MAX];
	long long limit = JOBS_DEFAULT;
	json_t *page = NULL;
	if (!option_number(cli, OPTION_LIMIT, "limit", 1, 1000, &limit))
		return EXIT_USAGE;
	snprintf(path, sizeof path, "/api/v1/jobs?limit=%lld", limit);
	enum exit_code code = client_call(cli, "GET", path, NULL, &page);
	const json_t *jobs = json_object_get(page, "items");
	if (!code && cli->json)
		print_json(cli, jobs);
	else if (!code && json_array_size(jobs))
		print_jobs(cli, jobs);
	else if (!code)
		tell("There were no jobs yet.");
	json_decref(page);
	return code;
}

/* ---- one ---------------------------------------------------------------------------------------
 */

static enum exit_code call_job(const struct cli *cli, const char *method, json_t **ret)
{
	char path[CLIENT_PATH_MAX];
	if (!client_path(path, "/api/v1/jobs/", cli->arguments[0], ""))
		return EXIT_USAGE;
	return client_call(cli, method, path, NULL, ret);
}

enum exit_code run_job_show(struct cli *cli)
{
	json_t *job = NULL;
	enum exit_code code = call_job(cli, "GET", &job);
	if (!code && cli->json)
		print_json(cli, job);
	else if (!code)
		job_details_print(job);
	json_decref(job);
	return code;
}

enum exit_code run_job_wait(struct cli *cli)
{
	json_t *job = NULL;
	enum exit_code code = call_job(cli, "GET", &job);
	return code ? code : job_follow(cli, job);
}

enum exit_code run_job_cancel(struct cli *cli)
{
	json_t *job = NULL;
	enum exit_code code = call_job(cli, "DELETE", &job);
	if (!code && cli->json)
		print_json(cli, job);
	else if (!code)
		tell("job %lld ends soon; what it has done stays done", number_of(job, "id"));
	json_decref(job);
	return code;
}
