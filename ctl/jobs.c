/* SPDX-License-Identifier: Apache-2.0 */
#include "jobs.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "human.h"
#include "interrupt.h"
#include "job_details.h"
#include "patience.h"
#include "progress.h"
#include "util/deadline.h"

enum {
	LOOK_FIRST_MS = 50, /* a small file is imported by then */
	LOOK_MS = 500,
	AWAY_MS = 30000, /* that a daemon may take to be back, which goes on with its jobs */
};

static bool has_ended(const json_t *job)
{
	return *text_of(job, "ended");
}

static enum exit_code ask(
	const struct cli *cli, long long id, const struct patience *patience, json_t **ret)
{
	char path[CLIENT_PATH_MAX];
	struct failure failure;
	snprintf(path, sizeof path, "/api/v1/jobs/%lld", id);
	const struct timespec away = deadline_in_ms(AWAY_MS);
	enum exit_code code = client_try(cli, "GET", path, NULL, ret, &failure);
	while (code == EXIT_UNREACHABLE && !interrupted() && !patience_is_over(patience) &&
		!deadline_is_over(&away)) {
		pause_ms(LOOK_MS);
		code = client_try(cli, "GET", path, NULL, ret, &failure);
	}
	return code && !interrupted() ? failure_complain(code, &failure) : code;
}

/* *job is replaced by what it is now. */
static enum exit_code look(const struct cli *cli, const struct patience *patience, json_t **job)
{
	json_t *now = NULL;
	enum exit_code code = ask(cli, number_of(*job, "id"), patience, &now);
	if (code)
		return interrupted() ? EXIT_OK : code;
	json_decref(*job);
	*job = now;
	return EXIT_OK;
}

static enum exit_code wait_for_end(const struct cli *cli, json_t **job)
{
	struct progress progress;
	struct patience patience;
	enum exit_code code = EXIT_OK;
	patience_begin_long(&patience, cli);
	unsigned milliseconds = LOOK_FIRST_MS;
	progress_begin(
		&progress, strcmp(text_of(*job, "kind"), "scan") ? NULL : "files", cli->progress);
	while (!code && !has_ended(*job) && !interrupted() && !patience_is_over(&patience)) {
		pause_ms(milliseconds);
		milliseconds = milliseconds * 2 < LOOK_MS ? milliseconds * 2 : LOOK_MS;
		code = look(cli, &patience, job);
		progress_update(&progress, (uint64_t)number_of(*job, "done"),
			(uint64_t)number_of(*job, "total"));
	}
	progress_erase(&progress);
	return code;
}

/* ---- what came of it ---------------------------------------------------------------------------
 */

static void print_media(const json_t *result)
{
	size_t i;
	json_t *medium;
	json_array_foreach(json_object_get(result, "media"), i, medium)
	{
		const char *twin = text_of(medium, "duplicate_of");
		tell("%s: %s%s%s", is_set(medium, "new") ? "added" : "known", text_of(medium, "id"),
			*twin ? ", the same bytes as " : "", twin);
	}
}

static void print_counts(json_t *result)
{
	char words[JOB_TEXT_MAX];
	const char *name;
	json_t *value;
	json_object_foreach(result, name, value) if (json_is_integer(value))
		tell("%lld %s", json_integer_value(value), job_count_name(name, words));
}

static void print_problems(const json_t *result)
{
	char line[JOB_TEXT_MAX];
	size_t i;
	json_t *problem;
	json_array_foreach(json_object_get(result, "problems"), i, problem)
		complain(EXIT_FAILED, text_of(problem, "remedy"), "%s", job_refusal(problem, line));
}

/* Files that a scan came by and did not take: a pool may have others than images. */
static void print_refusals(const json_t *result)
{
	char line[JOB_TEXT_MAX];
	size_t i;
	json_t *refusal;
	json_array_foreach(json_object_get(result, "refusals"), i, refusal)
	{
		tell("refused: %s", job_refusal(refusal, line));
		tell("         %s", text_of(refusal, "remedy"));
	}
}

static enum exit_code report(const struct cli *cli, const json_t *job)
{
	json_t *result = json_object_get(job, "result");
	const json_t *error = json_object_get(job, "error");
	bool ok = !strcmp(text_of(job, "state"), "succeeded");
	if (cli->json) {
		print_json(cli, job);
		return ok ? EXIT_OK : EXIT_FAILED;
	}
	print_media(result);
	print_counts(result);
	print_refusals(result);
	print_problems(result);
	if (ok)
		return json_object_get(result, "problems") ? EXIT_FAILED : EXIT_OK;
	return complain(EXIT_FAILED, text_of(error, "remedy"), "job %lld %s: %s",
		number_of(job, "id"), text_of(job, "state"), text_of(error, "detail"));
}

static enum exit_code give_up(const struct cli *cli, const json_t *job)
{
	char remedy[64];
	snprintf(
		remedy, sizeof remedy, "It goes on: carousel job wait %lld.", number_of(job, "id"));
	return complain(EXIT_TIMEOUT, remedy, "job %lld has not ended within %ld s",
		number_of(job, "id"), cli->timeout_s);
}

/* It goes on without us. */
static enum exit_code leave(const struct cli *cli, const json_t *job)
{
	if (cli->json)
		print_json(cli, job);
	else
		tell("job %lld goes on: carousel job wait %lld", number_of(job, "id"),
			number_of(job, "id"));
	return EXIT_OK;
}

enum exit_code job_follow(const struct cli *cli, json_t *job)
{
	interrupt_catch();
	enum exit_code code = wait_for_end(cli, &job);
	if (!code && has_ended(job))
		code = report(cli, job);
	else if (!code)
		code = interrupted() ? leave(cli, job) : give_up(cli, job);
	json_decref(job);
	interrupt_end();
	return code;
}

enum exit_code job_await(const struct cli *cli, json_t *job)
{
	if (!(cli->options & OPTION_NO_WAIT))
		return job_follow(cli, job);
	enum exit_code code = leave(cli, job);
	json_decref(job);
	return code;
}

enum exit_code job_await_number(const struct cli *cli, long long id)
{
	struct patience patience;
	json_t *job = NULL;
	patience_begin_long(&patience, cli);
	enum exit_code code = ask(cli, id, &patience, &job);
	if (!code)
		return job_await(cli, job);
	if (!interrupted())
		return code;
	tell("job %lld goes on: carousel job wait %lld", id, id);
	return EXIT_OK;
}

enum exit_code job_run(const struct cli *cli, const char *path, const json_t *body)
{
	json_t *job = NULL;
	enum exit_code code = client_call(cli, "POST", path, body, &job);
	return code ? code : job_await(cli, job);
}
