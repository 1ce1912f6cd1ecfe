/* SPDX-License-Identifier: Apache-2.0 */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "body_fields.h"
#include "json_shapes.h"
#include "name_page.h"
#include "router.h"
#include "routes.h"

void get_exports(struct request *request, struct answer *answer)
{
	struct library_export export;
	struct name_page page;
	struct error error;
	if (!name_page_read(request, &page, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	bool more = library_export_after(request->library, page.after, &export);
	while (more && name_page_has(&page, export.name)) {
		json_array_append_new(page.items, shape_export(&export));
		more = library_export_after(request->library, page.last, &export);
	}
	name_page_answer(&page, request, answer);
}

void get_export(struct request *request, struct answer *answer)
{
	struct library_export export;
	struct error error;
	if (!library_export_get(request->library, request->id, &export, &error))
		request_problem(request, answer, &error);
	else
		answer_json(answer, MHD_HTTP_OK, shape_export(&export));
}

/* ---- changes ------------------------------------------------------------------------------- */

static bool judge_luns(const struct library_export_put *put, struct error *error)
{
	for (unsigned i = 0; i < put->lun_count; i++)
		for (unsigned j = 0; j < i; j++)
			if (put->luns[i].lun == put->luns[j].lun)
				return error_set(error, ERROR_INVALID, "Give each number once.",
					"member \"luns[%u].lun\" of the body is %u again", i,
					put->luns[i].lun);
	return true;
}

/* RFC 7143 12.1.3: a target proves itself only to an initiator that did. */
static bool judge_chap(const struct library_export_put *put, struct error *error)
{
	if (*put->mutual_user && !*put->chap_user)
		return error_set(error, ERROR_INVALID, "Add \"chap\", or leave it out.",
			"member \"mutual_chap\" of the body is of no use without \"chap\"");
	if (put->chap_secret && put->mutual_secret && !strcmp(put->chap_secret, put->mutual_secret))
		return error_set(error, ERROR_INVALID, "Choose another.",
			"member \"mutual_chap.secret\" of the body is the same as "
			"\"chap.secret\"");
	return true;
}

static bool read_put(
	const struct request *request, struct library_export_put *ret, struct error *error)
{
	return json_body_read(request->body, request->route->fields, ret, error) &&
	       judge_luns(ret, error) && judge_chap(ret, error);
}

/* `put` is zeroed but for its name, if that was in the path. */
static void change(struct request *request, struct library_export_put *put, bool must_be_new,
	struct answer *answer)
{
	struct error error;
	if (!read_put(request, put, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_export_put(request->library, put, must_be_new, request->actor,
			operation_done, operation);
}

void post_export(struct request *request, struct answer *answer)
{
	struct library_export_put put = {0};
	change(request, &put, true, answer);
}

void put_export(struct request *request, struct answer *answer)
{
	struct library_export_put put = {0};
	snprintf(put.name, sizeof put.name, "%s", request->id);
	change(request, &put, false, answer);
}

void delete_export(struct request *request, struct answer *answer)
{
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_export_remove(
			request->library, request->id, request->actor, operation_done, operation);
}
