/* SPDX-License-Identifier: Apache-2.0 */
#include <microhttpd.h>
#include <stdio.h>

#include "body_fields.h"
#include "json_shapes.h"
#include "name_page.h"
#include "router.h"
#include "routes.h"

enum { TRACE_DEFAULT = 50 };

void get_drives(struct request *request, struct answer *answer)
{
	struct library_drive drive;
	struct name_page page;
	struct error error;
	if (!name_page_read(request, &page, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	bool more = library_drive_after(request->library, page.after, &drive);
	while (more && name_page_has(&page, drive.name)) {
		json_array_append_new(page.items, shape_drive(&drive));
		more = library_drive_after(request->library, page.last, &drive);
	}
	name_page_answer(&page, request, answer);
}

void get_drive(struct request *request, struct answer *answer)
{
	struct library_drive drive;
	struct error error;
	if (!library_drive_get(request->library, request->id, &drive, &error))
		request_problem(request, answer, &error);
	else
		answer_json(answer, MHD_HTTP_OK, shape_drive(&drive));
}

static bool append_entry(void *items, const struct library_trace_entry *entry)
{
	return !json_array_append_new(items, shape_trace_entry(entry));
}

void get_trace(struct request *request, struct answer *answer)
{
	struct error error;
	unsigned limit = TRACE_DEFAULT;
	json_t *items = json_array();
	if (request_query_number(request, "limit", 1, LIBRARY_TRACE_MAX, &limit, &error) &&
		library_trace(request->library, request->id, request_query(request, "host"), limit,
			append_entry, items, &error)) {
		answer_json(answer, MHD_HTTP_OK, json_pack("{s:o}", "items", items));
		return;
	}
	json_decref(items);
	request_problem(request, answer, &error);
}

void post_drive(struct request *request, struct answer *answer)
{
	struct library_drive_add add = {.loopback = library_has_kernel_target(request->library)};
	struct error error;
	if (!json_body_read(request->body, drive_add_fields, &add, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_drive_add(
			request->library, &add, request->actor, operation_done, operation);
}

void delete_drive(struct request *request, struct answer *answer)
{
	struct error error;
	bool force;
	if (!request_query_bool(request, "force", &force, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_drive_remove(request->library, request->id, force, request->actor,
			operation_done, operation);
}

void put_drive_medium(struct request *request, struct answer *answer)
{
	struct library_load load = {0};
	struct error error;
	if (!json_body_read(request->body, load_fields, &load, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	snprintf(load.drive, sizeof load.drive, "%s", request->id);
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_load(request->library, &load, request->actor, operation_done, operation);
}

void delete_drive_medium(struct request *request, struct answer *answer)
{
	struct library_eject eject = {0};
	struct error error;
	if (!request_query_bool(request, "force", &eject.force, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	snprintf(eject.drive, sizeof eject.drive, "%s", request->id);
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_eject(request->library, &eject, request->actor, operation_done, operation);
}

void delete_drive_reservation(struct request *request, struct answer *answer)
{
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_release(
			request->library, request->id, request->actor, operation_done, operation);
}
