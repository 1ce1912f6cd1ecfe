/* SPDX-License-Identifier: Apache-2.0 */
#include <microhttpd.h>
#include <stdio.h>

#include "body_fields.h"
#include "json_shapes.h"
#include "percent.h"
#include "router.h"
#include "routes.h"

enum {
	MEDIA_DEFAULT = 100,
	MEDIA_MAX = 1000,
};

static bool append_medium(void *items, const struct library_medium *medium)
{
	return !json_array_append_new(items, shape_medium(medium));
}

/* RFC 8288: the address of the next page. */
static void link_next(
	const char *next, const struct library_media_query *query, struct answer *answer)
{
	char after[3 * LIBRARY_ID_MAX], filter[3 * LIBRARY_TEXT_MAX];
	percent_encode(next, after, sizeof after);
	percent_encode(query->match ? query->match : "", filter, sizeof filter);
	snprintf(answer->link, sizeof answer->link,
		"</api/v1/media?after=%s&limit=%u%s%s%s%s>; rel=\"next\"", after, query->limit,
		query->match ? "&match=" : "", filter, query->kind ? "&kind=" : "",
		query->kind ? query->kind : "");
}

static void answer_page(json_t *items, const char *next, uint64_t total, struct answer *answer)
{
	json_t *page = json_pack("{s:o, s:o, s:I}", "items", items, "next",
		*next ? shape_text(next) : json_null(), "total", (json_int_t)total);
	answer_json(answer, MHD_HTTP_OK, page);
}

void get_media(struct request *request, struct answer *answer)
{
	struct library_media_query query = {.after = request_query(request, "after"),
		.match = request_query(request, "match"),
		.limit = MEDIA_DEFAULT};
	static const char *const kinds[] = {"disc", "tape", NULL};
	char next[LIBRARY_ID_MAX] = "";
	uint64_t total = 0;
	struct error error;
	json_t *items = json_array();
	if (!request_query_number(request, "limit", 1, MEDIA_MAX, &query.limit, &error) ||
		!request_query_word(request, "kind", kinds, &query.kind, &error) ||
		!library_media_page(
			request->library, &query, append_medium, items, next, &total, &error)) {
		json_decref(items);
		request_problem(request, answer, &error);
		return;
	}
	answer_page(items, next, total, answer);
	if (*next)
		link_next(next, &query, answer);
}

void get_medium(struct request *request, struct answer *answer)
{
	struct library_medium medium;
	struct error error;
	if (!library_medium_get(request->library, request->id, &medium, &error))
		request_problem(request, answer, &error);
	else
		answer_json(answer, MHD_HTTP_OK, shape_medium(&medium));
}

static bool read_media_add(
	const struct request *request, struct library_media_add *ret, struct error *error)
{
	if (!json_body_read(request->body, media_add_fields, ret, error))
		return false;
	if (ret->path[0] != '/')
		return error_set(error, ERROR_INVALID, "Give the whole path, from /.",
			"\"%.200s\" is not an absolute path", ret->path);
	return true;
}

void post_medium(struct request *request, struct answer *answer)
{
	struct library_media_add add = {0};
	struct error error;
	if (!read_media_add(request, &add, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_media_add(
			request->library, &add, request->actor, operation_done, operation);
}

void put_profile(struct request *request, struct answer *answer)
{
	struct media_profile wanted = {0};
	struct error error;
	if (!json_body_read(request->body, media_profile_fields, &wanted, &error)) {
		request_problem(request, answer, &error);
		return;
	}
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_media_set_profile(request->library, request->id, wanted.profile,
			request->actor, operation_done, operation);
}

void delete_medium(struct request *request, struct answer *answer)
{
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_media_remove(
			request->library, request->id, request->actor, operation_done, operation);
}
