/* SPDX-License-Identifier: Apache-2.0 */
/* Who may come in over the network. */
#include <microhttpd.h>
#include <string.h>

#include "body_fields.h"
#include "json_shapes.h"
#include "name_page.h"
#include "routes.h"

json_t *shape_token(const struct library_token *token)
{
	json_t *shape = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name", shape_text(token->name),
		"scope", shape_text(token->scope), "created", shape_moment(token->created),
		"created_by", shape_text(token->created_by), "expires",
		shape_moment(token->expires), "last_used", shape_moment(token->last_used));
	if (shape && token->text[0])
		json_object_set_new(shape, "token", json_string(token->text));
	return shape;
}

static bool append_token(void *context, const struct library_token *token)
{
	struct name_page *page = context;
	return name_page_has(page, token->name) &&
	       !json_array_append_new(page->items, shape_token(token));
}

void get_tokens(struct request *request, struct answer *answer)
{
	struct name_page page;
	struct error error;
	bool ok = name_page_read(request, &page, &error) &&
		  library_tokens(request->library, page.after, append_token, &page, &error);
	name_page_conclude(&page, ok, request, &error, answer);
}

void get_token(struct request *request, struct answer *answer)
{
	struct library_token token;
	struct error error;
	if (library_token_get(request->library, request->id, &token, &error))
		answer_json(answer, MHD_HTTP_OK, shape_token(&token));
	else
		request_problem(request, answer, &error);
}

void post_token(struct request *request, struct answer *answer)
{
	struct library_token_create create = {0};
	struct error error;
	if (!json_body_read(request->body, token_fields, &create, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_token_create(
			request->library, &create, request->actor, operation_done, operation);
}

void delete_token(struct request *request, struct answer *answer)
{
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_token_remove(
			request->library, request->id, request->actor, operation_done, operation);
}
