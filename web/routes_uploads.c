/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uploads: tus 1.0.0 with creation (also with a first piece, and of unknown length), termination,
 * checksum and expiration. What is wrong with a request is said before its body comes.
 */
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_shapes.h"
#include "router.h"
#include "routes.h"
#include "upload_headers.h"
#include "util/cleanup.h"

static json_t *shape_upload(const struct library_upload *upload)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
		upload->id, "name", shape_text(upload->name), "length",
		upload->length >= 0 ? json_integer(upload->length) : json_null(), "offset",
		shape_number(upload->offset), "receiving", upload->receiving, "metadata",
		shape_text(upload->metadata), "sha256", shape_optional(upload->sha256), "pool",
		shape_text(upload->pool), "actor", shape_text(upload->actor), "created",
		shape_moment(upload->created), "expires", shape_moment(upload->expires), "job",
		upload->job ? json_integer(upload->job) : json_null());
}

static void locate(struct answer *answer, const char *id)
{
	snprintf(answer->location, sizeof answer->location, "/api/v1/uploads/%s", id);
}

/* Who has missed the last answers learns what came of an upload that is not there any more. */
static bool name_job(const struct request *request, struct answer *answer)
{
	struct error ended;
	int64_t job = library_upload_job(request->library, request->id, &ended);
	if (!job)
		return false;
	request_problem(request, answer, &ended);
	upload_answer_version(answer);
	answer_header(answer, "Link", "</api/v1/jobs/%" PRId64 ">; rel=\"related\"", job);
	json_object_set_new(answer->body, "job", json_integer(job));
	return true;
}

/* With what the client needs in order to go on. */
static void refuse(const struct request *request, struct answer *answer, const struct error *error)
{
	struct library_upload upload;
	if (error->code == ERROR_UPLOAD_NOT_FOUND && name_job(request, answer))
		return;
	request_problem(request, answer, error);
	upload_answer_version(answer);
	if (error->code == ERROR_UPLOAD_VERSION)
		answer_header(answer, "Tus-Version", "%s", TUS_VERSION);
	else if (error->code != ERROR_UPLOAD_NOT_FOUND && *request->id &&
		 library_upload_get(request->library, request->id, &upload, NULL))
		answer_header(answer, "Upload-Offset", "%" PRIu64, upload.offset);
}

/* ---- looking ---------------------------------------------------------------------------------*/

void options_uploads(struct request *request, struct answer *answer)
{
	answer_no_content(answer);
	upload_answer_version(answer);
	answer_header(answer, "Tus-Version", "%s", TUS_VERSION);
	answer_header(answer, "Tus-Extension", "%s", TUS_EXTENSIONS);
	answer_header(answer, "Tus-Checksum-Algorithm", "%s", TUS_CHECKSUMS);
	answer_header(answer, "Tus-Max-Size", "%" PRIu64, library_upload_limit(request->library));
}

void get_uploads(struct request *request, struct answer *answer)
{
	_cleanup_free_ struct library_upload *upload = malloc(sizeof *upload);
	json_t *items = json_array();
	for (unsigned i = 0; upload && library_upload_at(request->library, i, upload); i++)
		json_array_append_new(items, shape_upload(upload));
	answer_json(answer, MHD_HTTP_OK, json_pack("{s:o}", "items", items));
}

/* HEAD is what tus asks with; GET is for people. */
void get_upload(struct request *request, struct answer *answer)
{
	struct library_upload upload;
	struct error error;
	if (!library_upload_get(request->library, request->id, &upload, &error)) {
		refuse(request, answer, &error);
		return;
	}
	answer_json(answer, MHD_HTTP_OK, shape_upload(&upload));
	upload_answer_version(answer);
	upload_answer_state(answer, &upload);
}

