/* SPDX-License-Identifier: Apache-2.0 */
/* Who is logged in, page by page in the order of logins. */
#include <microhttpd.h>
#include <stdio.h>

#include "json_shapes.h"
#include "next_link.h"
#include "router.h"
#include "routes.h"

enum {
	SESSIONS_DEFAULT = 100,
	SESSIONS_MAX = 1000,
};

struct page {
	const char *export; /* "": of all */
	int64_t after;
	unsigned limit;
};

static bool read_page(
	const struct request *request, const char *export, struct page *ret, struct error *error)
{
	*ret = (struct page){.export = export, .limit = SESSIONS_DEFAULT};
	return request_query_integer(request, "after", 0, INT64_MAX, &ret->after, error) &&
	       request_query_number(request, "limit", 1, SESSIONS_MAX, &ret->limit, error);
}

static void link_next(const struct page *page, int64_t last, struct answer *answer)
{
	struct next_link link;
	next_link_begin(&link);
	if (*page->export) {
		next_link_segment(&link, "exports");
		next_link_segment(&link, page->export);
	}
	next_link_segment(&link, "sessions");
	next_link_number(&link, "after", last);
	next_link_number(&link, "limit", page->limit);
	next_link_end(&link, answer);
}

static void answer_page(struct request *request, const struct page *page, struct answer *answer)
{
	json_t *items = json_array();
	struct library_session session;
	uint64_t last = (uint64_t)page->after;
	bool more = library_session_after(request->library, page->export, last, &session);
	while (more && json_array_size(items) < page->limit) {
		json_array_append_new(items, shape_session(&session));
		last = session.number;
		more = library_session_after(request->library, page->export, last, &session);
	}
	answer_json(answer, MHD_HTTP_OK,
		json_pack("{s:o, s:o}", "items", items, "next",
			more ? shape_number(last) : json_null()));
	if (more)
		link_next(page, (int64_t)last, answer);
}

void get_sessions(struct request *request, struct answer *answer)
{
	struct page page;
	struct error error;
	if (read_page(request, "", &page, &error))
		answer_page(request, &page, answer);
	else
		request_problem(request, answer, &error);
}

void get_export_sessions(struct request *request, struct answer *answer)
{
	struct library_export export;
	struct page page;
	struct error error;
	if (read_page(request, request->id, &page, &error) &&
		library_export_get(request->library, request->id, &export, &error))
		answer_page(request, &page, answer);
	else
		request_problem(request, answer, &error);
}
