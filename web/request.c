/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <fcntl.h>
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content.h"
#include "daemon/jobs.h"
#include "daemon/tokens.h"
#include "download.h"
#include "json_shapes.h"
#include "percent.h"
#include "prefer.h"
#include "router.h"
#include "util/cleanup.h"

const char *scope_text(enum scope scope)
{
	static const char *const texts[] = {"public", "read", "load", "admin"};
	return texts[scope];
}

const char *request_query(const struct request *request, const char *name)
{
	for (unsigned i = 0; i < request->query_count; i++)
		if (!strcmp(request->query[i].name, name))
			return request->query[i].value;
	return NULL;
}

bool request_query_bool(
	const struct request *request, const char *name, bool *ret, struct error *error)
{
	const char *value = request_query(request, name);
	if (value && strcmp(value, "true") && strcmp(value, "false"))
		return error_set(error, ERROR_INVALID, "Use true or false.",
			"parameter %s is neither true nor false", name);
	*ret = value && !strcmp(value, "true");
	return true;
}

bool request_query_integer(const struct request *request, const char *name, int64_t low,
	int64_t high, int64_t *ret, struct error *error)
{
	const char *value = request_query(request, name);
	char *end, remedy[96];
	if (!value)
		return true;
	errno = 0;
	long long number = strtoll(value, &end, 10);
	if (!errno && *value >= '0' && *value <= '9' && !*end && number >= low && number <= high) {
		*ret = number;
		return true;
	}
	snprintf(remedy, sizeof remedy, "Use a number from %" PRId64 " to %" PRId64 ".", low, high);
	return error_set(error, ERROR_INVALID, remedy, "parameter %s is out of range", name);
}

bool request_query_number(const struct request *request, const char *name, unsigned low,
	unsigned high, unsigned *ret, struct error *error)
{
	int64_t number = *ret;
	if (!request_query_integer(request, name, low, high, &number, error))
		return false;
	*ret = (unsigned)number;
	return true;
}

/* "disc or tape". */
static void list_words(const char *const *words, char *ret, size_t size)
{
	size_t length = 0;
	for (size_t i = 0; words[i] && length < size; i++)
		length += (size_t)snprintf(ret + length, size - length, "%s%s",
			!i             ? ""
			: words[i + 1] ? ", "
				       : " or ",
			words[i]);
}

bool request_query_word(const struct request *request, const char *name, const char *const *words,
	const char **ret, struct error *error)
{
	char known[96], remedy[128];
	*ret = request_query(request, name);
	for (size_t i = 0; *ret && words[i]; i++)
		if (!strcmp(*ret, words[i]))
			return true;
	if (!*ret)
		return true;
	list_words(words, known, sizeof known);
	snprintf(remedy, sizeof remedy, "Use %s.", known);
	return error_set(
		error, ERROR_INVALID, remedy, "parameter %s cannot be \"%.64s\"", name, *ret);
}

void request_problem(
	const struct request *request, struct answer *answer, const struct error *error)
{
	answer_problem(answer, error, request->path);
}

static void answer_stopping(const struct request *request, struct answer *answer, const char *what)
{
	struct error error;
	error_set(&error, ERROR_STOPPING, "Ask again when the daemon is back.", "%s", what);
	request_problem(request, answer, &error);
}

struct operation *request_wait(struct request *request, struct answer *answer)
{
	request->operation =
		operation_begin(request->lot, request->suspend, request->resume, request->waiter);
	if (!request->operation)
		answer_stopping(request, answer, "the daemon is stopping; nothing was done");
	return request->operation;
}

/* The path of what an operation created, if that has one. */
static void locate(const struct library_result *result, struct answer *answer)
{
	char id[3 * LIBRARY_ID_MAX];
	const char *name = result->has_drive    ? result->drive.name
			   : result->has_medium ? result->medium.id
			   : result->export     ? result->export->name
			   : result->token      ? result->token->name
						: NULL;
	if (!name)
		return;
	percent_encode(name, id, sizeof id);
	snprintf(answer->location, sizeof answer->location, "/api/v1/%s/%s",
		result->has_drive    ? "drives"
		: result->has_medium ? "media"
		: result->token      ? "tokens"
				     : "exports",
		id);
}

/* What was begun is not done yet (RFC 9110 15.3.3), unless its end was waited for. */
static void answer_job(const struct request *request, int64_t id, struct answer *answer)
{
	_cleanup_free_ struct library_job *job = malloc(sizeof *job);
	struct error error;
	if (!job)
		error_set(&error, ERROR_NO_MEMORY, "Look at it later.", "out of memory");
	if (!job || !library_job_get(request->library, id, job, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	bool done = request->awaited && (job->ended || !strcmp(request->route->method, "GET"));
	answer_json(answer, done ? MHD_HTTP_OK : MHD_HTTP_ACCEPTED, shape_job(job));
	prefer_applied(request, answer);
	if (!done)
		snprintf(answer->location, sizeof answer->location, "/api/v1/jobs/%lld",
			(long long)id);
}

/* It is sent as it is. */
static void answer_with_file(
	struct request *request, const struct library_file *file, struct answer *answer)
{
	struct error error;
	struct download all = {.fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0), .length = file->length};
	if (all.fd < 0) {
		error_set(&error, ERROR_NO_MEMORY, "Try again later.", "too many files are open");
		request_problem(request, answer, &error);
		return;
	}
	file_io_posix.identify(&file_io_posix, all.fd, &all.identity);
	answer_download(request, answer, MHD_HTTP_OK, "application/vnd.sqlite3", &all);
	answer_header(answer, "Content-Disposition", "attachment; filename=\"carousel.db\"");
}

static void conclude_done(struct request *request, struct answer *answer)
{
	const struct library_result *result = operation_result(request->operation);
	if (request->route->conclude) {
		request->route->conclude(request, result, answer);
		return;
	}
	if (!result->ok) {
		request_problem(request, answer, &result->error);
		return;
	}
	if (result->content) {
		answer_content(request, result->content, answer);
		return;
	}
	if (result->job) {
		if (!prefer_await_job(request, result->job, answer))
			answer_job(request, result->job, answer);
		return;
	}
	if (result->file) {
		answer_with_file(request, result->file, answer);
		return;
	}
	if (request->route->silent) {
		answer_no_content(answer);
		return;
	}
	answer_json(answer, result->created ? MHD_HTTP_CREATED : MHD_HTTP_OK, shape_result(result));
	if (result->has_medium && !result->has_drive)
		snprintf(answer->etag, sizeof answer->etag, "\"%lld\"",
			(long long)result->medium.version);
	if (result->created)
		locate(result, answer);
}

void request_conclude(struct request *request, struct answer *answer)
{
	if (operation_outcome(request->operation) == OPERATION_DONE)
		conclude_done(request, answer);
	else
		answer_stopping(
			request, answer, "the daemon is stopping while the request is under way");
}