static bool is_there(const struct request *request, struct error *error)
{
	struct library_upload upload;
	return library_upload_get(request->library, request->id, &upload, error);
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static void begin_piece(
	struct request *request, const char *id, uint64_t offset, struct answer *answer)
{
	struct upload_checksums checksums;
	struct library_piece piece = {.offset = offset,
		.length = -1,
		.suspend = request->suspend,
		.resume = request->resume,
		.waiter = request->waiter};
	struct error error;
	struct library_upload_begin length = {.length = -1};
	bool says_length = *request->id && request->head->upload_length;
	if (upload_headers_piece(request->head, &piece, &checksums, &error) &&
		(!says_length || upload_headers_begin(request->head, &length, &error))) {
		piece.length = length.length;
		request->receiving = library_upload_receive(
			request->library, id, &piece, request->actor, &error);
	}
	if (!request->receiving)
		refuse(request, answer, &error);
}

static size_t take_piece(
	struct request *request, const char *data, size_t length, struct answer *answer)
{
	struct error error;
	size_t taken = library_upload_take(request->receiving, data, length);
	if (!library_upload_failed(request->receiving, &error))
		return taken;
	library_upload_abandon(request->receiving);
	request->receiving = NULL;
	refuse(request, answer, &error);
	return length;
}

static void drop_piece(struct request *request)
{
	library_upload_abandon(request->receiving);
	request->receiving = NULL;
}

static void end_piece(struct request *request, struct answer *answer)
{
	struct operation *operation = request_wait(request, answer);
	if (!operation)
		return; /* what came is kept when the connection goes */
	struct library_receiving *receiving = steal(request->receiving);
	library_upload_end(receiving, operation_done, operation);
}

/* ---- PATCH ----------------------------------------------------------------------------------- */

static void patch_begin(struct request *request, struct answer *answer)
{
	struct error error;
	uint64_t offset = 0;
	if (is_there(request, &error) && upload_headers_version(request->head, &error) &&
		upload_headers_type(request->head, &error) &&
		upload_headers_offset(request->head, &offset, &error))
		begin_piece(request, request->id, offset, answer);
	else
		refuse(request, answer, &error);
}

const struct body_receiver upload_piece = {patch_begin, NULL, take_piece, drop_piece};

void patch_upload(struct request *request, struct answer *answer)
{
	end_piece(request, answer);
}

/* 204, and where the job is, if there is one now. */
void conclude_upload_piece(
	struct request *request, const struct library_result *result, struct answer *answer)
{
	struct library_upload upload;
	if (!result->ok) {
		refuse(request, answer, &result->error);
		return;
	}
	answer_no_content(answer);
	upload_answer_version(answer);
	if (library_upload_get(request->library, request->id, &upload, NULL))
		upload_answer_state(answer, &upload);
	if (result->job)
		snprintf(answer->location, sizeof answer->location, "/api/v1/jobs/%" PRId64,
			result->job);
}

/* ---- POST ------------------------------------------------------------------------------------ */

/* Before there is an upload: nobody would go on with that of a request that was refused. */
static bool judge_first_piece(const struct head *head, int64_t length, struct error *error)
{
	struct upload_checksums checksums;
	struct library_piece piece = {.length = -1};
	if (!upload_headers_type(head, error) ||
		!upload_headers_piece(head, &piece, &checksums, error))
		return false;
	bool checked = piece.sha256 || piece.sha1;
	if ((length < 0 || piece.size <= length) &&
		(!checked || piece.size <= LIBRARY_UPLOAD_CHECKED_MAX))
		return true;
	return error_set(error, ERROR_TOO_LARGE, "Send less at once.",
		"the first piece is longer than the upload, or than one with a checksum may be");
}

static void post_begin(struct request *request, struct answer *answer)
{
	_cleanup_free_ struct library_upload_begin *begin = calloc(1, sizeof *begin);
	struct error error;
	if (!begin)
		error_set(&error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	if (!begin || !upload_headers_version(request->head, &error) ||
		!upload_headers_begin(request->head, begin, &error) ||
		(request->head->has_body &&
			!judge_first_piece(request->head, begin->length, &error)) ||
		!library_upload_check(request->library, begin, &error)) {
		refuse(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_upload_begin(
			request->library, begin, request->actor, operation_done, operation);
}

/* The upload is there, or is not: the first piece of it comes. */
static void begin_first_piece(struct request *request, struct answer *answer)
{
	struct operation *operation = request->operation;
	bool done = operation_outcome(operation) == OPERATION_DONE;
	const struct library_result *result = operation_result(operation);
	if (!done || !result->ok) {
		request_conclude(request, answer);
		return;
	}
	locate(answer, result->upload);
	begin_piece(request, result->upload, 0, answer);
	request->operation = NULL;
	operation_release(operation);
}

const struct body_receiver upload_creation = {
	post_begin, begin_first_piece, take_piece, drop_piece};

void post_upload(struct request *request, struct answer *answer)
{
	end_piece(request, answer);
}

void conclude_upload_creation(
	struct request *request, const struct library_result *result, struct answer *answer)
{
	struct library_upload upload;
	struct error error = result->error;
	if (!result->ok || !library_upload_get(request->library, result->upload, &upload, &error)) {
		refuse(request, answer, &error);
		return;
	}
	answer_json(answer, MHD_HTTP_CREATED, shape_upload(&upload));
	locate(answer, upload.id);
	upload_answer_version(answer);
	upload_answer_state(answer, &upload);
}

/* ---- DELETE ---------------------------------------------------------------------------------- */

void delete_upload(struct request *request, struct answer *answer)
{
	struct error error;
	if (!is_there(request, &error) || !upload_headers_version(request->head, &error)) {
		refuse(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_upload_remove(
			request->library, request->id, request->actor, operation_done, operation);
}
