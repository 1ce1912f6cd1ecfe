/* SPDX-License-Identifier: Apache-2.0 */
#include "name_page.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "json_shapes.h"
#include "next_link.h"
#include "router.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

const char *const name_page_query[] = {"after", "limit", NULL};

bool name_page_read(const struct request *request, struct name_page *ret, struct error *error)
{
	const char *after = request_query(request, "after");
	*ret = (struct name_page){.limit = PAGE_DEFAULT, .after = after ? after : ""};
	if (!request_query_number(request, "limit", 1, PAGE_MAX, &ret->limit, error))
		return false;
	ret->items = json_array();
	return true;
}

bool name_page_has(struct name_page *page, const char *name)
{
	page->more = json_array_size(page->items) == page->limit;
	if (!page->more)
		snprintf(page->last, sizeof page->last, "%s", name);
	return !page->more;
}

/* The pattern of such a route is "/api/v1/drives". */
static void link_next(
	const struct name_page *page, const struct request *request, struct answer *answer)
{
	struct next_link link;
	next_link_begin(&link);
	next_link_segment(&link, strrchr(request->route->pattern, '/') + 1);
	next_link_text(&link, "after", page->last);
	next_link_number(&link, "limit", page->limit);
	next_link_end(&link, answer);
}

void name_page_answer(struct name_page *page, const struct request *request, struct answer *answer)
{
	json_t *next = page->more ? shape_text(page->last) : json_null();
	answer_json(
		answer, MHD_HTTP_OK, json_pack("{s:o, s:o}", "items", page->items, "next", next));
	if (page->more)
		link_next(page, request, answer);
}

void name_page_conclude(struct name_page *page, bool ok, const struct request *request,
	const struct error *error, struct answer *answer)
{
	if (ok) {
		name_page_answer(page, request, answer);
		return;
	}
	json_decref(page->items);
	request_problem(request, answer, error);
}
