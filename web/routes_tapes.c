/* SPDX-License-Identifier: Apache-2.0 */
#include "body_fields.h"
#include "router.h"
#include "routes.h"

void post_tapes(struct request *request, struct answer *answer)
{
	struct library_tape_create create = {.count = 1};
	struct error error;
	if (!json_body_read(request->body, tape_create_fields, &create, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_tape_create(
			request->library, &create, request->actor, operation_done, operation);
}

void put_write_protection(struct request *request, struct answer *answer)
{
	struct tape_protect protect = {0};
	struct error error;
	if (!json_body_read(request->body, tape_protect_fields, &protect, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_tape_protect(request->library, request->id, protect.write_protected,
			request->actor, operation_done, operation);
}
