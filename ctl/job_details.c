/* SPDX-License-Identifier: Apache-2.0 */
#include "job_details.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "human.h"

/* ---- words ------------------------------------------------------------------------------------
 */

const char *job_subject(const json_t *job, char ret[JOB_TEXT_MAX])
{
	static const char *const names[] = {"path", "medium", "pool", "name"};
	static const char *const lists[] = {"directories", "trees"};
	const json_t *parameters = json_object_get(job, "parameters"), *first = NULL;
	size_t count = 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (*text_of(parameters, names[i])) {
			snprintf(ret, JOB_TEXT_MAX, "%s", text_of(parameters, names[i]));
			return ret;
		}
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		const json_t *list = json_object_get(parameters, lists[i]);
		first = first ? first : json_array_get(list, 0);
		count += json_array_size(list);
	}
	*ret = '\0';
	if (json_is_string(first) && count > 1)
		snprintf(ret, JOB_TEXT_MAX, "%.400s and %zu more", json_string_value(first),
			count - 1);
	else if (json_is_string(first))
		snprintf(ret, JOB_TEXT_MAX, "%s", json_string_value(first));
	return ret;
}

const char *job_refusal(const json_t *problem, char ret[JOB_TEXT_MAX])
{
	const char *medium = text_of(problem, "medium"), *path = text_of(problem, "path");
	const char *what = *medium ? medium : path, *detail = text_of(problem, "detail");
	detail = *detail ? detail : text_of(problem, "code");
	bool is_said = !*what || strstr(detail, what);
	snprintf(ret, JOB_TEXT_MAX, "%.250s%s%.250s", is_said ? "" : what, is_said ? "" : ": ",
		detail);
	return ret;
}

const char *job_count_name(const char *member, char ret[JOB_TEXT_MAX])
{
	snprintf(ret, JOB_TEXT_MAX, "%s", member);
	for (char *at = ret; *at; at++)
		*at = *at == '_' ? ' ' : *at;
	return ret;
}

/* ---- how far it is ------------------------------------------------------------------------------
 */

static bool counts_files(const json_t *job)
{
	return !strcmp(text_of(job, "kind"), "scan");
}

static const char *amount(const json_t *job, const char *member, char *ret, size_t size)
{
	if (counts_files(job))
		snprintf(ret, size, "%lld", number_of(job, member));
	else
		human_size(number_of(job, member), ret, size);
	return ret;
}

static void add(char line[JOB_TEXT_MAX], const char *before, const char *text)
{
	size_t length = strlen(line);
	snprintf(line + length, JOB_TEXT_MAX - length, "%s%s", length ? before : "", text);
}

/* "37 %, 1.2 GB of 3.2 GB, 110 MB/s, 18 s left"; "120 files". */
static void print_progress(const json_t *job)
{
	char text[64], line[JOB_TEXT_MAX] = "";
	if (!number_of(job, "done"))
		return;
	if (number_of(job, "total"))
		add(line, "",
			human_percent(number_of(job, "done"), number_of(job, "total"), text,
				sizeof text));
	add(line, ", ", amount(job, "done", text, sizeof text));
	if (number_of(job, "total"))
		add(line, " of ", amount(job, "total", text, sizeof text));
	if (counts_files(job))
		add(line, " ", "files");
	else if (number_of(job, "rate")) {
		add(line, ", ", amount(job, "rate", text, sizeof text));
		add(line, "", "/s");
	}
	if (json_is_integer(json_object_get(job, "eta_s"))) {
		add(line, ", ", human_duration(number_of(job, "eta_s"), text, sizeof text));
		add(line, " ", "left");
	}
	print_field("done", line);
}

/* Seconds since the epoch of "2026-01-31T12:00:00Z"; -1. */
static time_t time_in(const json_t *job, const char *member)
{
	struct tm parts = {0};
	const char *end = strptime(text_of(job, member), "%Y-%m-%dT%H:%M:%SZ", &parts);
	return end && !*end ? timegm(&parts) : -1;
}

/* "2026-01-31T12:00:00Z, after 3 min 2 s". */
static void print_end(const json_t *job)
{
	char duration[64], line[JOB_TEXT_MAX];
	time_t started = time_in(job, "started"), ended = time_in(job, "ended");
	bool known = started >= 0 && ended >= started;
	if (known)
		human_duration(ended - started, duration, sizeof duration);
	snprintf(line, sizeof line, "%.64s%s%s", text_of(job, "ended"), known ? ", after " : "",
		known ? duration : "");
	print_field("ended", *text_of(job, "ended") ? line : "");
}

/* ---- what came of it ----------------------------------------------------------------------------
 */

/* "3 added, 2 refused, 40 unchanged". */
static void print_counts(json_t *result)
{
	char line[JOB_TEXT_MAX] = "", name[JOB_TEXT_MAX], count[64];
	const char *member;
	json_t *value;
	json_object_foreach(result, member, value)
	{
		if (!json_is_integer(value))
			continue;
		snprintf(count, sizeof count, "%lld %.32s", json_integer_value(value),
			job_count_name(member, name));
		add(line, ", ", count);
	}
	print_field("result", line);
}

static void print_media(const json_t *media)
{
	char line[JOB_TEXT_MAX];
	size_t i;
	json_t *medium;
	json_array_foreach(media, i, medium)
	{
		const char *twin = text_of(medium, "duplicate_of");
		snprintf(line, sizeof line, "%.200s, %s%s%.200s", text_of(medium, "id"),
			is_set(medium, "new") ? "added" : "known",
			*twin ? ", the same bytes as " : "", twin);
		print_field(i ? "" : "media", line);
	}
}

/* Each with what to do about it in a line of its own. */
static void print_refusals(const char *label, const json_t *refusals, long long all)
{
	char line[JOB_TEXT_MAX];
	size_t i, count = json_array_size(refusals);
	json_t *refusal;
	json_array_foreach(refusals, i, refusal)
	{
		print_field(i ? "" : label, job_refusal(refusal, line));
		snprintf(line, sizeof line, "  %.250s", text_of(refusal, "remedy"));
		print_field("", *text_of(refusal, "remedy") ? line : "");
	}
	snprintf(line, sizeof line, "and %lld more", all - (long long)count);
	print_field("", count && all > (long long)count ? line : "");
}

void job_details_print(const json_t *job)
{
	const json_t *error = json_object_get(job, "error");
	json_t *result = json_object_get(job, "result");
	char text[JOB_TEXT_MAX];
	snprintf(text, sizeof text, "%lld", number_of(job, "id"));
	print_field("job", text);
	print_field("kind", text_of(job, "kind"));
	print_field("state", text_of(job, "state"));
	print_field("of", job_subject(job, text));
	print_progress(job);
	print_field("asked by", text_of(job, "actor"));
	print_field("created", text_of(job, "created"));
	print_field("started", text_of(job, "started"));
	print_end(job);
	print_counts(result);
	print_media(json_object_get(result, "media"));
	print_refusals(
		"refused", json_object_get(result, "refusals"), number_of(result, "refused"));
	print_refusals(
		"problems", json_object_get(result, "problems"), number_of(result, "refused"));
	print_field("error", text_of(error, "detail"));
	print_field("remedy", text_of(error, "remedy"));
}
